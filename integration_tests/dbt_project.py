"""A dbt project that installs the package as users do, and what came out of running it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from integration_tests.engines import Engine
from integration_tests.warehouses import Warehouse

PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Run:
    """One invocation of dbt: its exit code, what it printed, and its artifacts."""

    code: int
    output: str
    results: list[dict[str, Any]]

    def of(self, node: str) -> dict[str, Any]:
        """The result of the node whose unique id ends in this name, or in this name and a hash."""
        found = [r for r in self.results if node in (part := r["unique_id"].split("."))[-1:] or node in part[-2:-1]]
        assert len(found) == 1, f"{len(found)} results for {node}:\n{self.output}"
        return found[0]


@dataclass(frozen=True)
class Project:
    """A project folder for one engine and one warehouse."""

    folder: Path
    engine: Engine
    warehouse: Warehouse

    def write(self, name: str, content: str | Mapping[str, Any]) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        path.write_text(text, encoding="utf-8")

    def start(self, **settings: Any) -> Project:
        """Write the project and its profile, and install the package."""
        self.write(
            "dbt_project.yml",
            {
                "name": "proof",
                "version": "1.0.0",
                "profile": "proof",
                "flags": {"send_anonymous_usage_stats": False},
                **settings,
            },
        )
        self.write("profiles.yml", {"proof": {"target": "dev", "outputs": {"dev": self.warehouse.output()}}})
        self.write("packages.yml", {"packages": [{"local": os.path.relpath(PACKAGE, self.folder)}]})
        installed = self.run("deps")
        assert installed.code == 0, installed.output
        return self

    def run(self, *arguments: str, timeout: int = 280) -> Run:
        """Run dbt and read what it left in ``target/``. A failed test is no error here."""
        results = self.folder / "target" / "run_results.json"
        results.unlink(missing_ok=True)
        done = subprocess.run(
            [self.engine.executable, *arguments],
            cwd=self.folder,
            env=self.engine.environment | {"DBT_PROFILES_DIR": str(self.folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        found = json.loads(results.read_text(encoding="utf-8"))["results"] if results.exists() else []
        return Run(done.returncode, done.stdout, found)

    def stored(self, result: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows that a suite stored."""
        return self.warehouse.query(f"select * from {result['relation_name']}")
