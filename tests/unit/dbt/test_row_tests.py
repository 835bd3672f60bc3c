"""Tests that are SQL of one table, as the rule that selects the same rows."""

from __future__ import annotations

import pytest

from aegis.dbt.graph.row_tests import row_test

TABLE = '"dev"."main"."periods"'


def read(sql: str) -> tuple[str, tuple[str, ...], str | None, str | None, bool] | None:
    found = row_test(sql, "duckdb")
    if found is None:
        return None
    rule = found.rule
    assert found.relation == "dev.main.periods"
    return rule.type, rule.columns, rule.parameters.get("expression"), rule.where, found.counts_rows


@pytest.mark.parametrize(
    ("sql", "expression"),
    [
        (f"select * from {TABLE} where spend < 0", "not coalesce(spend < 0, false)"),
        (f"-- a test\nselect id, spend from {TABLE} as p where p.spend < 0;", "not coalesce(spend < 0, false)"),
        (f"select * from {TABLE} where (spend < 0 or not ok)", "not coalesce(spend < 0 OR NOT ok, false)"),
        (f"select * from {TABLE} where a > b and c = 'x'", "not coalesce(a > b AND c = 'x', false)"),
        (f"with p as (select * from {TABLE}) select id from p where spend < 0", "not coalesce(spend < 0, false)"),
        (
            f"with p as (select * from {TABLE} where ok), q as (select id, spend from p) "
            "select * from q where q.spend < 0",
            "not coalesce(ok AND spend < 0, false)",
        ),
        # The where of a test's config, as dbt writes it.
        (
            f"select * from (select * from {TABLE} where ok) dbt_subquery where spend < 0",
            "not coalesce(ok AND spend < 0, false)",
        ),
        (f"select a is null, * from {TABLE} where a is null and b is null",
         "not coalesce(a IS NULL AND b IS NULL, false)"),
    ],
)  # fmt: skip
def test_one_where_over_one_table_is_an_expression_that_must_not_hold(sql: str, expression: str) -> None:
    assert read(sql) == ("sql_expression", (), expression, None, True)


def test_a_where_that_asks_for_null_is_not_null_of_the_other_rows() -> None:
    assert read(f"select * from {TABLE} where spend is null") == ("not_null", ("spend",), None, None, True)
    both = read(f"select id from {TABLE} p where p.status = 'paid' and p.paid_at is null and p.n > 1")
    assert both == ("not_null", ("paid_at",), None, "status = 'paid' AND n > 1", True)


@pytest.mark.parametrize(
    ("rest", "columns", "where"),
    [
        ("id, count(*) from {} where id is not null group by id having count(*) > 1", ("id",), None),
        ("id, count(*) as n from {} where id is not null group by 1 having n > 1", ("id",), None),
        ("id from {} where id is not null and ok group by id having count(id) >= 2", ("id",), "ok"),
        # Of several columns NULL is a value as any other, to both: what the query leaves out is left out.
        ("a, b from {} group by a, b having count(*) > 1", ("a", "b"), None),
        ("a, b from {} where a is not null group by a, b having count(*) > 1", ("a", "b"), "NOT a IS NULL"),
    ],
)  # fmt: skip
def test_a_group_by_that_looks_for_duplicates_is_unique(rest: str, columns: tuple[str, ...], where: str | None) -> None:
    type_ = "unique" if len(columns) == 1 else "composite_unique"
    assert read(f"select {rest.format(TABLE)}") == (type_, columns, None, where, False)


@pytest.mark.parametrize(
    "sql",
    [
        "select * from {}",
        "select * from {} limit 3",
        "select * from {} where a < 0 limit 3",
        "select distinct a from {} where a < 0",
        "select * from {} where a in (select b from other)",
        "select * from {} where exists (select 1 from other)",
        "select * from {} join other using (id) where a < 0",
        "select * from {}, other where a < 0",
        "select count(*) from {} where a < 0",
        "select count(*) as n from {} where a < 0 having n > 3",
        "select sum(a) from {} group by b having sum(a) < 0",
        # NULL counts as a duplicate here, and not in a rule.
        "select id from {} group by id having count(*) > 1",
        "select id from {} where id is not null group by id having count(*) > 2",
        "select id from {} where id is not null group by id having count(distinct b) > 1",
        "select lower(id) as id from {} where id is not null group by 1 having count(*) > 1",
        "with p as (select a + 1 as a from {}) select * from p where a < 0",
        "with p as (select a as b from {}) select * from p where b < 0",
        "with p as (select a, sum(b) from {} group by a) select * from p where a < 0",
        "with p as (select * from {} where row_number() over () = 1) select * from p where a < 0",
        "select * from (select * from {} limit 5) p where a < 0",
        "select * from {} where a < 0 union all select * from {} where b < 0",
        "select * from {} where a < (select max(a) from other)",
        "select * from {} tablesample (10 percent) where a < 0",
        "select * from {} qualify row_number() over (partition by id) > 1",
        "with p as (select * exclude (b) from {}) select * from p where a < 0",
        "with p as (select * replace (b as a) from {}) select * from p where a < 0",
        "with p(a) as (select b from {}) select * from p where a < 0",
        "select * from (select b from {}) as p(a) where a < 0",
        "select * from {} as p(a, b) where a < 0",
        "delete from {} where a < 0",
        "this is no sql",
    ],
)
def test_what_is_more_than_that_is_not_understood(sql: str) -> None:
    assert row_test(sql.replace("{}", TABLE), "duckdb") is None
