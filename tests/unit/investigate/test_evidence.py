"""The wrong values, when it began, what changed, who else fails; and bounds that hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aegis.dbt.artifacts.schema import DependsOn, Manifest, Metadata, Node
from aegis.dbt.graph.lineage import Lineage
from aegis.dbt.graph.state import Change
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Severity
from aegis.errors import WarehouseError
from aegis.investigate.evidence import gather
from aegis.investigate.evidence.change import change
from aegis.investigate.evidence.differences import differences
from aegis.investigate.evidence.neighbours import neighbours
from aegis.investigate.evidence.onset import onset
from aegis.investigate.evidence.shape import shape
from aegis.investigate.query_budget import BudgetExceeded
from aegis.investigate.symptoms import Symptom
from tests.unit.investigate.scenes import NODE, budget, database, scene

STATUS = Symptom(NODE, "accepted_values", ("status",), {"values": ["placed", "shipped"]})


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    return database(
        tmp_path,
        "create table orders as select i as id, case when i % 10 = 0 then 'Shiped' when i % 15 = 0 then ' placed' "
        "when i = 7 then 'zzz' else 'placed' end as status, timestamp '2026-01-01' + to_hours(i) as created_at "
        "from range(1000) as r(i)",
    )


def test_wrong_values_are_counted_and_what_was_meant_is_named(orders: Path) -> None:
    found = [one.text for one in shape(scene(orders, "status not in ('placed', 'shipped')", STATUS))]
    assert found == [
        "the failing rows have 3 different values in status: 'Shiped' 100×, ' placed' 33×, 'zzz' 1×",
        "'Shiped' (100×) is close to 'shipped'",
        "' placed' (33×) is close to 'placed'",
    ]


def test_values_of_one_form_are_said_to_be(orders: Path) -> None:
    symptom = Symptom(NODE, "foreign_key", ("code",))
    path = orders.with_name("codes.duckdb")
    orders.rename(path)
    found = shape(scene(path, "id < 5", symptom, failing="select 'N' || id || 'MQ' as code from orders where id < 5"))
    assert found[-1].text == "all look like A9A"


def test_the_first_failing_row_is_the_onset_where_chance_would_not_have_it_so(orders: Path) -> None:
    found = onset(scene(orders, "id >= 500 and id % 3 = 0"))
    assert [one.text for one in found] == [
        "since '2026-01-21 21:00:00' by created_at: none of the 501 rows before fails"
    ]
    assert onset(scene(orders, "id % 97 = 5")) == []


def test_changes_on_the_way_up_are_told_and_so_is_that_there_are_none(orders: Path) -> None:
    nodes = {
        NODE: Node(unique_id=NODE, name="orders", depends_on=DependsOn(nodes=["model.shop.stg"])),
        "model.shop.stg": Node(unique_id="model.shop.stg", name="stg"),
    }
    manifest = Manifest(metadata=Metadata(), nodes=nodes)
    changed = {"model.shop.stg": Change("model.shop.stg", "which rows it has", frozenset(), rows=True)}
    fields: dict[str, Any] = {"manifest": manifest, "lineage": Lineage.of(manifest)}
    assert [one.text for one in change(scene(orders, "true", changes=changed, **fields))] == [
        "stg changed: which rows it has"
    ]
    assert [one.text for one in change(scene(orders, "true", changes={}, **fields))] == [
        "no code changed in this table or above it"
    ]
    assert change(scene(orders, "true", **fields)) == []


def test_tables_above_that_fail_too_are_named(orders: Path) -> None:
    nodes = {
        NODE: Node(unique_id=NODE, name="orders", depends_on=DependsOn(nodes=["model.shop.stg"])),
        "model.shop.stg": Node(unique_id="model.shop.stg", name="stg"),
    }
    manifest = Manifest(metadata=Metadata(), nodes=nodes)
    results = [
        Result(
            unique_id=f"test.shop.{name}", rule_id=name, rule_type="unique", kind=ResultKind.RULE, status=Status.FAIL,
            severity=Severity.HIGH, node="model.shop.stg",
        )
        for name in ("a", "b", "c", "d")
    ]  # fmt: skip
    found = neighbours(scene(orders, "true", manifest=manifest, lineage=Lineage.of(manifest), results=results))
    assert [one.text for one in found] == ["stg, above it, fails too: a, b, c, +1"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("(1, 'a', 1, null), (1, 'a', 1, null)", "are equal in every column"),
        ("(1, 'a', 1, null), (1, 'b', 1, null)", "differ in name"),
        ("(1, 'a', 1, null), (1, 'b', 2, null), (2, 'c', 1, null), (2, 'c', 2, null)",
         "differ in amount and name (of 1 of 2 keys)"),
        ("(1, 'a', 1, null), (1, 'a', 1, 5), (2, 'a', 1, 5), (2, 'a', 1, 5)",
         "differ in rank (of 1 of 2 keys); those of 1 key are equal"),
    ],
)  # fmt: skip
def test_in_what_the_rows_of_one_key_differ_is_told(tmp_path: Path, rows: str, said: str) -> None:
    path = database(tmp_path, f"create table orders as select * from (values {rows}) as t(id, name, amount, rank)")
    [found] = differences(scene(path, "true", Symptom(NODE, "unique", ("id",))))
    assert found.text == f"the rows of one id {said}" and found.values == ()


def test_what_cannot_be_compared_is_not_said_to_be_equal(tmp_path: Path) -> None:
    path = database(
        tmp_path, "create table orders as select 1 as id, {'a': i} as part, 2 as amount from range(2) as r(i)"
    )
    assert differences(scene(path, "true", Symptom(NODE, "unique", ("id",)))) == []


def test_every_item_has_a_number_and_its_query_or_artifact(orders: Path) -> None:
    found, refused = gather(scene(orders, "status = 'Shiped' and id > 600", STATUS))
    assert refused == () and found
    assert [one.id for one in found] == [f"F1.E{n}" for n in range(1, len(found) + 1)]
    assert all(one.query or one.artifact for one in found)


def test_a_query_that_fails_costs_its_own_kind_only(orders: Path) -> None:
    broken = scene(orders, "true", STATUS, failing="select nothing from nowhere")
    found, refused = gather(broken)
    assert found == () and {why.partition(":")[0] for why in refused} == {"segments", "shape", "onset"}


def test_bounds_hold_and_what_was_not_asked_is_said(orders: Path) -> None:
    asked = budget(orders, queries=2)
    found, refused = gather(scene(orders, "status = 'Shiped'", STATUS, budget=asked))
    assert len(asked.asked) == 2 and refused[-1].endswith("and what follows: 2 queries were run")
    assert found == ()


def test_the_same_question_is_asked_once_and_a_refusal_is_remembered(orders: Path) -> None:
    asked = budget(orders)
    assert asked.ask("select 1", "a") is asked.ask("select 1", "b")
    for _ in range(2):
        with pytest.raises(WarehouseError):
            asked.ask("select nothing", "c")
    assert [(one.purpose, one.rows, one.error is None) for one in asked.asked] == [("a", 1, True), ("c", 0, False)]


def test_seconds_are_bounded_too(orders: Path) -> None:
    asked = budget(orders, seconds=0.0)
    with pytest.raises(BudgetExceeded, match="0 s"):
        asked.ask("select 1", "a")
