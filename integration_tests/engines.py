"""The dbt engines that tests run on: the one of ``.venv``, dbt 2, and others by name.

``AEGIS_TEST_ENGINES=dbt110,dbt111`` adds environments that ``make dbt110-env dbt111-env`` has made.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tools import environments


@dataclass(frozen=True)
class Engine:
    """A dbt executable and the variables that its processes need on top of the caller's."""

    name: str
    executable: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def is_dbt2(self) -> bool:
        return self.name == "dbt2"

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment for a subprocess."""
        return {**os.environ, **self.variables}


def dbt1() -> Engine:
    return Engine("dbt1", Path(sys.prefix, "bin", "dbt"))


def of_environment(name: str) -> Engine:
    return Engine(name, environments.executable(name), environments.variables(name))


def engines() -> list[Any]:
    """For ``@pytest.mark.parametrize("engine", engines())``. dbt 2 carries the mark ``dbt2``."""
    others = filter(None, os.environ.get("AEGIS_TEST_ENGINES", "").split(","))
    return [
        pytest.param(dbt1(), id="dbt1"),
        pytest.param(of_environment("dbt2"), id="dbt2", marks=pytest.mark.dbt2),
        *(pytest.param(of_environment(name), id=name) for name in others),
    ]
