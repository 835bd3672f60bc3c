"""All cases of one engine on one warehouse, in one ``dbt build``."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from aegis.dbt.graph.tables import Table as KnownTable
from aegis.dbt.graph.tables import Tables
from aegis.dbt.suites.compile import SuiteFile, compile_suites
from aegis.dbt.suites.files import write
from aegis.rules import load_rules
from aegis.rules.generic import generic_test as generic_name_of
from integration_tests.case_files import Case, Table, load_cases
from integration_tests.dbt_project import Project, Run
from integration_tests.engines import Engine
from integration_tests.warehouses import Warehouse, create

LONGEST_RUN = 240
"""Seconds that all cases take on one engine and warehouse, at most."""
GENERIC_STAGES = ("mutation_a", "mutation_b")
"""These cases are written as ordinary generic tests too."""


def run_cases(engine: Engine, warehouse: Warehouse, folder: Path) -> dict[str, Any]:
    """``{rows: {case id: the suite's row}, suites: {table: dbt's result}, generic: {case id: dbt's result}}``."""
    cases = [case for case in load_cases() if case.only in (None, warehouse.name)]
    tables = {t.key: t for case in cases for t in (case.table, *case.references.values())}
    warehouse.execute(statement for table in tables.values() for statement in create(table, warehouse.name))
    project = Project(folder, engine, warehouse).start()
    project.write("models/sources.yml", sources(warehouse, tables, cases))
    suites = compiled(warehouse, tables, cases, folder / "rules.yml")
    write(folder / "tests" / "aegis", suites.values())
    run = project.run("build")
    assert run.results, run.output
    return collected(project, run, cases, {key: suite.name.removesuffix(".sql") for key, suite in suites.items()})


def collected(project: Project, run: Run, cases: list[Case], nodes: dict[str, str]) -> dict[str, Any]:
    suites = {key: run.of(node) for key, node in nodes.items()}
    rows: dict[str, Any] = {}
    for result in suites.values():
        if result["status"] != "error":
            rows.update({row["rule_id"]: row for row in project.stored(result)})
    generic = {case.id: run.of(generic_name(case)) for case in cases if case.id.endswith(GENERIC_STAGES)}
    kept = ("status", "failures", "message")
    return {
        "rows": rows,
        "suites": {key: {name: result.get(name) for name in kept} for key, result in suites.items()},
        "generic": {key: {name: result.get(name) for name in kept} for key, result in generic.items()},
        "output": run.output,
    }


def sources(warehouse: Warehouse, tables: dict[str, Table], cases: list[Case]) -> dict[str, Any]:
    tests: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for case in cases:
        if case.id.endswith(GENERIC_STAGES):
            tests[case.table.key].append(generic_test(case))
    entries = [
        {
            "name": table.key,
            "identifier": table.name.replace('"', '""'),
            **({"data_tests": tests[key]} if tests[key] else {}),
        }
        for key, table in tables.items()
    ]
    place = {"database": warehouse.database, "schema": warehouse.schema}
    quoting = {"database": True, "schema": True, "identifier": True}
    return {"version": 2, "sources": [{"name": "cases", **place, "quoting": quoting, "tables": entries}]}


def generic_name(case: Case) -> str:
    return "generic_" + case.id.replace(".", "_")


def generic_test(case: Case) -> dict[str, Any]:
    """The rule as one writes it by hand in a schema file."""
    given = {"column_name" if name == "column" else name: plain(value) for name, value in case.rule.items()}
    if "reference_table" in given:
        given["reference_table"] = f"source('cases', '{case.references[given['reference_table']].key}')"
    return {generic_name_of(case.type): {"name": generic_name(case), "arguments": given}}


def plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def compiled(warehouse: Warehouse, tables: dict[str, Table], cases: list[Case], path: Path) -> dict[str, SuiteFile]:
    """The suites of all cases by table, from a rules file in the short form, as `aegis compile` makes them."""
    path.write_text(
        yaml.dump_all([document(case) for case in cases], Dumper=Exact, allow_unicode=True), encoding="utf-8"
    )
    known = {
        key: KnownTable(
            f"source('cases', '{key}')", label(table), warehouse.schema, table.name, warehouse.database,
            keys=tuple(name for name in table.columns if name == "id"),
        )
        for key, table in tables.items()
    }  # fmt: skip
    book = load_rules(path, dialect=warehouse.name)
    suites = compile_suites(book, Tables(known.values()), dialect=warehouse.name)
    labels = {label(table): key for key, table in tables.items()}
    return {labels[suite.table.label]: suite for suite in suites}


def document(case: Case) -> dict[str, Any]:
    """A rule as a person writes it. In SQL, «this» and «key» stand for tables of the case file."""
    names = {"this": label(case.table), **{name: label(table) for name, table in case.references.items()}}
    rule = {"severity": "high", **case.rule}
    for field, value in rule.items():
        if isinstance(value, str):
            for name, written in names.items():
                value = value.replace(f"«{name}»", written)
            rule[field] = names[value] if field == "reference_table" else value
    return {"table": label(case.table), "rules": [{case.type: rule | {"id": case.id}}]}


def label(table: Table) -> str:
    return f"cases.{table.key}"


class Exact(yaml.SafeDumper):
    """Decimals as the plain numbers that they were read from."""


Exact.add_representer(Decimal, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:float", str(value)))


def _wait_for_midnight() -> None:
    """Rows of today are rows of yesterday where a run goes over midnight: one that might begins after it."""
    now = datetime.now(UTC)
    left = 86_400 - (now.hour * 3_600 + now.minute * 60 + now.second)
    if left < LONGEST_RUN:
        time.sleep(left + 1)


def cached(path: Path, engine: Engine, warehouse: Warehouse, folder: Path) -> dict[str, Any]:
    """`run_cases`, once for all worker processes of a test session."""
    import fcntl

    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            _wait_for_midnight()
            folder.mkdir()
            path.write_text(json.dumps(run_cases(engine, warehouse, folder), default=str), encoding="utf-8")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
