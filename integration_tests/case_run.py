"""All cases of one engine on one warehouse, in one ``dbt build``."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from integration_tests.case_files import Case, Table, load_cases
from integration_tests.dbt_project import Project, Run, suite
from integration_tests.engines import Engine
from integration_tests.warehouses import Warehouse, create

GENERIC_STAGES = ("mutation_a", "mutation_b")
"""These cases are written as ordinary generic tests too."""


def run_cases(engine: Engine, warehouse: Warehouse, folder: Path) -> dict[str, Any]:
    """``{rows: {case id: the suite's row}, suites: {table: dbt's result}, generic: {case id: dbt's result}}``."""
    cases = [case for case in load_cases() if case.only in (None, warehouse.name)]
    tables = {t.key: t for case in cases for t in (case.table, *case.references.values())}
    warehouse.execute(statement for table in tables.values() for statement in create(table, warehouse.name))
    project = Project(folder, engine, warehouse).start()
    project.write("models/sources.yml", sources(warehouse, tables, cases))
    by_table: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_table[case.table.key].append(case)
    for key, of_table in by_table.items():
        project.write(f"tests/aegis/{key}.sql", suite_of(of_table))
    run = project.run("build")
    assert run.results, run.output
    return collected(project, run, cases)


def collected(project: Project, run: Run, cases: list[Case]) -> dict[str, Any]:
    suites = {key: run.of(key) for key in {case.table.key for case in cases}}
    rows: dict[str, Any] = {}
    for key, result in suites.items():
        if result["status"] != "error":
            rows.update({row["rule_id"]: row for row in project.stored(result)})
    generic = {case.id: run.of(generic_name(case)) for case in cases if case.id.endswith(GENERIC_STAGES)}
    kept = ("status", "failures", "message")
    return {
        "rows": rows,
        "suites": {key: {name: result[name] for name in kept} for key, result in suites.items()},
        "generic": {key: {name: result[name] for name in kept} for key, result in generic.items()},
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
    given = {"column_name" if name == "column" else name: value for name, value in case.rule.items()}
    if "reference_table" in given:
        given["reference_table"] = f"source('cases', '{case.references[given['reference_table']].key}')"
    return {f"aegis.{case.type}": {"name": generic_name(case), "arguments": given}}


def suite_of(cases: list[Case]) -> str:
    table = cases[0].table
    references = {name: source(other) for case in cases for name, other in case.references.items()}
    keys = [name for name in table.columns if name == "id"]
    return suite(source(table), [arguments(case) for case in cases], references, keys)


def source(table: Table) -> str:
    return f"source('cases', '{table.key}')"


def arguments(case: Case) -> dict[str, Any]:
    """What `aegis.rules` makes of a rule: who it is, then its arguments with exact numbers."""
    rule = {"id": case.id, "type": case.type, "severity": "high", "level": "error", **case.rule}
    return {name: exact(value) for name, value in rule.items()}


def exact(value: Any) -> Any:
    if isinstance(value, float):
        return {"decimal": str(Decimal(repr(value)))}
    if isinstance(value, list):
        return [exact(entry) for entry in value]
    return value if isinstance(value, str | int | bool | dict) or value is None else str(value)


def cached(path: Path, engine: Engine, warehouse: Warehouse, folder: Path) -> dict[str, Any]:
    """`run_cases`, once for all worker processes of a test session."""
    import fcntl

    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            folder.mkdir()
            path.write_text(json.dumps(run_cases(engine, warehouse, folder), default=str), encoding="utf-8")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
