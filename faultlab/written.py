"""Projects as people write them, in ``projects/``, each with the faults that can be put into it.

A project is a folder with dbt's own files, ``sources.sql`` (what fills the schema ``raw``) and ``faults.yml``: a list
of faults with ``kind`` and ``node``, and either ``data`` (SQL that harms rows; ``{seed}`` chooses them), ``file`` (an
edit of a seed) or ``code`` (an edit of a file, ``in``, ``from``, ``to``) with ``clause``, words of which a true account
of the clause at fault has one.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from aegis.analysis.options import AnalyzeOptions
from aegis.app.analyze import analyze
from aegis.connection.project import ProjectOptions
from aegis.dbt.artifacts.read import read_artifacts
from aegis.dbt.graph.lineage import Lineage
from aegis.domain.report import Report
from integration_tests.command import quickest
from integration_tests.engines import Engine

PROJECTS = Path(__file__).parent / "projects"

_PROJECT = """\
name: lab
version: "1.0"
profile: lab
config-version: 2
models: {lab: {+materialized: table}}
flags: {send_anonymous_usage_stats: false}
"""
_PROFILE = {"lab": {"target": "dev", "outputs": {"dev": {"type": "duckdb", "path": "lab.duckdb", "threads": 2}}}}


@dataclass(frozen=True, slots=True)
class Edit:
    """A person's change of one file: ``old`` stands there once."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class WrittenFault:
    """One fault: its kind, the node where it is (as the project names it), and how it is made."""

    kind: str
    node: str
    sql: str | None = None
    edit: Edit | None = None
    clause: tuple[str, ...] = ()

    @property
    def is_code(self) -> bool:
        return self.edit is not None and not self.edit.path.startswith("seeds/")


def names() -> list[str]:
    return sorted(path.name for path in PROJECTS.iterdir() if (path / "faults.yml").is_file())


def faults_of(name: str) -> list[WrittenFault]:
    """The faults that stand in the project's file."""
    listed = yaml.safe_load((PROJECTS / name / "faults.yml").read_text(encoding="utf-8"))
    return [_fault(one) for one in listed]


def _fault(one: dict[str, Any]) -> WrittenFault:
    edit = one.get("code") or one.get("file")
    return WrittenFault(
        kind=one["kind"],
        node=one["node"],
        sql=one.get("data"),
        edit=Edit(edit["in"], edit["from"], edit["to"]) if edit else None,
        clause=tuple(one.get("clause", ())),
    )


class WrittenBench:
    """One project in a folder of its own, built once in health, and broken again and again.

    ``state`` is the target folder of the healthy build, ``healthy`` its database.
    """

    def __init__(self, name: str, folder: Path, engine: Engine | None = None) -> None:
        self.name = name
        self.folder = folder
        self.engine = engine or quickest()
        self.state = folder.with_name(folder.name + "-state")
        self.healthy = folder.with_name(folder.name + "-healthy.duckdb")
        shutil.copytree(PROJECTS / name, folder)
        (folder / "dbt_project.yml").write_text(_PROJECT, encoding="utf-8")
        (folder / "profiles.yml").write_text(json.dumps(_PROFILE), encoding="utf-8")
        self._execute("create schema raw;\n" + (folder / "sources.sql").read_text(encoding="utf-8"))
        if self._build() != 0:
            raise RuntimeError(f"{name} is not healthy")
        shutil.copytree(folder / "target", self.state)
        shutil.copyfile(self.database, self.healthy)
        self.manifest = read_artifacts(self.state).manifest
        self.lineage = Lineage.of(self.manifest)

    @property
    def database(self) -> Path:
        return self.folder / "lab.duckdb"

    def uid(self, node: str) -> str:
        """dbt's id of a node that ``faults.yml`` names."""
        known = [*self.manifest.nodes.values(), *(self.manifest.sources or {}).values()]
        kinds = ("model", "snapshot", "seed", "source")
        found = [one.unique_id for one in known if one.name == node and one.resource_type in kinds]
        if len(found) != 1:
            raise ValueError(f"{self.name} has {len(found)} nodes called {node!r}")
        return found[0]

    def run(self, faults: Sequence[WrittenFault], *, with_state: bool, seed: int = 1, decoys: int = 0) -> Report:
        """The report on the project with these faults, and with models changed so that nothing comes of it."""
        shutil.copyfile(self.healthy, self.database)
        with self._edited(self._edits(faults, decoys, seed)):
            for fault in faults:
                if fault.sql is not None:
                    self._execute(fault.sql.replace("{seed}", str(seed)))
            self._build()
            options = AnalyzeOptions(
                connection=ProjectOptions(
                    project_dir=self.folder, profiles_dir=self.folder, dbt=str(self.engine.executable),
                    environment=self.engine.environment,
                ),
                audit=False, state=self.state if with_state else None, build=False,
            )  # fmt: skip
            return analyze(self.folder / "target", options)

    def lines_of(self, fault: WrittenFault) -> frozenset[int]:
        """The lines of the changed file that the edit is about, and those beside them."""
        if fault.edit is None:
            return frozenset()
        text = (PROJECTS / self.name / fault.edit.path).read_text(encoding="utf-8")
        start = text[: text.index(fault.edit.old)].count("\n") + 1
        return frozenset(range(start - 1, start + fault.edit.new.count("\n") + 3))

    def _edits(self, faults: Sequence[WrittenFault], decoys: int, seed: int) -> dict[str, str]:
        """The changed files' texts, by path."""
        texts: dict[str, str] = {}
        for fault in faults:
            if fault.edit is not None:
                text = texts.get(fault.edit.path) or (self.folder / fault.edit.path).read_text(encoding="utf-8")
                if text.count(fault.edit.old) != 1:
                    raise ValueError(
                        f"{self.name}, {fault.kind}: {fault.edit.path} does not say {fault.edit.old!r} once"
                    )
                texts[fault.edit.path] = text.replace(fault.edit.old, fault.edit.new)
        models = sorted((self.folder / "models").rglob("*.sql"))
        for path in random.Random(seed).sample(models, decoys):
            text = path.read_text(encoding="utf-8")
            if "config(" not in text:
                texts.setdefault(
                    str(path.relative_to(self.folder)), f"select * from (\n{text}\n) as same where 1 = 1\n"
                )
        return texts

    @contextmanager
    def _edited(self, texts: dict[str, str]) -> Iterator[None]:
        before = {path: (self.folder / path).read_text(encoding="utf-8") for path in texts}
        try:
            for path, text in texts.items():
                (self.folder / path).write_text(text, encoding="utf-8")
            yield
        finally:
            for path, text in before.items():
                (self.folder / path).write_text(text, encoding="utf-8")

    def _build(self) -> int:
        done = subprocess.run(
            [str(self.engine.executable), "build", "--profiles-dir", "."],
            cwd=self.folder, env=self.engine.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode not in (0, 1):  # 1: a test failed, as is meant
            raise RuntimeError(f"dbt build of {self.name}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.returncode

    def _execute(self, sql: str) -> None:
        with duckdb.connect() as connection:
            connection.execute(f"attach '{self.database}' as lab (storage_version 'v1.0.0')")
            connection.execute("use lab")
            connection.execute(sql)


def sample() -> dict[str, list[WrittenFault]]:
    """A fault of each kind, by project: kinds take turns with the projects that have them."""
    every = {name: faults_of(name) for name in names()}
    kinds = sorted({fault.kind for faults in every.values() for fault in faults})
    found: dict[str, list[WrittenFault]] = {name: [] for name in every}
    for kind in kinds:
        having = [name for name, faults in every.items() if any(fault.kind == kind for fault in faults)]
        # The project with the fewest of them so far, so that all take equally long.
        chosen = min(having, key=lambda name: len(found[name]))
        found[chosen].append(next(fault for fault in every[chosen] if fault.kind == kind))
    return found
