"""What changed since an earlier manifest, and in which part of a model."""

from __future__ import annotations

import pytest
from msgspec import structs

from aegis.dbt.artifacts.schema import DependsOn, Manifest, Metadata, Node, NodeConfig
from aegis.dbt.graph.clauses import line_of_column
from aegis.dbt.graph.state import Change, changes

UID = "model.shop.orders"


def manifest(sql: str | None, raw: str | None = None) -> Manifest:
    node = Node(unique_id=UID, resource_type="model", raw_code=raw or sql, compiled_code=sql)
    return Manifest(metadata=Metadata(adapter_type="duckdb"), nodes={UID: node})


def change(before: str, now: str) -> Change | None:
    return changes(manifest(before), manifest(now)).get(UID)


BEFORE = "with o as (select id, amount, status from raw where amount > 0) select id, amount, status from o"


def test_layout_comments_and_case_are_no_change() -> None:
    assert change(BEFORE, BEFORE) is None
    assert (
        change(BEFORE, BEFORE.replace("select id", "SELECT -- a comment\n  id").replace(" from o", "\n\nfrom o"))
        is None
    )


def test_a_column_that_is_made_otherwise_is_named() -> None:
    found = change(BEFORE, BEFORE.replace("amount, status from raw", "amount / 100 as amount, status from raw"))
    assert found is not None and (found.columns, found.rows) == (frozenset({"amount"}), False)
    assert found.what == "how amount is made (line 1)" and found.before is not None
    assert found.before.lower() == BEFORE
    assert found.touches(("Amount",)) and not found.touches(("status",))


def test_sql_of_before_that_does_more_than_read_is_never_run() -> None:
    for harmful in ("nextval('s')", "query('delete from t')", "read_text('/etc/passwd')"):
        found = change(BEFORE.replace("amount, status from raw", f"{harmful} as amount, status from raw"), BEFORE)
        assert found is not None and found.before is None
    commented = change("select id -- a note\n, 1 as x from t", "select id, 2 as x from t")
    assert commented is not None and commented.before == "SELECT id, 1 AS x FROM t"


def test_a_lost_filter_is_about_rows() -> None:
    found = change(BEFORE, BEFORE.replace(" where amount > 0", ""))
    assert found is not None and found.rows and not found.columns
    assert found.what == "the filter (line 1)" and found.touches(("anything",))


def test_a_new_model_is_new() -> None:
    empty = Manifest(metadata=Metadata(adapter_type="duckdb"), nodes={})
    assert changes(empty, manifest(BEFORE))[UID].what == "is new"


def test_without_compiled_sql_the_source_text_is_compared() -> None:
    before, now = manifest(None, "select {{ x }}"), manifest(None, "select   {{ x }}\n")
    assert changes(before, now) == {}
    assert changes(before, manifest(None, "select {{ y }}"))[UID].columns is None


def test_sql_that_cannot_be_read_is_compared_as_text() -> None:
    assert change("select ((", "select  ((") is None
    found = change("select ((", "select (((")
    assert found is not None and found.columns is None and found.rows


def project(inner: str, compiled: str, *, ephemeral: bool = True) -> Manifest:
    """A model ``b`` over ``a``, in whose compiled SQL the SQL of ``a`` stands."""
    config = NodeConfig(materialized="ephemeral" if ephemeral else "view")
    a = Node(unique_id="model.shop.a", resource_type="model", raw_code=inner, compiled_code=inner, config=config)
    b = Node(
        unique_id="model.shop.b", resource_type="model", raw_code="select id from {{ ref('a') }}",
        compiled_code=compiled,
        depends_on=DependsOn(nodes=["model.shop.a"]),
    )  # fmt: skip
    return Manifest(metadata=Metadata(adapter_type="duckdb"), nodes={a.unique_id: a, b.unique_id: b})


def test_a_change_that_an_ephemeral_model_brought_in_is_that_model_s() -> None:
    def inlined(where: str) -> Manifest:
        return project(
            f"select id from r{where}", f"with __dbt__cte__a as (select id from r{where}) select id from __dbt__cte__a"
        )

    found = changes(inlined(" where id > 1"), inlined(""))["model.shop.b"]
    assert (found.node, found.origin) == ("model.shop.b", "model.shop.a")
    # One whose own file differs, too, stands for itself; so does one over a view.
    before, now = inlined(" where id > 1"), inlined("")
    edited = structs.replace(now.nodes["model.shop.b"], raw_code="select id, 1 as one from {{ ref('a') }}")
    both = structs.replace(now, nodes={**now.nodes, edited.unique_id: edited})
    assert changes(before, both)["model.shop.b"].origin == "model.shop.b"
    view = project("select id from r", "select id from a", ephemeral=False)
    assert (
        changes(project("select id from q", "select id as id from b.a", ephemeral=False), view)["model.shop.b"].origin
        == "model.shop.b"
    )


JOINED = """with o as (
    select id, amount, customer from raw where amount > 0
)
select o.id, c.name
from o
left join customers as c on c.id = o.customer
"""


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("left join", "join", "the join to customers (line 6)"),
        ("c.id = o.customer", "c.id = o.id", "the join to customers (line 6)"),
        ("where amount > 0", "where amount > 10", "the filter (line 2)"),
        (" where amount > 0", "", "the filter (line 2)"),
        ("from o\n", "from o\njoin shops as s on s.id = o.id\n", "the join to shops (line 6)"),
        ("select o.id, c.name", "select distinct o.id, c.name", "DISTINCT (line 4)"),
        ("o.customer\n", "o.customer\ngroup by 1, 2\n", "the grouping (line 7)"),
        ("o.customer\n", "o.customer\nlimit 5\n", "the limit (line 7)"),
        ("from raw", "from other", "what it reads (line 2)"),
        ("c.name\n", "upper(c.name) as name\n", "how name is made (line 4)"),
        (
            "amount, customer from raw where amount > 0", "amount * 2 as amount, customer from raw",
            "how amount is made and the filter (line 2)",
        ),
        ("from raw where amount > 0", "from (select * from raw) as r where amount > 0", "which rows it has (line 2)"),
    ],
)  # fmt: skip
def test_the_clause_that_changed_is_named_with_its_line(old: str, new: str, what: str) -> None:
    assert old in JOINED
    found = change(JOINED, JOINED.replace(old, new))
    assert found is not None and found.what == what


def test_a_line_is_that_of_the_file_as_people_write_it() -> None:
    before = manifest(BEFORE, "{{ config(tags=['x']) }}\n-- a note\nselect {{ columns() }}\nfrom raw\n")
    now = manifest(
        BEFORE.replace("amount > 0", "amount > 9"),
        "-- more\n{{ config(tags=['x']) }}\nselect {{ columns() }}\nfrom raw r\n",
    )
    found = changes(before, now)[UID]
    # Lines that are comments alone are none.
    assert found.what == "the filter (line 4)"
    macro = changes(manifest(BEFORE, "{{ made() }}"), manifest(BEFORE.replace("> 0", "> 9"), "{{ made() }}"))[UID]
    assert macro.what == "the filter"


@pytest.mark.parametrize(
    ("column", "line"),
    [("id", 3), ("total", 4), ("name", 5), ("amount", None), ("TOTAL", 4)],
)
def test_the_line_that_makes_a_column_is_the_last_that_names_it(column: str, line: int | None) -> None:
    sql = "with o as (select id from raw)\nselect\n  o.id,\n  sum(amount_cents) as total, -- as id\n  c.name\nfrom o"
    assert line_of_column(sql, column) == line
