"""Who holds a DuckDB file, as the operating system tells it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from aegis.errors import WarehouseError
from aegis.warehouse.duckdb_lock import holder, wait_until_free

HOLD = (
    "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == 'r'); print(1, flush=True); input()"
)

pytestmark = pytest.mark.skipif(not Path("/proc/locks").exists(), reason="only Linux lists all locks")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    import duckdb

    duckdb.connect(str(tmp_path / "x.duckdb")).close()
    return tmp_path / "x.duckdb"


@pytest.mark.parametrize("mode", ["r", "w"])
def test_readers_and_writers_of_other_processes_hold_it(path: Path, mode: str) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", HOLD, path, mode], stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None and process.stdout.readline()
        assert holder(path) == process.pid
        with pytest.raises(WarehouseError, match=rf"in use by another process \(pid {process.pid}, python"):
            wait_until_free(path, 0.1)
        process.kill()
        process.wait()
        time.sleep(0.05)
        assert holder(path) is None
    wait_until_free(path, 0)


def test_a_file_that_is_not_there_is_held_by_nobody(tmp_path: Path) -> None:
    assert holder(tmp_path / "none.duckdb") is None
