"""A query with other rows in place of tables that it reads."""

from __future__ import annotations

import pytest

from aegis.errors import RefusedError
from aegis.sql.rewire import rewired


def made(sql: str, dialect: str = "postgres") -> str | None:
    """``sql`` with ``select 1 as id`` in place of each table that is called orders."""
    return rewired(sql, dialect, lambda table: "select 1 as id" if table.name.lower() == "orders" else None)


@pytest.mark.parametrize(
    ("sql", "then"),
    [
        ("select id from raw.orders", "SELECT id FROM (SELECT 1 AS id) AS orders"),
        ('select "orders".id from "db"."raw"."orders"', 'SELECT "orders".id FROM (SELECT 1 AS id) AS "orders"'),
        ("select o.id from raw.orders as o", "SELECT o.id FROM (SELECT 1 AS id) AS o"),
        ("select o.id from raw.orders o(id)", "SELECT o.id FROM (SELECT 1 AS id) AS o(id)"),
        (
            "with a as (select * from raw.orders) select * from a join raw.orders as b on a.id = b.id",
            "WITH a AS (SELECT * FROM (SELECT 1 AS id) AS orders) "
            "SELECT * FROM a JOIN (SELECT 1 AS id) AS b ON a.id = b.id",
        ),
        (
            "select * from raw.customers where id in (select id from raw.orders) -- orders",
            "SELECT * FROM raw.customers WHERE id IN (SELECT id FROM (SELECT 1 AS id) AS orders)",
        ),
    ],
)
def test_the_rows_stand_under_the_name_that_the_table_has(sql: str, then: str) -> None:
    assert made(sql) == then


def test_names_that_a_warehouse_folds_stay_as_they_are_written() -> None:
    assert made("select ORDERS.id from raw.Orders", "snowflake") == "SELECT ORDERS.id FROM (SELECT 1 AS id) AS Orders"


def test_a_query_that_reads_no_such_table_is_told() -> None:
    assert made("select id from raw.customers") is None


def test_what_is_no_query_is_refused() -> None:
    with pytest.raises(RefusedError):
        made("delete from raw.orders")
