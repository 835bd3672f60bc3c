from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from aegis.audit import AuditTrail


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "history.db"


@pytest.fixture
def trail(path: Path) -> Iterator[AuditTrail]:
    with AuditTrail.open(path) as opened:
        yield opened


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can reach, which pytest's own is not."""
    folder = Path(tempfile.mkdtemp(prefix="aegis-audit-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)
