"""Who is measured: each makes a folder ready once, and says which command does the work."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.checks import AEGIS, DBT_MACROS, dbt_tests, one_query, soda_contract
from benchmarks.data import Faults
from tools import environments

ROOT = Path(__file__).resolve().parent.parent
QUIET = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "SODA_CORE_TELEMETRY_ENABLED": "false",
    "GX_ANALYTICS_ENABLED": "false",
}


@dataclass(frozen=True, slots=True)
class Size:
    """So many tables of so many rows, with the first ``rules`` of the ten checks."""

    tables: int
    rows: int
    rules: int
    faults: Faults = Faults.ROWS

    @property
    def label(self) -> str:
        return f"{self.tables} × {self.rows:,} × {self.rules}"


@dataclass(frozen=True, slots=True)
class Command:
    """What is timed. ``accepted`` are the exit codes that mean the checks were made."""

    argv: tuple[str, ...]
    cwd: Path
    environment: dict[str, str] = field(default_factory=dict)
    accepted: tuple[int, ...] = (0, 1)


@dataclass(frozen=True, slots=True)
class Contender:
    """``needs`` is an environment beside .venv, or None; ``only`` bounds the rows it is asked to check."""

    name: str
    prepare: Callable[[Path, Path, Size], Command]
    needs: str | None = None
    only: Callable[[Size], bool] = lambda size: True


def _tables(size: Size) -> list[str]:
    return [f"order_{number}" for number in range(size.tables)]


def _dbt(name: str) -> tuple[str, dict[str, str]]:
    if name == "dbt1":
        return str(Path(sys.executable).with_name("dbt")), dict(QUIET)
    return str(environments.executable(name)), {**QUIET, **environments.variables(name)}


def _project(folder: Path, database: Path, *, package: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    project = {"name": "bench", "version": "1.0.0", "profile": "bench", "model-paths": ["models"]}
    store = {"type": "duckdb", "path": str(folder / "store.duckdb"), "threads": 2,
             "attach": [{"path": str(database), "alias": "userdb", "read_only": True}]}  # fmt: skip
    files = {"dbt_project.yml": project, "profiles.yml": {"bench": {"target": "run", "outputs": {"run": store}}}}
    if package:
        (folder / "dbt_packages").mkdir(exist_ok=True)
        link = folder / "dbt_packages" / "aegis"
        if not link.is_symlink():
            link.symlink_to(ROOT, target_is_directory=True)
        files["packages.yml"] = {"packages": [{"local": os.path.relpath(ROOT, folder)}]}
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")


def _sources(folder: Path, entries: list[dict[str, object]]) -> None:
    (folder / "models").mkdir(exist_ok=True)
    source = {"name": "shop", "database": "userdb", "schema": "main", "tables": [*entries, {"name": "customer"}]}
    (folder / "models" / "sources.yml").write_text(json.dumps({"sources": [source]}), encoding="utf-8")


def plain_tests(engine: str) -> Callable[[Path, Path, Size], Command]:
    """One dbt test per check."""

    def prepare(folder: Path, database: Path, size: Size) -> Command:
        _project(folder, database, package=False)
        (folder / "macros").mkdir(exist_ok=True)
        (folder / "macros" / "tests.sql").write_text(DBT_MACROS, encoding="utf-8")
        entries = [dbt_tests(table, "shop") for table in _tables(size)]
        if size.rules == 1:
            entries = [
                {"name": e["name"], "columns": [{"name": "order_id", "data_tests": ["not_null"]}]} for e in entries
            ]
        _sources(folder, entries)
        executable, environment = _dbt(engine)
        return Command((executable, "build", "--quiet", "--profiles-dir", "."), folder, environment)

    return prepare


def _rules(folder: Path, size: Size) -> Path:
    documents = [{"table": table, "severity": "high", "rules": list(AEGIS[: size.rules])} for table in _tables(size)]
    path = folder / "rules.yml"
    path.write_text("\n---\n".join(json.dumps(document) for document in documents), encoding="utf-8")
    return path


def suites(engine: str) -> Callable[[Path, Path, Size], Command]:
    """One Aegis suite per table, run by dbt alone."""

    def prepare(folder: Path, database: Path, size: Size) -> Command:
        from aegis.dbt.graph.tables import Table, Tables
        from aegis.dbt.suites.compile import compile_suites
        from aegis.dbt.suites.files import write
        from aegis.rules import load_rules

        _project(folder, database, package=True)
        _sources(folder, [{"name": table} for table in _tables(size)])
        tables = [
            Table(f'source("shop", "{name}")', f"shop.{name}", "main", name) for name in [*_tables(size), "customer"]
        ]
        book = load_rules(_rules(folder, size), dialect="duckdb")
        write(folder / "tests" / "aegis", compile_suites(book, Tables(tables), dialect="duckdb"))
        executable, environment = _dbt(engine)
        return Command((executable, "build", "--quiet", "--profiles-dir", "."), folder, environment)

    return prepare


def aegis_run(engine: str, depth: str = "results") -> Callable[[Path, Path, Size], Command]:
    """`aegis run --db` in whole: rules in, report out."""

    def prepare(folder: Path, database: Path, size: Size) -> Command:
        folder.mkdir(parents=True, exist_ok=True)
        executable, environment = _dbt(engine)
        argv = (str(Path(sys.executable).with_name("aegis")), "run", str(_rules(folder, size)), "--db", str(database),
                "--depth", depth, "--dbt", executable, "--audit-db", str(folder / "audit.db"))  # fmt: skip
        return Command(argv, folder, environment)

    return prepare


def soda(folder: Path, database: Path, size: Size) -> Command:
    """soda-core 4, all contracts in one session of one process."""
    folder.mkdir(parents=True, exist_ok=True)
    source = {"type": "duckdb", "name": "bench", "connection": {"database": str(database), "read_only": True}}
    (folder / "source.yml").write_text(json.dumps(source), encoding="utf-8")
    for table in _tables(size):
        contract = soda_contract(table)
        if size.rules == 1:
            contract = {
                "dataset": contract["dataset"],
                "columns": [{"name": "order_id", "checks": [{"missing": None}]}],
            }
        (folder / f"{table}.yml").write_text(json.dumps(contract), encoding="utf-8")
    python = str(environments.executable("bench-soda", "python"))
    script = str(ROOT / "benchmarks" / "soda_session.py")
    return Command((python, script, "source.yml", *(f"{table}.yml" for table in _tables(size))), folder, dict(QUIET))


def great_expectations(folder: Path, database: Path, size: Size) -> Command:
    """Great Expectations on pandas; its way to DuckDB by SQLAlchemy does not work with these versions."""
    folder.mkdir(parents=True, exist_ok=True)
    python = str(environments.executable("bench-gx", "python"))
    script = str(ROOT / "benchmarks" / "gx_session.py")
    return Command((python, script, str(database), str(size.rules), *_tables(size)), folder, dict(QUIET))


def by_hand(folder: Path, database: Path, size: Size) -> Command:
    """One hand-written query a table, in one Python process."""
    folder.mkdir(parents=True, exist_ok=True)
    queries = [one_query(table) if size.rules > 1 else f"SELECT count(*) FILTER (WHERE order_id IS NULL) FROM {table}"
               for table in _tables(size)]  # fmt: skip
    (folder / "queries.json").write_text(json.dumps(queries), encoding="utf-8")
    script = "import duckdb, json, sys; c = duckdb.connect(sys.argv[1], read_only=True)\n" \
             "for q in json.load(open('queries.json')): print(c.execute(q).fetchall())"  # fmt: skip
    return Command((sys.executable, "-c", script, str(database)), folder)


def _without_causes(size: Size) -> bool:
    return size.faults is Faults.ROWS


CONTENDERS: tuple[Contender, ...] = (
    Contender("hand-written SQL", by_hand),
    Contender("dbt 1: one test per check", plain_tests("dbt1"), only=_without_causes),
    Contender("dbt 1: Aegis suites", suites("dbt1"), only=_without_causes),
    Contender("dbt 1: aegis run --db", aegis_run("dbt1")),
    Contender("dbt 1: the same with causes", aegis_run("dbt1", "causes"), only=lambda size: not _without_causes(size)),
    Contender("dbt 2: one test per check", plain_tests("dbt2"), "dbt2", _without_causes),
    Contender("dbt 2: Aegis suites", suites("dbt2"), "dbt2", _without_causes),
    Contender("dbt 2: aegis run --db", aegis_run("dbt2"), "dbt2"),
    Contender(
        "dbt 2: the same with causes", aegis_run("dbt2", "causes"), "dbt2", lambda size: not _without_causes(size)
    ),
    Contender("soda-core 4", soda, "bench-soda"),
    Contender(
        "great-expectations 1", great_expectations, "bench-gx",
        lambda size: _without_causes(size) and size.tables * size.rows <= 1_000_000,
    ),
)  # fmt: skip
