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


def engines(*, long: str | None = None) -> list[Any]:
    """For ``@pytest.mark.parametrize("engine", engines())``. dbt 2 carries the mark ``dbt2``; ``long`` names one that
    is left to the long tests, where the other is enough for every day."""
    others = filter(None, os.environ.get("AEGIS_TEST_ENGINES", "").split(","))
    found = [
        ("dbt1", dbt1(), []),
        ("dbt2", of_environment("dbt2"), [pytest.mark.dbt2]),
        *((name, of_environment(name), []) for name in others),
    ]
    return [
        pytest.param(engine, id=name, marks=[*marks, *([pytest.mark.long] if name == long else [])])
        for name, engine, marks in found
    ]
