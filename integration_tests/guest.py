"""A guest: a dbt project as somebody may have it (``guests/``), built before and after Aegis is installed in it.

A guest is a folder of ``guests/``; its dbt project is where ``expected.yml`` stands, which says what `aegis run` must
find, and how often the project is built (``builds``). ``setup.sql`` is what lies in its warehouse beforehand.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from integration_tests.command import Done, aegis, make_database
from integration_tests.engines import Engine

GUESTS = Path(__file__).parent / "guests"
DATABASE = "guest.duckdb"
PATIENCE = 600
"""Seconds for one command; a build of dbt 1 takes minutes on a machine that has much else to do."""

Outcome = tuple[str, int | None, str | None]
"""dbt's status of a node, its failures and its message."""


def names() -> list[str]:
    return sorted(path.name for path in GUESTS.iterdir() if path.is_dir())


@dataclass(frozen=True)
class Guest:
    """A copy of a guest for one engine. ``folder`` is its dbt project."""

    folder: Path
    engine: Engine

    @classmethod
    def copied(cls, name: str, place: Path, engine: Engine) -> Guest:
        shutil.copytree(GUESTS / name, place / name)
        (expected,) = (place / name).rglob("expected.yml")
        return cls(expected.parent, engine)

    @cached_property
    def expected(self) -> dict[str, Any]:
        read: dict[str, Any] = yaml.safe_load((self.folder / "expected.yml").read_text(encoding="utf-8"))
        return read

    @cached_property
    def settings(self) -> dict[str, Any]:
        read: dict[str, Any] = yaml.safe_load((self.folder / "dbt_project.yml").read_text(encoding="utf-8"))
        return read

    @property
    def target(self) -> Path:
        return self.folder / str(self.settings.get("target-path", "target"))

    def dbt(self, *words: str, may_fail: bool = False) -> str:
        """Run dbt; what it printed."""
        done = subprocess.run(
            [self.engine.executable, *words],
            cwd=self.folder,
            env=self.engine.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert may_fail or done.returncode == 0, done.stdout
        return done.stdout

    def build(self) -> dict[str, Outcome]:
        """What `dbt build` says about every node, from the same warehouse each time it is asked."""
        self._prepare(self.expected.get("builds", 1) - 1)
        return self._outcomes(self.dbt("build", may_fail=True))

    def run(self) -> tuple[dict[str, Outcome], Done]:
        """The same of `aegis run`, whose build is `dbt build`; and what it printed."""
        self._prepare(self.expected.get("builds", 1) - 1)
        done = self.aegis("run", "--json")
        return self._outcomes(done.said), done

    def _prepare(self, builds: int) -> None:
        for left in (DATABASE, f"{DATABASE}.wal"):
            (self.folder / left).unlink(missing_ok=True)
        make_database(self.folder / DATABASE, (self.folder / "setup.sql").read_text(encoding="utf-8"))
        for _ in range(builds):
            self.dbt("build", may_fail=True)
        (self.target / "run_results.json").unlink(missing_ok=True)

    def _outcomes(self, printed: str) -> dict[str, Outcome]:
        results = self.target / "run_results.json"
        assert results.is_file(), printed
        found = json.loads(results.read_text(encoding="utf-8"))["results"]
        return {one["unique_id"]: (one["status"], one.get("failures"), _plain(one.get("message"))) for one in found}

    def install(self) -> None:
        """As the documentation says."""
        done = self.aegis("init")
        assert done.code == 0, done.said
        self.dbt("deps")
        compiled = self.aegis("compile")
        assert compiled.code == 0, compiled.said

    def aegis(self, *words: str) -> Done:
        return aegis(*words, cwd=self.folder, engine=self.engine, timeout=PATIENCE)

    def is_ours(self, unique_id: str) -> bool:
        """Whether a node came with Aegis: a suite, or what the package does at the end of a run."""
        return unique_id.startswith((f"test.{self.settings['name']}.aegis_", "operation.aegis."))


def _plain(message: str | None) -> str | None:
    """A message without what differs from run to run: colour, seconds, addresses in memory."""
    return re.sub(r"\x1b\[[0-9;]*m|\b\d+\.\d+ ?s\b|0x[0-9a-f]+", "", message) if message else message
