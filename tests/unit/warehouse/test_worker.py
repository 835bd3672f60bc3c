"""Work in a thread that can be left behind."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from aegis.errors import WarehouseError
from aegis.warehouse.dbt_adapter import DbtAdapter
from aegis.warehouse.worker import Late, Worker


def test_work_gives_its_value_or_its_error_in_one_thread() -> None:
    worker = Worker("w")
    names = [worker.do(lambda: threading.current_thread().name, seconds=5) for _ in range(2)]
    assert names == ["w", "w"]
    with pytest.raises(ZeroDivisionError):
        worker.do(lambda: 1 / 0, seconds=5)
    worker.end()


def test_what_takes_too_long_is_left_behind() -> None:
    release = threading.Event()
    with pytest.raises(Late):
        Worker("w").do(release.wait, seconds=0.05)
    release.set()


def test_a_process_ends_though_its_driver_never_does() -> None:
    program = (
        "import sys, threading, time; from aegis.cli.main import command\n"
        "from aegis.warehouse.worker import Late, Worker\n"
        "threading.Thread(target=time.sleep, args=(600,)).start()\n"
        "def main():\n"
        "    try: Worker('w').do(time.sleep, 600, seconds=0.05)\n"
        "    except Late: raise SystemExit(3)\n"
        "sys.modules['aegis.cli.main'].main = main; command()"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60, check=False).returncode == 3


class Deaf(DbtAdapter):
    def _make_adapter(self) -> object:
        threading.Event().wait(30)
        return None


class Broken(DbtAdapter):
    def _make_adapter(self) -> object:
        raise FileNotFoundError(2, "No such file or directory", "/nowhere.json")


def test_a_warehouse_that_does_not_answer_is_waited_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aegis.warehouse.dbt_adapter._GRACE", 0.0)
    warehouse = Deaf("databricks", tmp_path, tmp_path, "dev", timeout=0.1)
    for _ in range(50):
        with pytest.raises(WarehouseError, match=r"did not answer within 0\.1 s"):
            warehouse.execute_sample("select 1 as one", 1)
    warehouse.close()


def test_whatever_a_driver_raises_is_an_error_of_the_warehouse(tmp_path: Path) -> None:
    warehouse = Broken("bigquery", tmp_path, tmp_path, "dev")
    for _ in range(2):
        with pytest.raises(WarehouseError, match=r"cannot be reached: .*/nowhere\.json"):
            warehouse.connect()
    warehouse.close()
