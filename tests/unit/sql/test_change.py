"""What people write every day passes: queries the one gate, fixes the other; and what passed passes again unchanged."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from aegis.errors import RefusedError
from aegis.sql.change import GatedChange, check_change
from aegis.sql.gate import check_query

ORDINARY: dict[str, list[list[str]]] = yaml.safe_load(
    Path(__file__).with_name("ordinary.yml").read_text(encoding="utf-8")
)
TARGET = '"shop"."main"."orders"'
FULL = {"bigquery": "`shop`.`main`.`orders`", "databricks": "`shop`.`main`.`orders`"}
_WORDS = """
    update delete from insert into merge orders customers set where and or not in is null = <> < > ( ) , ; * 1 'x'
    id status amount true values select using on when matched then exists returning case end with as like '%' 1=1
    id=id orders.id customers.id
"""
WORDS = _WORDS.split()


def passed(sql: str, dialect: str = "duckdb") -> GatedChange:
    return check_change(sql, dialect, tables=[FULL.get(dialect, TARGET)])


def test_there_are_enough_of_them() -> None:
    assert len(ORDINARY["queries"]) >= 60 and len(ORDINARY["fixes"]) >= 25


@pytest.mark.parametrize("case", ORDINARY["queries"], ids=str)
def test_an_ordinary_query_passes_and_passes_again(case: list[str]) -> None:
    dialect, sql = case
    once = check_query(sql, dialect)
    assert check_query(once.sql, dialect).sql == once.sql


@pytest.mark.parametrize("case", ORDINARY["fixes"], ids=str)
def test_an_ordinary_fix_passes_and_passes_again(case: list[str]) -> None:
    dialect, sql = case
    once = passed(sql, dialect)
    assert passed(once.sql, dialect) == once
    assert once.target == FULL.get(dialect, TARGET) and f"{once.kind} ".upper() in once.sql


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join),
        st.sampled_from([sql for _, sql in ORDINARY["fixes"]]).flatmap(
            lambda sql: st.tuples(st.integers(0, len(sql)), st.sampled_from(WORDS)).map(
                lambda put: sql[: put[0]] + " " + put[1] + " " + sql[put[0] :]
            )
        ),
        st.tuples(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)).map(
            lambda parts: f"delete from orders where {parts[0]}"
        ),
    ),
    st.sampled_from(["duckdb", "postgres", "bigquery", "databricks", "trino"]),
)
def test_whatever_passes_passes_again_unchanged(sql: str, dialect: str) -> None:
    try:
        once = passed(sql, dialect)
    except RefusedError as refused:
        assert refused.message
        return
    assert passed(once.sql, dialect) == once
    assert once.predicate is not None or once.kind == "insert"


@pytest.fixture
def shop() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"enable_external_access": "false"})
    connection.execute("attach ':memory:' as shop; use shop")
    for statement in (
        "create table orders as select i as id, i % 5 as customer_id, (i - 3)::double as amount, "
        "null::varchar as email, case i % 3 when 0 then 'Shiped' else ' Placed' end as status, "
        "' ' as note, 'A' || i as code, timestamp '2026-01-02' as created_at, timestamp '2026-01-01' as updated_at "
        "from range(9) as r(i)",
        "insert into orders select * from orders where id = 1",
        "insert into orders select * replace (100 as id, null as amount, 'X@y' as email, 'a' as status) from orders "
        "where id = 2",
        "insert into orders select * replace (6 as id, null as amount) from orders where id = 2",
        "create table customers as select i as id, 'test' as email from range(4) as r(i)",
        "create table payments as select i as order_id, i::double as amount from range(5, 15) as r(i)",
        "create schema raw",
        "create table raw.orders as select * from orders",
        "set lock_configuration = true",
    ):
        connection.execute(statement)
    return connection


@pytest.mark.parametrize("sql", [sql for dialect, sql in ORDINARY["fixes"] if dialect == "duckdb"])
def test_what_passes_changes_the_target_alone(sql: str, shop: duckdb.DuckDBPyConnection) -> None:
    others = ("customers", "payments", "raw.orders")
    before = {table: shop.execute(f"select * from {table} order by all").fetchall() for table in (*others, "orders")}
    tables = shop.execute("select count(*) from duckdb_tables()").fetchall()
    shop.execute(passed(sql).sql)
    assert shop.execute("select * from orders order by all").fetchall() != before["orders"]
    assert all(shop.execute(f"select * from {one} order by all").fetchall() == before[one] for one in others)
    assert shop.execute("select count(*) from duckdb_tables()").fetchall() == tables


@pytest.mark.parametrize(
    ("sql", "kind", "predicate", "columns", "simple"),
    [
        ("update orders set a = b + 1 where c = 1", "update", "c = 1", ("a",), True),
        ("delete from orders as o where o.c = 1", "delete", "o.c = 1", (), True),
        ("insert into orders (a, b) values (1, 2)", "insert", None, ("a", "b"), False),
        ("update orders set a = s.a from s where s.id = orders.id", "update", "s.id = orders.id", ("a",), False),
    ],
)
def test_what_passed_is_known_in_parts(
    sql: str, kind: str, predicate: str | None, columns: tuple[str, ...], simple: bool
) -> None:
    found = passed(sql)
    assert (found.kind, found.predicate, found.columns, found.simple) == (kind, predicate, columns, simple)


def test_the_target_is_named_in_full_wherever_the_statement_names_it() -> None:
    sql = passed("delete from orders where id in (select max(id) from orders group by code)").sql
    assert sql.count(TARGET) == 2


def test_no_search_path_decides_what_is_changed(shop: duckdb.DuckDBPyConnection) -> None:
    shop.execute("use shop.raw")
    shop.execute(passed("delete from orders where id = 1").sql)
    left = [f"select count(*) from shop.{schema}.orders where id = 1" for schema in ("raw", "main")]
    assert [shop.execute(one).fetchall() for one in left] == [[(2,)], [(0,)]]


def test_one_name_that_fits_two_tables_is_refused() -> None:
    both = [TARGET, '"shop"."raw"."orders"']
    with pytest.raises(RefusedError, match="may be any of"):
        check_change("delete from orders where id = 1", "duckdb", tables=both)
    assert check_change("delete from raw.orders where id = 1", "duckdb", tables=both).target == both[1]


def test_no_table_is_changed_where_none_is_allowed() -> None:
    with pytest.raises(RefusedError, match="not the table to be fixed"):
        check_change("delete from orders where id = 1", "duckdb", tables=[])


@pytest.mark.parametrize("name", ["getenv", "nextval", "read_csv"])
def test_a_dangerous_function_does_not_pass_even_when_its_name_is_allowed(name: str) -> None:
    with pytest.raises(RefusedError):
        check_change(f"update orders set a = {name}('x') where id = 1", "duckdb", tables=[TARGET],
                     allow=frozenset({name}))  # fmt: skip


def test_a_function_of_the_users_own_passes_when_its_name_is_allowed() -> None:
    sql = "update orders set a = clean(a) where a <> clean(a)"
    with pytest.raises(RefusedError, match="not known to be read-only"):
        passed(sql)
    assert check_change(sql, "duckdb", tables=[TARGET], allow=frozenset({"clean"})).assigned == {"a": "clean(a)"}


ODD = {
    "a number beyond all": 'delete from "d"."m"."t" where a > 1e9999999',
    "many lists": 'delete from "d"."m"."t" where 0=0 and 1=1 and 2=2 and 3=3 and 4=4 and 5=5 and '
    + " and ".join(f"c{n} in (1, 2, 3, 4, 5)" for n in range(6)),
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", ODD)
def test_no_condition_makes_the_gate_hang_or_break(name: str) -> None:
    try:
        check_change(ODD[name], "duckdb", tables=['"d"."m"."t"'])
    except RefusedError as refused:
        assert refused.message
