"""Values without a partner: which of two tables is at fault, and where on the way each of them is followed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from aegis.dbt.graph.column_flow import ColumnRef
from aegis.dbt.graph.state import Change
from aegis.investigate.localise import Origin
from aegis.investigate.symptoms import Symptom
from tests.unit.investigate.lab import Lab

ORDERS = "select i as id, i % 50 as customer_id from range(200) as t(i)"
CUSTOMERS = "select i as id, i % 5 as region from range(50) as t(i)"
REGIONS = "select i as id from range(5) as t(i)"
MODELS = {
    "stg_orders": "select id, customer_id from lab.raw.orders",
    "stg_customers": "select id, region from lab.raw.customers",
    "dim": "select id, region from lab.main.stg_customers",
    "fct": "select id, customer_id from lab.main.stg_orders",
}
SOURCES = {"orders": ORDERS, "customers": CUSTOMERS, "regions": REGIONS}
FCT, DIM, STG = "model.shop.fct", "model.shop.dim", "model.shop.stg_customers"
RAW_ORDERS, RAW_CUSTOMERS = "source.shop.raw.orders", "source.shop.raw.customers"
SHORT = MODELS["stg_customers"] + " where id < 45"


def lab(tmp_path: Path, **sql: str) -> Lab:
    """The shop; ``sql`` by name in place of what is usual, of a source or of a model."""
    sources = {name: sql.pop(name, usual) for name, usual in SOURCES.items()}
    # In the order in which they read one another.
    models = {name: sql.pop(name, usual) for name, usual in MODELS.items()}
    return Lab(tmp_path, sources, {**sql, **models})


def orphan(node: str = FCT, column: str = "customer_id", to: str = DIM, **more: Any) -> Symptom:
    return Symptom(node, "foreign_key", (column,), reference=ColumnRef(to, "id"), dialect="duckdb", **more)


def path(origin: Origin) -> list[tuple[str, str | None, int | None, str]]:
    return [(hop.node.rpartition(".")[2], hop.column, hop.rows_failed, hop.asked) for hop in origin.path]


def change(node: str, before: str | None, *columns: str) -> dict[str, Change]:
    return {node: Change(node, "which rows it has", frozenset(columns), rows=not columns, before=before)}


def test_the_way_up_a_reference_is_told_with_what_each_table_lacks(tmp_path: Path) -> None:
    origin = lab(tmp_path, stg_customers=SHORT).origin(orphan())
    assert (origin.node, origin.kind, origin.confidence) == (STG, "lost_rows", 0.95)
    assert path(origin) == [
        ("fct", "customer_id", 20, "the finding"),
        ("dim", "id", 20, "values that it lacks"),
        ("stg_customers", "id", 20, "values that it lacks"),
    ]
    assert (origin.others, origin.unchecked) == ((), ())


def test_where_a_table_lacks_about_as_much_as_its_parent_the_parent_is_asked_on(tmp_path: Path) -> None:
    # Of 25 values half and one more are missing above, too.
    fewer = MODELS["dim"] + " where id >= 12"
    origin = lab(tmp_path, dim=fewer, customers=f"{CUSTOMERS} where i < 37").origin(orphan())
    assert origin.node == RAW_CUSTOMERS
    fewer = MODELS["dim"] + " where id >= 14"
    (tmp_path / "other").mkdir()
    assert lab(tmp_path / "other", dim=fewer, customers=f"{CUSTOMERS} where i < 37").origin(orphan()).node == DIM


def test_a_reference_that_could_not_be_built_is_the_origin(tmp_path: Path) -> None:
    origin = lab(tmp_path, stg_customers=SHORT).origin(orphan(), broken=frozenset({DIM}))
    assert (origin.node, origin.kind, len(origin.path)) == (DIM, "error", 2)


def test_of_a_reference_with_a_star_nothing_is_known_beyond(tmp_path: Path) -> None:
    star = MODELS["dim"].replace("id, region", "*")
    origin = lab(tmp_path, stg_customers=SHORT, dim=star).origin(orphan())
    assert (origin.node, origin.kind) == (DIM, "unknown")
    assert origin.unchecked == (f"what feeds {DIM}.id: the columns of its * are not known",)
    assert path(origin)[-1][0] == "dim"


def test_the_key_of_a_reference_that_is_made_of_others_has_no_way_up(tmp_path: Path) -> None:
    made = MODELS["dim"].replace("select id", "select id + 45 as id")
    origin = lab(tmp_path, dim=made).origin(orphan())
    # The values stand in a source, and a model lacks them: the table that has them is what is told, with doubt.
    assert origin.node in {DIM, RAW_ORDERS} and origin.confidence < 0.9
    assert f"what feeds {DIM}.id" in origin.unchecked


@pytest.mark.parametrize("before", [MODELS["stg_customers"], MODELS["stg_customers"] + " where id < 49", None])
def test_changed_code_lost_the_values_where_its_sql_of_before_has_them(tmp_path: Path, before: str | None) -> None:
    # 4 of 20 rows would be left with the second: no more than a fifth.
    origin = lab(tmp_path, stg_customers=SHORT).origin(orphan(), changes=change(STG, before))
    assert (origin.node, origin.kind, origin.detail) == (STG, "code_changed", "which rows it has")
    assert [hop[0] for hop in path(origin)] == ["fct", "dim", "stg_customers"]


@pytest.mark.parametrize(
    "changes",
    [
        change(STG, MODELS["stg_customers"] + " where id < 48"),  # 8 of 20 would be left
        change(STG, SHORT.replace("region", "lower(region) as region"), "region"),  # another column
        change(STG, SHORT),  # the same rows
    ],
)
def test_and_not_where_it_lacked_them_before(tmp_path: Path, changes: dict[str, Change]) -> None:
    origin = lab(tmp_path, stg_customers=SHORT).origin(orphan(), changes=changes)
    assert (origin.node, origin.kind, origin.detail) == (STG, "lost_rows", None)


def test_sql_of_before_that_cannot_be_asked_is_said_and_the_change_is_told_with_doubt(tmp_path: Path) -> None:
    gone = change(STG, "select id from lab.raw.gone")
    origin = lab(tmp_path, stg_customers=SHORT).origin(orphan(), changes=gone)
    assert (origin.node, origin.kind, origin.confidence) == (STG, "code_changed", 0.8)
    assert origin.unchecked[0].startswith(f"{STG} with its SQL of before: ")


JOINED = "select c.id, c.region from lab.main.stg_customers as c join lab.raw.regions as r on c.region = r.id"


def test_rows_that_an_inner_join_drops_lead_to_the_table_that_lacks_their_partner(tmp_path: Path) -> None:
    few = REGIONS.replace("range(5)", "range(2)")
    origin = lab(tmp_path, dim=JOINED, regions=few).origin(orphan())
    assert (origin.node, origin.kind) == ("source.shop.raw.regions", "stale")
    assert ("stg_customers", "region", 30, "rows that an inner join drops") in path(origin)


def test_an_inner_join_that_drops_fewer_than_half_of_them_is_not_what_lost_them(tmp_path: Path) -> None:
    # One region of five has no partner (10 customers); a filter loses 35 more.
    few = f"{JOINED} where c.id < 15"
    origin = lab(tmp_path, dim=few, regions=REGIONS.replace("range(5)", "range(4)")).origin(orphan())
    assert (origin.node, origin.kind) == (DIM, "lost_rows")


def test_of_several_tables_that_bring_the_key_the_one_that_lacks_least_is_followed(tmp_path: Path) -> None:
    both = (
        "select id, region from lab.main.stg_customers union all "
        "select id, 0 as region from lab.raw.regions where id > 900"
    )
    origin = lab(tmp_path, dim=both, stg_customers=SHORT).origin(orphan())
    assert (origin.node, origin.kind) == (STG, "lost_rows")


def test_a_key_that_only_one_of_two_tables_can_be_asked_of_goes_on_with_that(tmp_path: Path) -> None:
    none = "select id, 0 as region from lab.raw.regions where false"
    both = f"select id, region from lab.main.stg_customers union all {none}"
    there = lab(tmp_path, dim=both, stg_customers=SHORT)
    _as_table(there, "dim")
    with duckdb.connect(str(tmp_path / "lab.duckdb")) as connection:
        connection.execute("drop table raw.regions")
    assert there.origin(orphan()).node == STG


def _as_table(there: Lab, name: str) -> None:
    with duckdb.connect(str(there.folder / "lab.duckdb")) as connection:
        connection.execute(f"create table main.kept as select * from main.{name}; drop view main.{name}")
        connection.execute(f"alter table main.kept rename to {name}")


# Up the values -----------------------------------------------------------------------------------------------------

ODD = ORDERS.replace("i % 50 as", "case when i = 5 then 999 else i % 50 end as")
MADE = MODELS["stg_orders"].replace("id, customer_id", "id, customer_id + 1 as customer_id")


def test_a_value_that_a_model_makes_is_that_model_s(tmp_path: Path) -> None:
    origin = lab(tmp_path, stg_orders=MADE).origin(orphan())
    assert (origin.node, origin.kind) == ("model.shop.stg_orders", "logic")
    assert path(origin)[-1] == ("stg_orders", "customer_id", 4, "the same value")


def test_a_changed_model_that_makes_the_value_is_told_with_its_change(tmp_path: Path) -> None:
    changes = change("model.shop.stg_orders", MODELS["stg_orders"])
    origin = lab(tmp_path, stg_orders=MADE).origin(orphan(), changes=changes)
    assert (origin.node, origin.kind, origin.detail) == ("model.shop.stg_orders", "code_changed", "which rows it has")


def test_a_value_behind_a_star_is_not_the_logic_of_the_node(tmp_path: Path) -> None:
    origin = lab(tmp_path, orders=ODD, fct="select * from lab.main.stg_orders").origin(orphan())
    assert (origin.node, origin.kind) == (FCT, "unknown")
    assert origin.unchecked == (f"what feeds {FCT}: the columns of its * are not known",)


def test_a_table_above_that_cannot_be_asked_for_the_value_is_not_clean(tmp_path: Path) -> None:
    there = lab(tmp_path, orders=ODD)
    _as_table(there, "fct")
    with duckdb.connect(str(tmp_path / "lab.duckdb")) as connection:
        connection.execute("drop view main.stg_orders")
    origin = there.origin(orphan())
    assert (origin.node, origin.kind, origin.confidence) == (FCT, "unknown", 0.2)


def test_a_value_that_is_clean_above_stays_where_it_is_though_no_code_changed(tmp_path: Path) -> None:
    # The table is older than the view that made it: what stands there now, no parent has.
    there = lab(tmp_path, orders=ODD)
    _as_table(there, "fct")
    with duckdb.connect(str(tmp_path / "lab.duckdb")) as connection:
        connection.execute("update raw.orders set customer_id = 5 where customer_id = 999")
    blind, seeing = there.origin(orphan()), there.origin(orphan(), changes={})
    assert (blind.node, blind.kind) == (FCT, "logic")
    assert (seeing.node, seeing.kind) == (FCT, "unknown") and seeing.confidence < blind.confidence


# Between two sources -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("orders", "customers", "node", "kind"),
    [
        # One value that nobody else knows, outside of those that are there.
        (ODD, CUSTOMERS, RAW_ORDERS, "bad_source_data"),
        # Two, again and again.
        (ORDERS.replace("i % 50", "case when i % 9 = 0 then 900 + i % 2 else i % 50 end"), CUSTOMERS, RAW_ORDERS,
         "bad_source_data"),
        # Many that are far from all that are known.
        (ORDERS.replace("i % 50", "case when i < 9 then 900 + i else i % 50 end"), CUSTOMERS, RAW_ORDERS,
         "bad_source_data"),
        # Three are rows that did not come.
        (ORDERS, f"{CUSTOMERS} where i < 47", RAW_CUSTOMERS, "stale"),
        # One from among those that are there is a row that did not come, too.
        (ORDERS, f"{CUSTOMERS} where i <> 20", RAW_CUSTOMERS, "stale"),
        # NULL stands in its place.
        (ORDERS, CUSTOMERS.replace("i as id", "nullif(i, 20) as id"), RAW_CUSTOMERS, "bad_source_data"),
    ],
)  # fmt: skip
def test_of_two_sources_the_odd_one_is_told_and_the_other_named(
    tmp_path: Path, orders: str, customers: str, node: str, kind: str
) -> None:
    origin = lab(tmp_path, orders=orders, customers=customers).origin(orphan())
    assert (origin.node, origin.kind) == (node, kind)
    assert origin.others[0] == ({RAW_ORDERS, RAW_CUSTOMERS} - {node}).pop()
    assert origin.confidence == pytest.approx(0.8)


def test_nulls_that_are_far_fewer_than_the_values_that_are_missing_do_not_stand_for_them(tmp_path: Path) -> None:
    gone = CUSTOMERS.replace("i as id", "nullif(i, 20) as id") + " where i < 46"
    origin = lab(tmp_path, customers=gone).origin(orphan())
    assert (origin.node, origin.kind) == (RAW_CUSTOMERS, "stale")
    assert origin.detail == "5 values of customer_id are missing"


def test_four_nulls_stand_for_five_values(tmp_path: Path) -> None:
    gone = CUSTOMERS.replace("i as id", "case when i not between 20 and 23 then i end as id") + " where i < 49"
    origin = lab(tmp_path, customers=gone).origin(orphan())
    assert (origin.node, origin.kind) == (RAW_CUSTOMERS, "bad_source_data")
    assert path(origin)[-1] == ("customers", "id", 4, "a key that is NULL")


def test_one_value_is_told_in_the_singular(tmp_path: Path) -> None:
    origin = lab(tmp_path, customers=f"{CUSTOMERS} where i <> 20").origin(orphan())
    assert origin.detail == "1 value of customer_id is missing"


def test_a_table_that_refers_to_itself_has_bad_values(tmp_path: Path) -> None:
    orders = "select i as id, case when i > 5 then i + 500 else i end as customer_id from range(20) as t(i)"
    origin = lab(tmp_path, orders=orders).origin(orphan(RAW_ORDERS, to=RAW_ORDERS))
    assert (origin.node, origin.kind, origin.detail) == (RAW_ORDERS, "bad_source_data", None)
