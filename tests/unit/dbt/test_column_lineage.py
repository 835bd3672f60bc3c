"""What feeds each column of a model, and what it joins, is read off its compiled SQL."""

from __future__ import annotations

import pytest

from aegis.dbt.artifacts.schema import Manifest, Metadata, Node
from aegis.dbt.graph.column_flow import ColumnInput, ColumnLineage, ColumnRef, Join
from aegis.dbt.graph.column_lineage import LineageIndex

COLUMNS = {
    "source.shop.raw.orders": ("id", "customer_id", "amount", "loaded_at"),
    "model.shop.customers": ("id", "name"),
}
MODEL = "model.shop.out"


def lineage_of(sql: str) -> ColumnLineage:
    nodes = {
        "model.shop.customers": Node(
            unique_id="model.shop.customers", resource_type="model", relation_name='"db"."main"."customers"'
        )
    }
    source = Node(unique_id="source.shop.raw.orders", resource_type="source", relation_name='"db"."raw"."orders"')
    manifest = Manifest(metadata=Metadata(), nodes=nodes, sources={source.unique_id: source})
    return LineageIndex(manifest, "duckdb", COLUMNS, {MODEL: sql}).of(MODEL)


def order(column: str, plain: bool = True, nulls: bool = True, uniform: bool = True) -> ColumnInput:
    return ColumnInput(ColumnRef("source.shop.raw.orders", column), plain, nulls=nulls, uniform=uniform)


def test_a_renamed_or_cast_column_is_passed_on_as_it_is() -> None:
    found = lineage_of('select id as order_id, cast(amount as double) as amount from "db"."raw"."orders"')
    assert found.feeds == {"order_id": (order("id"),), "amount": (order("amount"),)}
    assert (found.base, found.grouped, found.reads) == ("source.shop.raw.orders", False, ("source.shop.raw.orders",))


def test_a_computed_column_is_made_from_others() -> None:
    found = lineage_of('select amount / 100 as euros, coalesce(customer_id, id) as who from "db"."raw"."orders"')
    assert found.feeds["euros"] == (order("amount", plain=False),)
    assert set(found.feeds["who"]) == {
        order("customer_id", plain=False, uniform=False),
        order("id", plain=False, uniform=False),
    }


def test_columns_are_followed_through_stars_and_ctes() -> None:
    sql = """
    with raw as (select * from "db"."raw"."orders"), ranked as (
        select *, row_number() over (partition by id order by loaded_at) as place from raw
    )
    select * from ranked where place = 1
    """
    found = lineage_of(sql)
    assert found.feeds["customer_id"] == (order("customer_id"),)
    assert set(found.feeds) == {"id", "customer_id", "amount", "loaded_at", "place"}


def test_columns_of_a_table_that_the_catalog_does_not_know_are_followed_all_the_same() -> None:
    source = Node(unique_id="source.shop.raw.orders", resource_type="source", relation_name="db.raw.orders")
    manifest = Manifest(metadata=Metadata(), nodes={}, sources={source.unique_id: source})
    sql = "with raw as (select id, amount from db.raw.orders) select id, amount * 2 as twice from raw"
    found = LineageIndex(manifest, "duckdb", {}, {MODEL: sql}).of(MODEL)
    assert found.feeds == {"id": (order("id"),), "twice": (order("amount", plain=False),)}


@pytest.mark.parametrize(
    ("expression", "uniform"),
    [
        ("(amount / 100)::numeric(16, 2)", True),
        ("round(-amount * 1.19, 2) + customer_id", True),
        ("loaded_at + interval '1 hour'", True),
        ("datediff('year', born, current_date)", True),
        ("date_trunc('month', loaded_at)", True),
        ("max(abs(amount))", True),
        ("sum(amount)", False),
        ("max(case when id > 3 then amount end)", False),
        ("max(amount) filter (where id > 3)", False),
        ("case when id > 3 then amount else 0 end", False),
        ("coalesce(amount, 0)", False),
        ("greatest(amount, 0)", False),
        ("try_cast(amount as integer)", False),
        ("replace(amount::text, '$', '')", False),
        ("sum(amount) over (partition by id)", False),
        ("amount > 3", False),
    ],
)
def test_arithmetic_is_the_same_for_all_rows_and_nothing_else_is(expression: str, uniform: bool) -> None:
    feeds = lineage_of(f'select {expression} as made from "db"."raw"."orders"').feeds["made"]
    assert {feed.uniform for feed in feeds} == {uniform}


def test_a_union_is_fed_by_both_sides() -> None:
    sql = 'select id from "db"."raw"."orders" union all select id from "db"."main"."customers"'
    assert set(lineage_of(sql).feeds["id"]) == {
        order("id"),
        ColumnInput(ColumnRef("model.shop.customers", "id"), True, nulls=True, uniform=True),
    }


@pytest.mark.parametrize(
    ("join", "optional"), [("left join", "right"), ("join", ""), ("right join", "left"), ("full join", "both")]
)
def test_a_join_says_what_it_holds_equal_and_which_side_may_be_missing(join: str, optional: str) -> None:
    sql = f"""
    select o.id, c.name from "db"."raw"."orders" as o {join} "db"."main"."customers" as c
    on o.customer_id = c.id and o.amount > 0
    """
    found = lineage_of(sql)
    left, right = ColumnRef("source.shop.raw.orders", "customer_id"), ColumnRef("model.shop.customers", "id")
    assert found.joins == (Join(left, right, optional),)
    assert found.base == "source.shop.raw.orders"


def test_a_join_says_in_which_ephemeral_model_it_stands() -> None:
    sql = """
    with __dbt__cte__int_named as (
        with o as (select * from "db"."raw"."orders"),
        named as (select o.id, c.name from o left join "db"."main"."customers" as c on o.customer_id = c.id)
        select * from named
    )
    select n.id from __dbt__cte__int_named as n join "db"."main"."customers" as c on n.id = c.id
    """
    assert {(join.left.column, join.within) for join in lineage_of(sql).joins} == {
        ("customer_id", "int_named"), ("id", None),
    }  # fmt: skip


@pytest.mark.parametrize("sql", ["select id from t group by id", "select distinct id from t"])
def test_a_model_that_puts_rows_together_says_so(sql: str) -> None:
    assert lineage_of(sql.replace(" t", ' "db"."raw"."orders"')).grouped


@pytest.mark.parametrize("sql", ["this is no SQL at all (", "update t set x = 1", "select 1; select 2", "(" * 5000])
def test_sql_that_cannot_be_read_says_why(sql: str) -> None:
    found = lineage_of(sql)
    assert found.unread and not found.feeds


def test_a_node_without_compiled_sql_says_so() -> None:
    manifest = Manifest(metadata=Metadata(), nodes={})
    assert LineageIndex(manifest, "duckdb", {}, {}).of("model.shop.x").unread == "its compiled SQL is not known"


def test_a_long_chain_of_ctes_is_read_in_time_that_grows_with_its_length() -> None:
    chain = ['c0 as (select id as a, amount as b from "db"."raw"."orders")']
    chain += [f"c{n} as (select a + b as a, a - b as b from c{n - 1})" for n in range(1, 40)]
    found = lineage_of(f"with {', '.join(chain)} select a from c39")
    assert set(found.feeds["a"]) == {order("id", plain=False), order("amount", plain=False)}


def test_a_recursive_cte_ends() -> None:
    sql = """
    with recursive tree as (
        select id, customer_id from "db"."raw"."orders"
        union all select o.id, tree.customer_id from "db"."raw"."orders" as o join tree on o.customer_id = tree.id
    ) select id, customer_id from tree
    """
    assert order("customer_id") in lineage_of(sql).feeds["customer_id"]


@pytest.mark.parametrize(
    "comment", ["-- about orders\n", "/* about\norders */ ", "-- one\n-- two\n/* three */\n", "(-- in brackets\n"]
)
def test_a_comment_before_the_first_word_is_nothing(comment: str) -> None:
    sql = 'select id as order_id from "db"."raw"."orders"' + (")" if comment.startswith("(") else "")
    assert lineage_of(comment + sql).feeds == {"order_id": (order("id"),)}


def test_what_comes_through_a_star_of_which_the_columns_are_not_known_is_hidden() -> None:
    other = '"db"."raw"."elsewhere"'
    found = lineage_of(f'with e as (select * from {other}) select e.a, 1 as b, o.id from e, "db"."raw"."orders" as o')
    assert {name for name in ("a", "b", "id") if found.hides(name)} == {"a"}
    assert found.feeds == {"a": (), "b": (), "id": (order("id"),)}
    assert not found.has_star and not found.hides("c")
    whole = lineage_of(f"select *, 1 as b from {other}")
    assert whole.has_star and whole.hides("anything") and not whole.hides("B")


def test_what_comes_through_a_star_of_which_the_columns_are_known_is_not_hidden() -> None:
    found = lineage_of('with o as (select * from "db"."raw"."orders") select id from o')
    assert found.feeds["id"] == (order("id"),) and not found.hides("id")


def test_many_comments_before_what_is_no_query_cost_nothing() -> None:
    """Each comment could be read as the beginning of a longer one: 2 to the power of their number ways."""
    assert lineage_of("/**/" * 60 + "x").unread is not None


def test_a_python_model_has_no_sql_to_read() -> None:
    model = Node(unique_id=MODEL, resource_type="model", language="python")
    manifest = Manifest(metadata=Metadata(), nodes={MODEL: model})
    index = LineageIndex(manifest, "duckdb", {}, {MODEL: "def model(dbt, session): ..."})
    assert (index.of(MODEL).unread, index.compiled(MODEL)) == ("it is a Python model", None)


def test_a_table_that_dbt_does_not_know_is_named() -> None:
    found = lineage_of('select o.id, e.name from "db"."raw"."orders" as o join else_where.table_x as e on e.id = o.id')
    assert found.strangers == ("table_x",)
    assert found.hides("name") and not found.hides("id")


@pytest.mark.parametrize("made", ["generate_series(1, 9) as t(i)", "range(9) as t(i)", "(values (1), (2)) as t(i)"])
def test_rows_that_a_function_makes_are_made_here(made: str) -> None:
    found = lineage_of(f"select i as id from {made}")
    assert found.strangers == () and not found.hides("id")


@pytest.mark.parametrize("read", ["read_csv('x.csv')", "read_parquet('x')", "delta_scan('x')", "elsewhere.t"])
def test_rows_that_are_read_from_outside_are_not(read: str) -> None:
    found = lineage_of(f"select t.i as id from {read} as t")
    assert len(found.strangers) == 1 and found.hides("id")
