from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.unit.ui.support import a_trail, served


@pytest.fixture(scope="session")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_trail(tmp_path_factory.mktemp("ui") / "history.db")


@pytest.fixture(scope="session")
def site(trail: Path) -> Iterator[httpx.Client]:
    with served(trail) as client:
        yield client
