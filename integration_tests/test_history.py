"""The on-run-end history table: off by default, one row per rule and run, never a reason for a run to fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from integration_tests.command import PROJECT_VERDICTS
from integration_tests.engines import Engine, engines
from integration_tests.test_projects import dbt

Make = Callable[[Engine], Path]
ON = ("--vars", "aegis_history: true")


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    import duckdb

    with duckdb.connect(str(folder / "shop.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def tables(folder: Path) -> set[str]:
    return {name for (name,) in rows(folder, "select table_name from duckdb_tables()")}


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_there_is_no_history_unless_it_is_asked_for(make: Make, engine: Engine) -> None:
    folder = make(engine)
    dbt(engine, folder, "build")
    assert "aegis_rule_results" not in tables(folder)


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_each_run_adds_a_row_for_each_rule(make: Make, engine: Engine) -> None:
    folder = make(engine)
    for _ in range(2):
        dbt(engine, folder, "build", *ON)
    assert rows(folder, "select count(*), count(distinct invocation_id) from aegis_rule_results") == [
        (2 * len(PROJECT_VERDICTS), 2)
    ]
    last = rows(folder, "select rule_id, status, runs, failing_since is null from aegis_rule_health order by rule_id")
    assert {rule for rule, *_ in last} == set(PROJECT_VERDICTS)
    assert all(runs == 2 and (status == "pass") == healthy for _, status, runs, healthy in last)


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_a_table_of_another_shape_is_left_alone(make: Make, engine: Engine) -> None:
    import duckdb

    folder = make(engine)
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute("create table aegis_rule_results as select 'mine' as note")
    dbt(engine, folder, "test", *ON)
    assert rows(folder, "select * from aegis_rule_results") == [("mine",)]


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_compiling_stores_nothing(make: Make, engine: Engine) -> None:
    folder = make(engine)
    dbt(engine, folder, "compile", *ON)
    assert "aegis_rule_results" not in tables(folder)
