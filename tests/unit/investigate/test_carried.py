"""A question is carried up as a whole, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from aegis.dbt.graph.state import Change
from aegis.investigate.localise import Origin
from aegis.investigate.symptoms import Symptom
from tests.unit.investigate.lab import Lab

RAW, STG, FCT = "source.shop.raw.orders", "model.shop.stg_orders", "model.shop.fct"
ORDERS = (
    "select i as id, case when i < 5 then null else i end as sum, case when i < 5 then 'old' else 'new' end as state, "
    "date '2024-01-01' + i::int as made, date '2024-01-01' + (case when i = 9 then 0 else i + 1 end)::int as due "
    "from range(20) as t(i)"
)
RENAMED = "select id as order_id, sum as amount, state as status, made as placed, due as due_at from lab.raw.orders"
PASSED_ON = "select order_id, amount, status, placed, due_at from lab.main.stg_orders"


def origin(tmp_path: Any, symptom: Symptom, orders: str = ORDERS, stg: str = RENAMED, fct: str = PASSED_ON) -> Origin:
    return Lab(tmp_path, {"orders": orders}, {"stg_orders": stg, "fct": fct}).origin(symptom)


def test_a_condition_on_rows_goes_along_under_the_names_there(tmp_path: Any) -> None:
    old = Symptom(FCT, "not_null", ("amount",), where="status = 'old'", dialect="duckdb", reads=("status",))
    found = origin(tmp_path, old)
    assert (found.node, found.kind, found.path[-1].rows_failed) == (RAW, "bad_source_data", 5)


def test_a_fault_that_is_outside_the_condition_above_is_not_the_same(tmp_path: Any) -> None:
    stg = RENAMED.replace("sum as amount", "case when state = 'old' then sum else nullif(sum, 7) end as amount")
    new = Symptom(FCT, "not_null", ("amount",), where="status = 'new'", dialect="duckdb", reads=("status",))
    found = origin(tmp_path, new, stg=stg)
    assert found.node == STG and found.kind == "logic"
    assert found.path[-1].rows_failed == 1


def test_where_a_table_lacks_what_the_condition_reads_nothing_is_claimed(tmp_path: Any) -> None:
    stg = RENAMED.replace("state as status", "upper(state) as status")
    old = Symptom(FCT, "not_null", ("amount",), where="status = 'OLD'", dialect="duckdb", reads=("status",))
    found = origin(tmp_path, old, stg=stg)
    assert (found.node, found.kind, found.confidence) == (STG, "unknown", 0.2)
    assert "lack columns that the rule reads" in found.unchecked[-1]


@pytest.mark.parametrize(
    "symptom",
    [
        Symptom(FCT, "date_order", ("placed",), {"column_b": "due_at"}, reads=("due_at",)),
        Symptom(FCT, "conditional_not_null", ("amount",), {"condition": "status = 'old'"}, reads=("status",)),
        Symptom(FCT, "sql_expression", ("placed", "due_at"), {"expression": "placed <= due_at"}),
        Symptom(FCT, "column_sum_between", ("amount",), {"min_value": 1000}),
        Symptom(FCT, "row_count", (), {"threshold": 100}),
    ],
    ids=lambda symptom: symptom.type,
)
def test_a_second_column_a_condition_and_an_expression_go_along_too(tmp_path: Any, symptom: Symptom) -> None:
    found = origin(tmp_path, symptom)
    assert (found.node, found.kind) == (RAW, "bad_source_data")


def test_a_number_of_some_rows_is_asked_of_the_tables_above_with_its_condition(tmp_path: Any) -> None:
    few = Symptom(FCT, "row_count", (), {"threshold": 100}, where="status = 'old'", dialect="duckdb", reads=("status",))
    (tmp_path / "there").mkdir()
    found = origin(tmp_path / "there", few)
    assert (found.node, found.kind, len(found.path)) == (RAW, "bad_source_data", 3)
    (tmp_path / "gone").mkdir()
    lost = origin(tmp_path / "gone", few, stg=RENAMED.replace("state as status", "upper(state) as status"))
    assert (lost.node, lost.kind) == (STG, "unknown")
    assert "lack columns that the rule reads" in lost.unchecked[-1]


def test_a_sum_that_is_right_above_is_blamed_on_the_node_with_doubt(tmp_path: Any) -> None:
    fct = f"{PASSED_ON} where order_id > 15"
    symptom = Symptom(FCT, "column_sum_between", ("amount",), {"min_value": 100})
    found = origin(tmp_path, symptom, fct=fct)
    # Twice in doubt: the values are there above, and a filter may be meant to change a sum.
    assert (found.node, found.kind) == (FCT, "logic") and found.confidence == pytest.approx(0.2)


@pytest.mark.parametrize(
    "symptom",
    [
        Symptom(FCT, "column_type", ("amount",), {"data_type": "text"}),
        Symptom(FCT, "column_exists", ("nothing",)),
        Symptom(FCT, "custom_sql", ("amount",), {"query": "select 1"}),
        # The table's own time of change has no column to follow.
        Symptom(FCT, "freshness", (), {"threshold": 1, "unit": "hours"}),
        Symptom(FCT, "sql_expression", (), {"expression": "1 = 2"}),
    ],
    ids=lambda symptom: symptom.type,
)
def test_what_no_other_table_can_be_asked_ends_as_unknown(tmp_path: Any, symptom: Symptom) -> None:
    found = origin(tmp_path, symptom)
    assert (found.node, found.kind, found.confidence) == (FCT, "unknown", 0.2)
    assert "cannot be checked on other tables" in found.unchecked[0]


def test_two_columns_of_one_parent_for_one_of_the_child_are_not_guessed(tmp_path: Any) -> None:
    fct = (
        "select order_id, placed as moment from lab.main.stg_orders union all "
        "select order_id, due_at as moment from lab.main.stg_orders"
    )
    symptom = Symptom(FCT, "min_value_check", ("moment",), {"min_value": "2024-01-02"})
    assert origin(tmp_path, symptom, fct=fct).node == FCT


def test_of_two_parents_that_show_it_the_one_with_most_rows_is_followed(tmp_path: Any) -> None:
    def with_nulls(many: int) -> str:
        return f"select i as id, case when i < {many} then null else i end as amount from range(20) as t(i)"

    sources = {"few": with_nulls(1), "many": with_nulls(5)}
    models = {
        "stg_few": "select id, amount from lab.raw.few",
        "stg_many": "select id, amount from lab.raw.many",
        "fct": "select id, amount from lab.main.stg_few union all select id, amount from lab.main.stg_many",
    }
    found = Lab(tmp_path, sources, models).origin(Symptom(FCT, "not_null", ("amount",)))
    assert (found.node, found.path[-1].rows_failed) == ("source.shop.raw.many", 5)
    assert "model.shop.stg_few" in found.others


@pytest.mark.parametrize(
    ("before", "node", "kind"),
    [
        # With the SQL of before the same rows fail, though others are gone: it is no fault of the change.
        (f"{RENAMED} where id < 15", RAW, "bad_source_data"),
        # With the SQL of before none of them fails.
        (f"{RENAMED} where id >= 5", STG, "code_changed"),
    ],
)
def test_a_change_is_blamed_only_if_its_sql_of_before_has_no_fault(
    tmp_path: Any, before: str, node: str, kind: str
) -> None:
    change = Change(STG, "which rows it has", frozenset(), rows=True, before=before)
    lab = Lab(tmp_path, {"orders": ORDERS}, {"stg_orders": RENAMED, "fct": PASSED_ON})
    found = lab.origin(Symptom(FCT, "not_null", ("amount",)), changes={STG: change})
    assert (found.node, found.kind) == (node, kind)


def test_a_table_on_the_way_that_could_not_be_built_is_where_it_began(tmp_path: Any) -> None:
    lab = Lab(tmp_path, {"orders": ORDERS}, {"stg_orders": RENAMED, "fct": PASSED_ON})
    found = lab.origin(Symptom(FCT, "not_null", ("amount",)), broken=frozenset({STG}))
    assert (found.node, found.kind) == (STG, "error")


def test_a_number_of_rows_without_its_limit_is_not_asked_further_up(tmp_path: Any) -> None:
    models = {"stg_orders": RENAMED, "mid": PASSED_ON, "fct": "select order_id from lab.main.mid where order_id < 5"}
    lab = Lab(tmp_path, {"orders": ORDERS}, models)
    found = lab.origin(Symptom(FCT, "row_count", (), {"threshold": 10}), changes={})
    assert found.node == RAW and found.unchecked == ()
