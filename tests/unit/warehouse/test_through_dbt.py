"""Any warehouse through `dbt show`."""

from __future__ import annotations

from typing import Any

import pytest

from aegis.errors import WarehouseError
from aegis.warehouse.base import Warehouse
from aegis.warehouse.through_dbt import ThroughDbt


def answering(*rows: dict[str, Any]) -> tuple[ThroughDbt, list[tuple[str, int]]]:
    asked: list[tuple[str, int]] = []

    def ask(sql: str, limit: int) -> list[dict[str, Any]]:
        asked.append((sql, limit))
        return list(rows)

    return ThroughDbt("postgres", ask), asked


def test_it_is_a_warehouse() -> None:
    warehouse, asked = answering({"a": 1, "b": None}, {"a": 2, "b": "x"})
    assert isinstance(warehouse, Warehouse)
    warehouse.connect()
    assert warehouse.execute_sample("select a, b from t", 9).rows == ((1, None), (2, "x"))
    assert warehouse.execute_scalar("select a from t") == 1
    assert asked == [("select 1 as one", 1), ("SELECT a, b FROM t", 9), ("SELECT a FROM t", 1)]
    warehouse.close()


def refusing(*, all_of_it: bool) -> tuple[ThroughDbt, list[str]]:
    asked: list[str] = []

    def ask(sql: str, limit: int) -> list[dict[str, Any]]:
        asked.append(sql)
        if all_of_it or "one" not in sql:
            raise WarehouseError("no such thing")
        return [{"one": 1}]

    return ThroughDbt("postgres", ask), asked


def test_what_cannot_be_reached_is_not_asked_again() -> None:
    warehouse, asked = refusing(all_of_it=True)
    for _ in range(3):
        with pytest.raises(WarehouseError, match="cannot be reached: no such thing"):
            warehouse.execute_sample("select a from t", 1)
    with pytest.raises(WarehouseError, match="cannot be reached"):
        warehouse.connect()
    assert len(asked) == 2


def test_a_query_that_is_refused_says_nothing_about_the_next() -> None:
    warehouse, asked = refusing(all_of_it=False)
    for _ in range(2):
        with pytest.raises(WarehouseError, match=r"^no such thing"):
            warehouse.execute_sample("select a from t", 1)
    assert asked.count("select 1 as one") == 1
    warehouse.connect()


def test_no_rows_have_columns_all_the_same() -> None:
    """`dbt show` gives objects: with no row there is no name, so that one is made."""

    def ask(sql: str, limit: int) -> list[dict[str, Any]]:
        return [{"a": None, "b": None}] if "left join (SELECT a, b FROM t)" in sql and limit == 1 else []

    warehouse = ThroughDbt("postgres", ask)
    found = warehouse.execute_sample("select a, b from t", 1)
    assert (found.columns, found.rows) == (("a", "b"), ())
    assert warehouse.execute_scalar("select a, b from t") is None


def test_columns_of_one_name_are_told_apart() -> None:
    """Objects have one value for a name: two counts would be one."""
    warehouse, asked = answering({"count": 1, "aegis_column_1": 2})
    assert warehouse.execute_sample("select count(*), count(a) from t", 1).rows == ((1, 2),)
    assert asked == [("SELECT COUNT(*) AS count, COUNT(a) AS aegis_column_1 FROM t", 1)]


@pytest.mark.parametrize(
    "sql", ["with d as (delete from t returning *) select * from d", "select 1; commit; delete from t", "drop table t"]
)
def test_what_does_more_than_read_is_not_run(sql: str) -> None:
    warehouse, asked = answering({"a": 1})
    with pytest.raises(WarehouseError, match="it was not run"):
        warehouse.execute_sample(sql, 1)
    assert asked == []


def test_sql_of_a_dialect_that_cannot_be_parsed_is_not_run() -> None:
    warehouse, asked = answering({"a": 1})
    warehouse.dialect = "salesforce"
    with pytest.raises(WarehouseError, match="SQL of salesforce cannot be checked for writes"):
        warehouse.execute_sample("select 1", 1)
    assert asked == []


@pytest.mark.parametrize(
    "sql", ["select '{{ x }}'", "select '{% raw %}'", "select 1 {# c #}", "select '}}'", "%}", "#}"]
)
def test_sql_that_dbt_would_render_is_not_run(sql: str) -> None:
    warehouse, asked = answering({"a": 1})
    with pytest.raises(WarehouseError, match="Jinja"):
        warehouse.execute_sample(sql, 1)
    assert asked == []
