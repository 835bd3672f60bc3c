"""Small tables share a dbt test in the private project of `aegis run --db`, and nobody sees it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aegis.analysis import suite_rows
from aegis.analysis.options import AnalyzeOptions
from aegis.app.run import run as run_rules
from aegis.app.run_options import RunOptions
from aegis.connection.project import ProjectOptions
from integration_tests.command import aegis, make_database
from integration_tests.engines import Engine, engines
from integration_tests.test_run import run, write_rules


def three_tables(folder: Path) -> list[dict[str, Any]]:
    statements = [f"create table t{n} as select i as id, 'x' as name from range({10 * n}) as r(i)" for n in (1, 2, 3)]
    make_database(folder / "shop.duckdb", *statements)
    rules = [{"table": f"t{n}", "rules": [{"unique": "id"}, {"row_count": 15}]} for n in (1, 2, 3)]
    write_rules(folder, *rules)
    return rules


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_small_tables_share_one_statement(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    three_tables(tmp_path)

    def refuse(*_: object) -> None:
        raise AssertionError("a suite was asked again: the statement of all did not run")

    monkeypatch.setattr(suite_rows, "ask_again", refuse)
    connection = ProjectOptions(dbt=str(engine.executable), environment=engine.environment)
    options = RunOptions(analyze=AnalyzeOptions(connection=connection, audit=False))
    seen: list[str] = []
    told = replace(options, on_progress=lambda step: seen.append(step.unique_id))
    report = run_rules([tmp_path / "rules.yml"], told, database=tmp_path / "shop.duckdb")
    assert {one.rule_id: (one.status, one.rows_checked) for one in report.results} == {
        "t1_id_unique": ("pass", 10), "t2_id_unique": ("pass", 20), "t3_id_unique": ("pass", 30),
        "t1_row_count": ("warn", 10), "t2_row_count": ("pass", 20), "t3_row_count": ("pass", 30),
    }  # fmt: skip
    assert {one.table for one in report.results} == {"t1", "t2", "t3"}
    assert set(seen) == {"test.aegis.aegis_suites_0"}


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_a_broken_rule_takes_no_other_table_along(tmp_path: Path, engine: Engine) -> None:
    rules = three_tables(tmp_path)
    rules[1]["rules"].append({"sql_expression": {"expression": "cast(name as integer) > 0", "id": "broken"}})
    write_rules(tmp_path, *rules)
    found = run(tmp_path, engine)
    assert found["broken"][0] == "error"
    assert [found[f"t{n}_id_unique"] for n in (1, 2, 3)] == [("pass", 0, 10), ("pass", 0, 20), ("pass", 0, 30)]


def test_what_stands_behind_a_finding_is_looked_for_in_every_table(tmp_path: Path) -> None:
    make_database(
        tmp_path / "shop.duckdb",
        "create table orders as select i as id, case when i < 40 then 77 else i % 7 end as shop, "
        "case when i < 40 then 'phone' else 'web' end as channel from range(1000) as r(i)",
        "create schema other",
        "create table other.shops as select i as id, i * 3 as size from range(7) as r(i)",
    )
    foreign_key = {"column": "shop", "reference_table": "other.shops", "reference_column": "id"}
    write_rules(
        tmp_path,
        {"table": "orders", "severity": "medium", "rules": [{"foreign_key": foreign_key}]},
        {
            "table": "other.shops",
            "severity": "medium",
            "rules": [{"max_value_check": {"column": "size", "max_value": 15}}],
        },
    )
    done = aegis("run", "rules.yml", "--db", "shop.duckdb", "--json", cwd=tmp_path)
    found = {one["result"]["table"]: one for one in done.report["findings"]}
    assert {table: one["result"]["node"] for table, one in found.items()} == {
        "orders": "source.aegis.main.orders", "other.shops": "source.aegis.other.shops",
    }  # fmt: skip
    assert all(one["rca"]["kind"] == "bad_source_data" and one["evidence"] for one in found.values())
    told = [item["text"] for item in found["orders"]["evidence"]]
    assert "40 of 40 failing rows (100%) have channel = 'phone'; 4% of all rows do" in told
    assert found["orders"]["effective_severity"] == "high"
    assert [reason["what"] for reason in found["orders"]["reasons"]] == ["key_column"]
    assert found["orders"]["proposals"][0]["trial"]["verdict"] == "partial"
