"""Small tables share a dbt test in the private project of `aegis run --db`, and nobody sees it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aegis.app import suite_rows
from aegis.app.analyze import AnalyzeOptions
from aegis.app.reach import Connection
from aegis.app.run import RunOptions
from aegis.app.run import run as run_rules
from integration_tests.command import make_database
from integration_tests.engines import Engine, engines
from integration_tests.test_run import run, write_rules


def three_tables(folder: Path) -> list[dict[str, Any]]:
    statements = [f"create table t{n} as select i as id, 'x' as name from range({10 * n}) as r(i)" for n in (1, 2, 3)]
    make_database(folder / "shop.duckdb", *statements)
    rules = [{"table": f"t{n}", "rules": [{"unique": "id"}, {"row_count": 15}]} for n in (1, 2, 3)]
    write_rules(folder, *rules)
    return rules


@pytest.mark.parametrize("engine", engines())
def test_small_tables_share_one_statement(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    three_tables(tmp_path)

    def refuse(*_: object) -> None:
        raise AssertionError("a suite was asked again: the statement of all did not run")

    monkeypatch.setattr(suite_rows, "ask_again", refuse)
    connection = Connection(dbt=str(engine.executable), environment=engine.environment)
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


@pytest.mark.parametrize("engine", engines())
def test_a_broken_rule_takes_no_other_table_along(tmp_path: Path, engine: Engine) -> None:
    rules = three_tables(tmp_path)
    rules[1]["rules"].append({"sql_expression": {"expression": "cast(name as integer) > 0", "id": "broken"}})
    write_rules(tmp_path, *rules)
    found = run(tmp_path, engine)
    assert found["broken"][0] == "error"
    assert [found[f"t{n}_id_unique"] for n in (1, 2, 3)] == [("pass", 0, 10), ("pass", 0, 20), ("pass", 0, 30)]
