"""What passes the gate: which SQL, printed how, with which columns."""

from __future__ import annotations

import duckdb
import pytest

from aegis.errors import RefusedError, UsageError
from aegis.sql.gate import check_expression, check_query
from aegis.sql.tables import TableRef

USUAL = [
    "a > 1 and b <= 3.50",
    "a is null or b is not null",
    "a between 1 and 3",
    "a in (1, 2, 3)",
    "not (a = 1 or b = 2)",
    "s like 'x%' and s not ilike '%Y'",
    "lower(trim(s)) = 'x'",
    "length(s) between 1 and 10",
    "s = 'it''s -- no /* comment */ # here; select'",
    "s || '-' || a = 'x-1'",
    "regexp_matches(s, '^[a-z]+$')",
    "regexp_full_match(s, '\\d+')",
    "coalesce(a, 0) + abs(b) * 2 >= -1",
    "case when a > 1 then b > 2 else true end",
    "cast(a as varchar) = '1'",
    "a::varchar = '1'",
    "try_cast(s as integer) is null",
    "d >= date '2024-01-01'",
    "d + interval 3 day > d",
    "date_diff('day', d, date '2024-02-01') >= 0",
    "date_trunc('month', d) <= d",
    "extract(year from d) = 2024",
    "a is distinct from b",
    "a % 2 = 1",
    "a // 2 = 0",
    "list_contains([1, 2], a)",
    "len(list_filter([1, 2, 3], lambda x: x > a)) > 0",
    "{'k': a}.k = a",
    "greatest(a, b) = b",
    "nullif(a, 0) is not null",
    "round(b, 1) = b",
    "isfinite(b)",
    "md5(s) <> ''",
    "json_extract_string('{\"x\": 1}', '$.x') = '1'",
    "exists (select 1 from other where other.id = a)",
    "a in (select id from other)",
    "(select max(id) from other) >= a",
    "s.upper() = 'X'",
]


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    made.execute("create table other as select * from range(3) as r (id)")
    made.execute(
        "create table t as select * from (values (1, 2.5, 'x', date '2024-01-15'), (2, 1.0, 'Zy', date '2024-03-01'), "
        "(null, null, null, null)) as v (a, b, s, d)"
    )
    return made


@pytest.mark.parametrize("text", USUAL)
def test_what_passes_means_in_the_database_what_was_written(text: str, connection: duckdb.DuckDBPyConnection) -> None:
    passed = check_expression(text, "duckdb", table="t").sql
    written = connection.execute(f"select ({text}) from t").fetchall()
    assert connection.execute(f"select ({passed}) from t").fetchall() == written


@pytest.mark.parametrize("text", USUAL)
def test_what_passed_passes_again_unchanged(text: str) -> None:
    passed = check_expression(text, "duckdb", table="t")
    assert check_expression(passed.sql, "duckdb", table="t") == passed


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("a > 1 and b < c", ("a", "b", "c")),
        ("true", ()),
        ('"Odd name" > 1', ("Odd name",)),
        ("orders.qty > 1", ("qty",)),
        ("payload.amount > 1", ("payload",)),
        ("len(list_filter(items, x -> x > low)) = 0", ("items", "low")),
        ("len([x for x in items]) = 0", ("items",)),
        ("code.lower() = 'x'", ("code",)),
        ("exists (select 1 from other where other.id = cid)", ()),
        ("a in (select id from other)", ("a",)),
        ("date_trunc('month', d) = d", ("d",)),
        ("extract(year from d) = 1", ("d",)),
    ],
)
def test_the_columns_of_an_expression_are_those_of_the_own_table(text: str, columns: tuple[str, ...]) -> None:
    assert check_expression(text, "duckdb", table="shop.orders").columns == columns


def test_the_own_tables_name_before_a_column_is_dropped_outside_subqueries() -> None:
    text = "orders.a > 1 and exists (select 1 from c where c.id = orders.a)"
    passed = check_expression(text, "duckdb", table="orders")
    assert passed.sql == "a > 1 AND EXISTS(SELECT 1 FROM c WHERE c.id = orders.a)"


@pytest.mark.parametrize(
    ("text", "returns", "columns"),
    [
        ("select count(*) = 0 from orders where qty < 0", "boolean", ("qty",)),
        ("select not exists (select 1 from orders where qty < 0)", "boolean", ("qty",)),
        ("select (count(*) > 1 and max(qty) < 9) as ok from orders", "boolean", ("qty",)),
        ("select bool_and(qty > 0) from orders", "boolean", ("qty",)),
        ("select coalesce(sum(qty) > 1, false) from orders", "boolean", ("qty",)),
        ("select case when count(*) > 1 then true else false end from orders", "boolean", ()),
        ("select cast(max(flag) as boolean) from orders", "boolean", ("flag",)),
        ("select true", "boolean", ()),
        ("select * from orders where qty < 0", "rows", ("qty",)),
        ("select count(*) from orders", "rows", ()),
        ("select is_open from orders", "rows", ("is_open",)),
        ("select qty < 0, id from orders", "rows", ("id", "qty")),
        ("with bad as (select id, qty from orders) select id from bad where qty < 0", "rows", ("id", "qty")),
        ("select o.id from orders o left join customers c on c.id = o.cid where c.id is null", "rows", ("cid", "id")),
        ("select qty * 2 as n from orders where id > 1 order by n", "rows", ("id", "qty")),
        ("select id from orders union all select id from other", "rows", ("id",)),
    ],
)
def test_a_query_gives_a_boolean_if_its_one_column_is_one(text: str, returns: str, columns: tuple[str, ...]) -> None:
    passed = check_query(text, "duckdb", table="shop.orders")
    assert (passed.returns, passed.columns) == (returns, columns)


def test_one_separator_at_the_end_of_a_query_is_dropped() -> None:
    assert check_query("select 1 as a;\n", "duckdb").sql == "SELECT 1 AS a"


def test_the_tables_are_those_that_are_read_and_no_common_table_expressions() -> None:
    text = "with orders as (select * from raw.orders) select * from orders join db.s.t using (id)"
    assert check_query(text, "duckdb").tables == (TableRef("t", "s", "db"), TableRef("orders", "raw"))


@pytest.mark.parametrize(
    ("dialect", "text", "printed"),
    [
        ("postgres", "a ~ '^x' and b::text <> ''", "a ~ '^x' AND CAST(b AS TEXT) <> ''"),
        ("bigquery", r"regexp_contains(a, r'^\d+$')", r"REGEXP_CONTAINS(a, '^\\d+$')"),
        ("bigquery", "safe_cast(a as int64) is not null", "NOT SAFE_CAST(a AS INT64) IS NULL"),
        ("snowflake", "try_to_number(a) is not null", "NOT TRY_TO_NUMBER(a) IS NULL"),
        ("databricks", "a rlike '^x'", "REGEXP_LIKE(a, '^x')"),
        ("trino", "regexp_like(a, '^x')", "REGEXP_LIKE(a, '^x')"),
        ("mysql", r"a = 'it\'s'", "a = 'it''s'"),
    ],
)
def test_every_dialect_has_its_own_words(dialect: str, text: str, printed: str) -> None:
    assert check_expression(text, dialect).sql == printed


def test_a_function_of_the_users_own_passes_when_its_name_is_allowed() -> None:
    with pytest.raises(RefusedError, match="not known to be read-only") as refused:
        check_expression("is_iban(a)", "duckdb")
    assert refused.value.hint is not None
    assert check_expression("is_iban(a)", "duckdb", allow=frozenset({"is_iban"})).columns == ("a",)


def test_a_function_in_a_schema_passes_when_its_whole_name_is_allowed() -> None:
    assert check_expression("shop.is_iban(a)", "postgres", allow=frozenset({"shop.is_iban"})).sql == "shop.is_iban(a)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a > 1 -- x", "comment"),
        ("a > 1) or (b", "closes a bracket"),
        ("count(*) > 1", "aggregates"),
        ("select 1", "query where an expression is wanted"),
        ("a in (select a from 'x.csv')", "take for a file"),
        ("a >", "is not SQL that duckdb reads"),
    ],
)
def test_a_refusal_says_why(text: str, message: str) -> None:
    with pytest.raises(RefusedError, match=message):
        check_expression(text, "duckdb")


def test_a_dialect_that_nobody_knows_is_a_clear_error() -> None:
    with pytest.raises(UsageError, match="no SQL dialect 'abacus'"):
        check_expression("a > 1", "abacus")


BOTH = {"passed": "passed", "row_count": "row_count"}


@pytest.mark.parametrize(
    ("text", "returns", "answer"),
    [
        ("select count(*) = 0 as passed, count(*) as row_count from t", "passed", BOTH),
        ('select 1 as "Passed", 2 as ROW_COUNT', "passed", {"passed": '"Passed"', "row_count": "ROW_COUNT"}),
        ("select n = 0 as passed, n from (select count(*) as n from t) as x", "passed", {"passed": "passed"}),
        ("select case when count(*) > 0 then 0 else 1 end as passed, 1 as n from t", "passed", {"passed": "passed"}),
        ("select passed, row_count from v", "passed", BOTH),
        ("select count(*) = 0 as passed from t", "boolean", {"passed": "passed"}),
        ("select id, passed from exams where not passed", "rows", {"passed": "passed"}),
        ("select passed from exams where not passed", "rows", {"passed": "passed"}),
        ("select passed, count(*) as n from exams group by passed", "rows", {"passed": "passed"}),
        ("select a, row_number() over () as passed from t", "rows", {"passed": "passed"}),
        ("select * from t", "rows", {}),
    ],
)  # fmt: skip
def test_a_query_has_passed_if_that_is_surely_its_verdict(text: str, returns: str, answer: dict[str, str]) -> None:
    found = check_query(text, "duckdb")
    assert (found.returns, dict(found.answer)) == (returns, answer)


def test_tables_that_are_looked_up_may_be_called_anything() -> None:
    for name in ("raw.log", '"orders.csv"', '"a/b.parquet"', "system", "pg_orders"):
        assert check_query(f"select id from {name}", "duckdb", known_tables=True).tables
        with pytest.raises(RefusedError):
            check_query(f"select id from {name}", "duckdb")
    with pytest.raises(RefusedError):
        check_query('with "x.csv" as (select 1 as id) select id from "x.csv"', "duckdb", known_tables=True)
    with pytest.raises(RefusedError):
        check_query("select * from read_csv('x.csv')", "duckdb", known_tables=True)
