"""Rules in schema files: whatever a column is called, and never a failure where there was no answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from integration_tests.command import aegis
from integration_tests.dbt_project import Project
from integration_tests.engines import Engine, engines
from integration_tests.warehouses import DuckDB, Postgres, Warehouse

NAMES = ("Order Ref", "a.b", 'q"t', "SELECT", "Mixed", "ünï")
MODEL = "select {}, 2 as amount, cast(null as integer) as nothing".format(
    ", ".join(f"""{number} as "{name.replace('"', '""')}\"""" for number, name in enumerate(NAMES))
)

COLUMNS: list[dict[str, Any]] = [
    *(
        {
            "name": name,
            "quote": True,
            "data_tests": [
                {"aegis.not_null_rule": {"name": f"there_{number}"}},
                {"aegis.duplicate_percentage_below": {"name": f"once_{number}", "arguments": {"threshold": 0}}},
                {"aegis.between": {"name": f"above_{number}", "arguments": {"min_value": 100}}},
            ],
        }
        for number, name in enumerate(NAMES)
    ),
    {
        "name": "amount",
        "data_tests": [
            {"aegis.regex_match": {"name": "broken_regex", "arguments": {"pattern": "x"}}},
            {"aegis.accepted_values_rule": {"name": "broken_list", "arguments": {"values": ["two"]}}},
            {"aegis.accepted_values_rule": {"name": "broken_empty", "arguments": {"values": []}}},
            {"aegis.accepted_values_rule": {"name": "broken_null", "arguments": {"values": [None, 2]}}},
            {"aegis.no_future_dates": {"name": "broken_date"}},
            {"aegis.sql_expression": {"name": "broken_column", "arguments": {"expression": "no_such_column > 0"}}},
            {"aegis.accepted_values_rule": {"name": "text_is_two", "arguments": {"values": ["2"]}}},
            {
                "aegis.between": {
                    "name": "narrowed",
                    "arguments": {"min_value": "3"},
                    "config": {"where": "amount > 1", "severity": "warn", "store_failures": True, "limit": 5},
                }
            },
            {
                "aegis.between": {
                    "name": "threshold",
                    "arguments": {"min_value": 3},
                    "config": {"warn_if": ">0", "error_if": ">1"},
                }
            },
        ],
    },
]
OF_MODEL: list[dict[str, Any]] = [
    {"aegis.composite_unique": {"name": "pair", "arguments": {"columns": ['"Order Ref"', "amount"]}}},
    {"aegis.row_count": {"name": "rows", "arguments": {"threshold": 1000}}},
    {
        "aegis.custom_sql": {
            "name": "answer",
            "arguments": {"query": "select count(*) = 0 as passed, 7 as row_count from {{ ref('orders') }}"},
        }
    },
]
WANTED = {
    **{f"{name}_{number}": "pass" for name in ("there", "once") for number in range(len(NAMES))},
    **{f"above_{number}": "fail" for number in range(len(NAMES))},
    **dict.fromkeys(("broken_regex", "broken_list", "broken_empty"), "error"),
    **dict.fromkeys(("broken_null", "broken_date", "broken_column"), "error"),
    "text_is_two": "pass", "narrowed": "warn", "threshold": "warn", "pair": "pass", "rows": "fail", "answer": "fail",
}  # fmt: skip
REASONS = {
    "broken_regex": "regex_match works on text columns",
    "broken_list": "cannot be compared with 'two'",
    "broken_empty": "values is empty",
    "broken_null": "values holds NULL",
    "broken_date": "works on date and timestamp columns",
    "broken_column": "no_such_column",
}


def places() -> list[Any]:
    found = []
    for engine in engines():
        found.append(pytest.param(engine.values[0], "duckdb", id=f"{engine.id}-duckdb", marks=engine.marks))
        marks = [*engine.marks, pytest.mark.postgres, *([] if engine.id == "dbt2" else [pytest.mark.long])]
        found.append(pytest.param(engine.values[0], "postgres", id=f"{engine.id}-postgres", marks=marks))
    return found


@pytest.mark.parametrize(("engine", "name"), places())
def test_a_generic_test_gives_its_verdict_or_an_error_with_its_reason(
    tmp_path: Path, engine: Engine, name: str, request: pytest.FixtureRequest
) -> None:
    warehouse: Warehouse = DuckDB(tmp_path / "generic.duckdb")
    if name == "postgres":
        warehouse = Postgres(request.getfixturevalue("postgres"), f"generic_{engine.name}")
    else:
        warehouse.execute([])
    project = Project(tmp_path / "project", engine, warehouse).start()
    project.write("models/orders.sql", MODEL)
    project.write("models/orders.yml", {"models": [{"name": "orders", "columns": COLUMNS, "data_tests": OF_MODEL}]})
    run = project.run("build")
    assert run.results, run.output
    done = aegis("analyze", "target", "--profiles-dir", ".", "--json", cwd=project.folder, engine=engine)
    results = {one["rule_id"]: one for one in done.report["results"] if one["kind"] == "test"}
    assert {rule_id: one["status"] for rule_id, one in results.items()} == WANTED, done.err
    for rule_id, reason in REASONS.items():
        told = results[rule_id]["message"]
        assert reason in told, rule_id
        assert "dbt_packages" not in told and "Failed to render" not in told, told
        assert results[rule_id]["rows_failed"] is None
    assert results["answer"]["rows_failed"] == 7
    assert "row" not in results["rows"]["message"]
