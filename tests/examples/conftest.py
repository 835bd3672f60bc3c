"""`make demo` in a copy of the example, once for each engine, whatever the number of worker processes."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from integration_tests.engines import Engine

ROOT = Path(__file__).parents[2]
FLIGHTS = ROOT / "examples" / "flights"
MADE = shutil.ignore_patterns(
    "*.duckdb*", "target", "logs", "dbt_*s", "aegis_package", "audit.db*", "*.json", "*-lock.yml"
)


@dataclass(frozen=True)
class Demo:
    """What a run of the demo left behind."""

    folder: Path
    exit_code: int
    output: str
    errors: str

    @property
    def home(self) -> Path:
        return self.folder.parent / "home"

    def rules(self, report: str) -> dict[str, dict[str, Any]]:
        """By rule id, the results of a report."""
        results = json.loads((self.folder / report).read_text(encoding="utf-8"))["results"]
        return {result["rule_id"]: result for result in results if result["kind"] == "rule"}


@pytest.fixture(scope="session")
def demos(tmp_path_factory: pytest.TempPathFactory) -> DemoRunner:
    return DemoRunner(tmp_path_factory.getbasetemp())


class DemoRunner:
    def __init__(self, base: Path) -> None:
        # With xdist each worker has a folder of its own, in one that all share.
        self.shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base

    def run(self, engine: Engine) -> Demo:
        """The demo on this engine, run now if no process of this test session has run it."""
        folder = self.shared / f"demo-{engine.name}" / "flights"
        told = folder.parent / "told.json"
        with (self.shared / f"demo-{engine.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not told.exists():
                told.write_text(json.dumps(run_demo(engine, folder)), encoding="utf-8")
        return Demo(folder, **json.loads(told.read_text(encoding="utf-8")))


def run_demo(engine: Engine, folder: Path) -> dict[str, Any]:
    sys.path.insert(0, str(FLIGHTS))
    import get_data  # type: ignore[import-not-found]

    get_data.fetch()
    shutil.copytree(FLIGHTS, folder, ignore=MADE)
    (folder / ".data" / "loaded").unlink(missing_ok=True)
    home = folder.parent / "home"
    home.mkdir()
    environment = {
        **engine.environment,
        "AEGIS_DBT": str(engine.executable),
        "HOME": str(home),
        # In a copy, `tools` does not stand two folders above.
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "aegis_runner"))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "COLUMNS": "100",
        "LINES": "40",
    }
    if engine.name == "dbt1":
        # A parse of half a minute, on a busy machine, makes dbt 1.12 note in the home folder that it gave advice.
        environment["DBT_ENGINE_HINTS_ENABLED"] = "false"
    done = subprocess.run(
        [sys.executable, "demo.py"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return {"exit_code": done.returncode, "output": done.stdout, "errors": done.stderr}
