"""JSON's arrows in a function's brackets are JSON, not lambdas: read, printed and read again."""

from __future__ import annotations

import duckdb
import pytest
from sqlglot import exp

from aegis.sql.parse import one_query, printed

PAYLOAD = """select '{"a": {"b": 7}, "l": [{"c": 1}, {"c": 2}]}'::json as p, [1, 2] as l, 'x' as k"""


@pytest.mark.parametrize(
    "selected",
    [
        "unnest(json_extract(p, '$.l[*]'))",
        "unnest(p -> '$.l[*]')",
        "coalesce(p ->> '$.no', 'none')",
        "upper(json_extract_string(p, '$.a'))",
        "coalesce(cast(json_extract_string(p, '$.a.b') as integer), 0) + 1",
        "json_extract_string(p -> 'a', 'b')",
        "coalesce((p -> 'a') ->> 'b', k)",
        "list_transform(l, lambda x : x + 1)",
        "list_transform(l, lambda x : 'c')",
    ],
)
def test_what_is_printed_gives_what_was_written(selected: str) -> None:
    sql = f"select {selected} as it from ({PAYLOAD}) as t"
    again = printed(one_query(printed(one_query(sql, "duckdb"), "duckdb"), "duckdb"), "duckdb")
    with duckdb.connect() as connection:
        assert connection.execute(again).fetchall() == connection.execute(sql).fetchall()


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
@pytest.mark.parametrize("function", ["f", "json_array_elements", "coalesce"])
def test_what_stands_before_an_arrow_is_a_column(dialect: str, function: str) -> None:
    tree = one_query(f"select {function}(payload -> 'items') from t", dialect)
    assert [column.name for column in tree.find_all(exp.Column)] == ["payload"]
    assert not list(tree.find_all(exp.Lambda))


def test_a_lambda_of_another_dialect_stays_one() -> None:
    assert list(one_query("select transform(l, x -> 'c') from t", "databricks").find_all(exp.Lambda))
