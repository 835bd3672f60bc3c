"""Where a fault began: each way in which a symptom changes its form on its way down, on a real database."""

from __future__ import annotations

from typing import Any

import pytest

from aegis.dbt.graph.column_flow import ColumnRef
from aegis.dbt.graph.state import Change
from aegis.investigate.checks import CheckRunner
from aegis.investigate.localise import Origin
from aegis.investigate.query_budget import Bounds
from aegis.investigate.symptoms import Symptom
from tests.unit.investigate.lab import CUSTOMERS, INNER, ORDERS, STG_CUSTOMERS


def null_name() -> Symptom:
    return Symptom("model.shop.fct", "not_null", ("name",), dialect="duckdb")


def way(origin: Origin) -> list[str]:
    return [hop.node.rpartition(".")[2] for hop in origin.path]


def test_a_null_that_is_in_the_source_arrived_there(make: Any) -> None:
    lab = make(orders=ORDERS.replace("i % 50 as customer_id", "case when i > 9 then i % 50 end as customer_id"))
    origin = lab.origin(Symptom("model.shop.fct", "not_null", ("customer_id",)))
    assert (origin.node, origin.kind) == ("source.shop.raw.orders", "bad_source_data")
    assert way(origin) == ["fct", "stg_orders", "orders"]
    assert [hop.rows_failed for hop in origin.path[1:]] == [10, 10]


def test_a_null_that_no_parent_has_is_made_by_the_node_s_logic(make: Any) -> None:
    lab = make(stg_orders="select id, nullif(customer_id, 7) as customer_id, amount from lab.raw.orders")
    origin = lab.origin(Symptom("model.shop.fct", "not_null", ("customer_id",)))
    assert (origin.node, origin.kind, origin.detail) == ("model.shop.stg_orders", "logic", "how customer_id is made")


def test_without_a_state_a_value_that_is_made_of_others_is_told_with_doubt(make: Any) -> None:
    lab = make(stg_orders="select id, customer_id, amount * 100 as amount from lab.raw.orders")
    symptom = Symptom("model.shop.fct", "max_value_check", ("amount",), {"max_value": 500})
    blind, seeing = lab.origin(symptom), lab.origin(symptom, changes={})
    assert (blind.node, blind.kind) == ("model.shop.stg_orders", "logic")
    assert blind.confidence < 0.8 and blind.others[0] == "source.shop.raw.orders"
    assert any("without the state of an earlier run" in what for what in blind.unchecked)
    assert seeing.node == "source.shop.raw.orders"


def test_a_null_after_a_left_join_is_a_row_that_the_joined_table_lost(make: Any) -> None:
    lab = make(stg_customers="select id, name from lab.raw.customers where id < 45")
    origin = lab.origin(null_name())
    assert (origin.node, origin.kind) == ("model.shop.stg_customers", "lost_rows")


def test_or_a_row_that_never_came_to_the_source(make: Any) -> None:
    origin = make(customers=CUSTOMERS.replace("range(50)", "range(45)")).origin(null_name())
    assert (origin.node, origin.kind) == ("source.shop.raw.customers", "stale")
    assert origin.detail == "5 values of customer_id are missing"


def test_or_a_key_that_is_null_at_the_source(make: Any) -> None:
    blank = CUSTOMERS.replace("i as id", "case when i < 45 then i end as id")
    origin = make(customers=blank).origin(null_name())
    assert (origin.node, origin.kind) == ("source.shop.raw.customers", "bad_source_data")
    assert origin.path[-1].type == "not_null"


def test_or_the_key_of_the_row_itself_is_null(make: Any) -> None:
    lab = make(orders=ORDERS.replace("i % 50 as customer_id", "case when i > 9 then i % 50 end as customer_id"))
    origin = lab.origin(null_name())
    assert (origin.node, origin.kind) == ("source.shop.raw.orders", "bad_source_data")


TWICE = f"{CUSTOMERS} union all select 3, 'again'"


@pytest.mark.parametrize("promised", [("id",), ("id", "name")])
def test_a_duplicate_after_a_join_is_one_of_the_joined_key_that_is_said_to_be_unique(
    make: Any, promised: tuple[str, ...]
) -> None:
    unique = {"model.shop.stg_customers": frozenset({frozenset(promised)})}
    origin = make(customers=TWICE).origin(Symptom("model.shop.fct", "unique", ("id",)), unique=unique)
    if promised == ("id",):
        assert (origin.node, origin.kind) == ("source.shop.raw.customers", "bad_source_data")
        assert origin.path[-1].column == "id"
    else:
        assert (origin.node, origin.kind) == ("model.shop.fct", "join")


def test_what_a_joined_key_is_made_of_may_be_what_is_said_to_be_unique(make: Any) -> None:
    lab = make(
        customers=TWICE,
        hashed="select md5(cast(id as varchar)) as k, name from lab.main.stg_customers",
        keyed="select md5(cast(customer_id as varchar)) as k, id from lab.main.stg_orders",
        wide="select o.id, h.name from lab.main.keyed as o left join lab.main.hashed as h on o.k = h.k",
    )
    unique = {"model.shop.stg_customers": frozenset({frozenset({"id"})})}
    twice = Symptom("model.shop.wide", "unique", ("id",))
    found = lab.origin(twice, unique=unique)
    assert (found.node, found.kind) == ("source.shop.raw.customers", "bad_source_data")
    assert lab.origin(twice).kind == "join"


def test_a_join_to_a_table_with_many_rows_a_key_is_at_fault_itself(make: Any) -> None:
    origin = make(customers=TWICE).origin(Symptom("model.shop.fct", "unique", ("id",)))
    assert (origin.node, origin.kind, origin.others[0]) == ("model.shop.fct", "join", "model.shop.stg_customers")
    assert origin.detail == "stg_customers has several rows for one id"


GROUPED = "select customer_id, count(*) as n, max(id) as last from lab.main.stg_orders group by customer_id"


def test_a_group_by_lets_no_duplicate_through(make: Any) -> None:
    pairs = "select customer_id, unnest([1, 2]) as place from lab.main.stg_orders where id = 3"
    joined = "left join lab.main.stg_customers as p on p.customer_id = sales.customer_id"
    fct = f"with sales as ({GROUPED}) select sales.customer_id, n, p.place from sales {joined}"
    lab = make(stg_customers=pairs, fct=fct)
    origin = lab.origin(Symptom("model.shop.fct", "unique", ("customer_id",)))
    assert (origin.node, origin.kind) == ("model.shop.fct", "join")


def test_a_joined_table_that_is_grouped_first_has_each_key_once(make: Any) -> None:
    fct = f"select c.id, g.n from lab.main.stg_customers as c left join ({GROUPED}) as g on g.customer_id = c.id"
    lab = make(customers=TWICE, fct=fct)
    origin = lab.origin(Symptom("model.shop.fct", "unique", ("id",)))
    assert (origin.node, origin.kind) == ("source.shop.raw.customers", "bad_source_data")


def test_copies_in_a_joined_table_are_a_fault_there_though_nothing_promises_its_key(make: Any) -> None:
    copied = f"{CUSTOMERS} union all select 3, 'c3'"
    origin = make(customers=copied).origin(Symptom("model.shop.fct", "unique", ("id",)))
    assert (origin.node, origin.kind) == ("source.shop.raw.customers", "bad_source_data")


def test_copies_that_could_not_be_looked_for_accuse_no_data(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CheckRunner, "copies", lambda _self, _node: None)
    origin = make(customers=TWICE).origin(Symptom("model.shop.fct", "unique", ("id",)))
    assert (origin.node, origin.kind) == ("model.shop.fct", "join") and origin.confidence < 0.9
    assert "stg_customers are copies" in origin.unchecked[-1]


def test_duplicates_of_the_table_that_gives_the_rows_are_its_own(make: Any) -> None:
    twice = f"{ORDERS} union all select 3, 7, 12.5"
    origin = make(orders=twice).origin(Symptom("model.shop.fct", "unique", ("id",)))
    assert (origin.node, origin.kind) == ("source.shop.raw.orders", "bad_source_data")


def test_rows_that_are_missing_after_an_inner_join_are_values_that_the_joined_table_lacks(make: Any) -> None:
    lab = make(customers=CUSTOMERS.replace("range(50)", "range(20)"), fct=INNER)
    origin = lab.origin(Symptom("model.shop.fct", "row_count", (), {"min_value": 200}))
    assert origin.node == "source.shop.raw.customers"


def test_a_changed_model_is_the_origin_where_its_sql_of_before_has_no_fault(make: Any) -> None:
    filtered = "select id, name from lab.raw.customers where id < 45"
    change = Change(
        "model.shop.stg_customers", "which rows it has", frozenset(), rows=True, before=STG_CUSTOMERS,
    )  # fmt: skip
    origin = make(stg_customers=filtered).origin(null_name(), changes={change.node: change})
    assert (origin.node, origin.kind) == ("model.shop.stg_customers", "code_changed")


def test_a_change_that_makes_no_difference_is_no_suspect(make: Any) -> None:
    lab = make(customers=CUSTOMERS.replace("range(50)", "range(45)"))
    same = Change("model.shop.stg_customers", "which rows it has", frozenset(), rows=True, before=STG_CUSTOMERS)
    origin = lab.origin(null_name(), changes={same.node: same})
    assert (origin.node, origin.kind) == ("source.shop.raw.customers", "stale")


def test_a_node_that_could_not_be_built_is_where_it_began(make: Any) -> None:
    lab = make(stg_customers="select id, name from lab.raw.customers where id < 45")
    origin = lab.origin(null_name(), broken=frozenset({"model.shop.stg_customers"}))
    assert (origin.node, origin.kind) == ("model.shop.stg_customers", "error")


def test_what_could_no_longer_be_asked_is_said_and_nothing_is_claimed(make: Any) -> None:
    lab = make(customers=CUSTOMERS.replace("range(50)", "range(45)"))
    origin = lab.origin(null_name(), Bounds(queries=0))
    assert (origin.kind, origin.confidence) == ("unknown", 0.2)
    assert any("0 queries were run" in what for what in origin.unchecked)


def test_a_value_without_a_partner_that_only_one_side_knows_is_that_side_s(make: Any) -> None:
    odd = ORDERS.replace("i % 50 as customer_id", "case when i = 5 then 999 else i % 50 end as customer_id")
    reference = ColumnRef("model.shop.stg_customers", "id")
    symptom = Symptom("model.shop.fct", "foreign_key", ("customer_id",), reference=reference)
    origin = make(orders=odd).origin(symptom)
    assert (origin.node, origin.kind) == ("source.shop.raw.orders", "bad_source_data")
    assert origin.others[0] == "source.shop.raw.customers"


def test_changed_code_above_a_joined_table_made_its_duplicates(make: Any) -> None:
    before = "select id, name from lab.raw.customers where name <> 'again'"
    change = Change("model.shop.stg_customers", "which rows it has", frozenset(), rows=True, before=before)
    symptom = Symptom("model.shop.fct", "unique", ("id",))
    origin = make(customers=TWICE).origin(symptom, changes={change.node: change})
    assert (origin.node, origin.kind) == ("model.shop.stg_customers", "code_changed")


@pytest.mark.parametrize(("held", "node", "kind"), [
    (True, "source.shop.raw.customers", "bad_source_data"), (False, "model.shop.fct", "join"),
])  # fmt: skip
def test_duplicates_of_a_joined_table_are_news_if_the_test_held_before_and_no_code_that_matters_changed(
    make: Any, held: bool, node: str, kind: str
) -> None:
    change = Change("model.shop.stg_customers", "columns name", frozenset({"name"}), rows=False, before=STG_CUSTOMERS)
    symptom = Symptom("model.shop.fct", "unique", ("id",))
    origin = make(customers=TWICE).origin(symptom, held_before=held, changes={change.node: change})
    assert (origin.node, origin.kind) == (node, kind)
