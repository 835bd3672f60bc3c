"""A project built once in health, and broken again and again."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from aegis.analysis.options import AnalyzeOptions
from aegis.app.analyze import analyze
from aegis.connection.project import ProjectOptions
from aegis.domain.report import Report
from faultlab.generated import Lab, Model
from faultlab.tests import candidates, tested_nodes
from integration_tests.command import quickest
from integration_tests.engines import Engine

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Fault:
    """What was done: to which node, of what kind. ``sql`` is the model's new SQL, or the statement that harms a source;
    a fault of kind ``none`` does nothing."""

    kind: str
    node: str
    sql: str
    on_source: bool


class Bench:
    """One project in one folder. ``state`` is the target folder of the healthy run."""

    def __init__(self, lab: Lab, folder: Path, tests: str, seed: int, engine: Engine | None = None) -> None:
        self.lab = lab
        self.folder = folder
        self.engine = engine or quickest()
        self.state = folder / "state"
        self._healthy = folder / "healthy.duckdb"
        self._chance = random.Random(seed)
        self._make(tests)

    @property
    def database(self) -> Path:
        return self.folder / "lab.duckdb"

    def faults(self) -> list[Fault]:
        """Every fault that this project can have."""
        found = [
            Fault(kind, source.name, sql.format(t=f"raw.{source.name}"), on_source=True)
            for source in self.lab.sources
            for kind, sql in self.lab.source_faults.get(source.name, {}).items()
        ]
        found += [Fault(kind, m.name, sql, on_source=False) for m in self.lab.models for kind, sql in m.faults.items()]
        return found

    def run(self, faults: list[Fault], decoys: int, with_state: bool, audit_db: Path | None = None) -> Report:
        """The report on the project with these faults, and with models changed that make no difference; in the audit
        trail only if one is given."""
        shutil.copyfile(self._healthy, self.database)
        changed: dict[str, str] = {}
        broken = {fault.node for fault in faults}
        for model in self._chance.sample(list(self.lab.models), decoys):
            if model.name not in broken:
                changed[model.name] = f"select * from (\n{model.sql}\n) as same where 1 = 1"
        for fault in faults:
            if fault.on_source:
                self._execute(fault.sql)
            elif fault.sql:
                changed[fault.node] = fault.sql
        try:
            for name, sql in changed.items():
                self._write(name, sql)
            self._dbt("build")
            options = AnalyzeOptions(
                connection=self._connection(),
                audit=audit_db is not None,
                audit_db=audit_db,
                state=self.state if with_state else None,
                build=False,
            )
            return analyze(self.folder / "target", options)
        finally:
            for model in self.lab.models:
                if model.name in changed:
                    self._write(model.name, model.sql)

    def _make(self, tests: str) -> None:
        self.folder.mkdir(parents=True)
        self.lab.write(self.folder)
        output = {"type": "duckdb", "path": "lab.duckdb", "threads": 2}
        profile = {"lab": {"target": "dev", "outputs": {"dev": output}}}
        (self.folder / "profiles.yml").write_text(json.dumps(profile), encoding="utf-8")
        for name in ("macros", "models", "dbt_project.yml"):
            source, target = ROOT / name, self.folder / "aegis_package" / name
            target.parent.mkdir(exist_ok=True)
            shutil.copytree(source, target) if source.is_dir() else shutil.copyfile(source, target)
        with duckdb.connect() as connection:
            connection.execute(f"attach '{self.database}' as lab (storage_version 'v1.0.0')")
            connection.execute("create schema lab.raw")
            for one in self.lab.sources:
                connection.execute(f"create table lab.raw.{one.name} as {one.sql}")
        self._dbt("deps")
        self._dbt("build")
        nodes = tested_nodes(self.lab, tests, self._chance)
        rules = {model.name: self._rules(model) for model in nodes}
        self._write_rules(rules)
        self._dbt("build")
        self._write_rules(self._passing(rules))
        self._dbt("build")
        shutil.copytree(self.folder / "target", self.state)
        shutil.copyfile(self.database, self._healthy)

    def _rules(self, model: Model) -> list[dict[str, Any]]:
        if self.lab.rules is not None:
            return list(self.lab.rules.get(model.name, ()))
        row = self._query(f"select count(*), max(amount) from main.{model.name}")
        numbers = {"rows": row[0], "most": row[1] or 0}
        partners = [one.name for one in self._chance.sample(list(self.lab.models), 2) if one.name != model.name]
        rules = candidates(model, numbers, partners)
        # As projects do: the keys nearly always, the rest here and there.
        return [
            rule for rule in rules if "id" in (rule.get("not_null"), rule.get("unique")) or self._chance.random() < 0.6
        ]

    def _write_rules(self, rules: dict[str, list[dict[str, Any]]]) -> None:
        folder = self.folder / "rules"
        folder.mkdir(exist_ok=True)
        documents = [{"table": name, "severity": "high", "rules": own} for name, own in rules.items() if own]
        text = yaml.safe_dump_all(documents, sort_keys=False)
        (folder / "lab.yml").write_text(text, encoding="utf-8")
        self._call([sys.executable, "-m", "aegis", "compile", "--dbt", str(self.engine.executable)], fine=(0,))

    def _passing(self, rules: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
        """Those rules that the healthy data keep."""
        options = AnalyzeOptions(connection=self._connection(), audit=False, depth="results")
        report = analyze(self.folder / "target", options)
        by_table: dict[str, list[str]] = {}
        for result in report.results:
            if result.kind.value == "rule":
                by_table.setdefault(str(result.table), []).append(result.status.value)
        return {
            name: [rule for rule, status in zip(own, by_table[name], strict=True) if status == "pass"]
            for name, own in rules.items()
        }

    def _connection(self) -> ProjectOptions:
        return ProjectOptions(
            project_dir=self.folder, profiles_dir=self.folder, dbt=str(self.engine.executable),
            environment=self.engine.environment,
        )  # fmt: skip

    def _write(self, name: str, sql: str) -> None:
        (self.folder / "models" / f"{name}.sql").write_text(sql + "\n", encoding="utf-8")

    def _execute(self, sql: str) -> None:
        with duckdb.connect() as connection:
            connection.execute(f"attach '{self.database}' as lab")
            connection.execute("use lab")
            connection.execute(sql)

    def _query(self, sql: str) -> Any:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchone()

    def _dbt(self, command: str) -> None:
        # 1: a test failed, as is meant.
        self._call([str(self.engine.executable), command, "--profiles-dir", "."], fine=(0, 1))

    def _call(self, command: list[str], fine: tuple[int, ...]) -> None:
        done = subprocess.run(
            command, cwd=self.folder, env=self.engine.environment, capture_output=True, text=True, check=False
        )
        if done.returncode not in fine:
            raise RuntimeError(f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
