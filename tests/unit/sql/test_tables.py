"""Tables are found and replaced; names of common table expressions are not."""

from __future__ import annotations

import pytest

from aegis.sql.tables import TableRef, replace_tables


def as_ref(table: TableRef) -> str:
    return f"{{{{ ref('{table}') }}}}"


@pytest.mark.parametrize(
    ("sql", "replaced"),
    [
        ("SELECT * FROM orders", "SELECT * FROM {{ ref('orders') }} AS orders"),
        ("SELECT o.id FROM orders AS o", "SELECT o.id FROM {{ ref('orders') }} AS o"),
        ("SELECT orders.id FROM raw.orders", "SELECT orders.id FROM {{ ref('raw.orders') }} AS orders"),
        ("SELECT raw.orders.id FROM raw.orders", "SELECT orders.id FROM {{ ref('raw.orders') }} AS orders"),
        ('SELECT * FROM "My Table"', "SELECT * FROM {{ ref('My Table') }} AS \"My Table\""),
        ("(SELECT count(*) FROM c) > 0", "(SELECT COUNT(*) FROM {{ ref('c') }} AS c) > 0"),
        ("a IN (SELECT id FROM c)", "a IN (SELECT id FROM {{ ref('c') }} AS c)"),
        (
            "WITH orders AS (SELECT * FROM orders) SELECT * FROM orders",
            "WITH orders AS (SELECT * FROM {{ ref('orders') }} AS orders) SELECT * FROM orders",
        ),
        (
            "WITH a AS (SELECT 1 AS x), b AS (SELECT * FROM a) SELECT * FROM b JOIN c ON TRUE",
            "WITH a AS (SELECT 1 AS x), b AS (SELECT * FROM a) SELECT * FROM b JOIN {{ ref('c') }} AS c ON TRUE",
        ),
        (
            "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT * FROM n",
            "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT * FROM n",
        ),
        (
            "SELECT * FROM (WITH t AS (SELECT 1 AS a) SELECT * FROM t) AS x JOIN t ON TRUE",
            "SELECT * FROM (WITH t AS (SELECT 1 AS a) SELECT * FROM t) AS x JOIN {{ ref('t') }} AS t ON TRUE",
        ),
    ],
)
def test_a_table_is_replaced_and_keeps_the_name_by_which_columns_know_it(sql: str, replaced: str) -> None:
    assert replace_tables(sql, as_ref, dialect="duckdb") == replaced


def test_a_table_that_the_mapping_does_not_know_stays() -> None:
    assert replace_tables("SELECT * FROM a JOIN b ON TRUE", {TableRef("a"): "X"}.get, dialect="duckdb") == (
        "SELECT * FROM X AS a JOIN b ON TRUE"
    )


def test_the_text_in_place_of_a_table_is_not_looked_at_again() -> None:
    def tricky(table: TableRef) -> str:
        return "aegis_relation_1_" if table.name == "a" else "second"

    sql = "SELECT * FROM a JOIN b ON TRUE"
    replaced = replace_tables(sql, tricky, dialect="duckdb")
    assert replaced == "SELECT * FROM aegis_relation_1_ AS a JOIN second AS b ON TRUE"


def test_more_tables_than_ten_are_told_apart() -> None:
    names = [f"t{index}" for index in range(12)]
    sql = "SELECT * FROM " + " CROSS JOIN ".join(names)
    replaced = replace_tables(sql, lambda table: f"<{table}>", dialect="duckdb")
    assert all(f"<{name}> AS {name}" in replaced for name in names)
