"""A fault above is only followed where the rows below are gone without it, or where that cannot be told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from msgspec import structs

from aegis.dbt.artifacts.schema import Manifest, Metadata, NodeConfig
from aegis.dbt.graph.column_flow import ColumnRef
from aegis.investigate.checks import CheckRunner
from aegis.investigate.evidence import proofs_of
from aegis.investigate.localise import Origin
from aegis.investigate.query_budget import Bounds, QueryBudget
from aegis.investigate.symptoms import Symptom
from aegis.warehouse.duckdb_files import DuckDbFiles
from tests.unit.investigate.lab import Lab

RAW, STG, FCT = "source.shop.raw.payments", "model.shop.stg_payments", "model.shop.totals"
PAYMENTS = "select i as id, i % 20 as order_id, 10 as amount from range(100) as t(i)"
PLAIN = "select id, order_id, amount from lab.raw.payments"
NEWER = " where stg_payments.order_id > (select max(t.order_id) from lab.main.totals as t)"
TOTALS = "select order_id, sum(amount) as total from lab.main.stg_payments group by order_id"
BLANK = PAYMENTS.replace("10 as amount", "case when {} then 10 end as amount")


def origin(
    tmp_path: Path, payments: str, stg: str = PLAIN, totals: str = TOTALS, symptom: Symptom | None = None
) -> Origin:
    lab = Lab(tmp_path, {"payments": payments}, {"stg_payments": stg, "totals": totals})
    return lab.origin(symptom or Symptom(FCT, "not_null", ("total",)))


def test_a_null_total_comes_of_the_nulls_that_it_sums(tmp_path: Path) -> None:
    found = origin(tmp_path, BLANK.format("i % 20 <> 3"))
    assert (found.node, found.kind, found.confidence) == (RAW, "bad_source_data", 0.95)
    assert [hop.asked for hop in found.path] == ["the finding", "a NULL that it is made from", "the same fault"]
    assert [hop.rows_failed for hop in found.path[1:]] == [5, 5]


def test_nulls_above_that_change_nothing_are_innocent(tmp_path: Path) -> None:
    # One payment of an order that has others; the NULL total is made of a zero.
    totals = TOTALS.replace("sum(amount)", "nullif(sum(amount), 0)")
    payments = BLANK.format("i <> 7").replace("then 10", "then case when i % 20 = 3 then 0 else 10 end")
    found = origin(tmp_path, payments, totals=totals)
    assert (found.node, found.kind) == (FCT, "logic")
    assert found.others[0] == STG


@pytest.mark.parametrize(
    ("expression", "is_passed_on"),
    [
        ("amount * 2", True),
        ("round(cast(amount as double), 2)", True),
        ("case when order_id > 5 then amount else 0 end", True),
        ("sum(amount) over (partition by order_id)", True),
        ("coalesce(amount, nullif(order_id, 3))", True),
        ("upper(amount::text) || 'x'", True),
        ("case when amount > 5 then 1 end", False),
        ("nullif(coalesce(amount, 0), 0)", False),
        ("case when id % 20 = 3 then null else 1 end", False),
    ],
)
def test_null_goes_through_what_is_null_where_its_input_is(tmp_path: Path, expression: str, is_passed_on: bool) -> None:
    totals = f"select id, order_id, {expression} as total from lab.main.stg_payments"
    found = origin(tmp_path, BLANK.format("i % 20 <> 3"), totals=totals)
    assert (found.node == RAW) is is_passed_on
    assert found.node in (RAW, FCT)


def test_of_two_tables_that_show_it_the_innocent_one_is_passed_by(tmp_path: Path) -> None:
    many = "select i as id, null::int as amount from range(50) as t(i)"
    few = "select i as id, case when i > 2 then 10 end as amount from range(50) as t(i)"
    models = {
        "stg_many": "select id, amount from lab.raw.many",
        "stg_few": "select id, amount from lab.raw.few",
        # What is NULL in the first is taken from the second.
        "totals": "select f.id, coalesce(m.amount, f.amount) as total from lab.main.stg_few as f "
        "left join lab.main.stg_many as m on m.id = f.id",
    }
    found = Lab(tmp_path, {"many": many, "few": few}, models).origin(Symptom(FCT, "not_null", ("total",)))
    assert found.node == "source.shop.raw.few"


def test_a_fault_that_explains_only_some_of_the_rows_is_told_with_doubt(tmp_path: Path) -> None:
    stg = "select id, order_id, case when id % 4 <> 3 then amount end as amount from lab.raw.payments"
    totals = "select id, amount as total from lab.main.stg_payments"
    found = origin(tmp_path, BLANK.format("i % 4 <> 1"), stg=stg, totals=totals)
    assert found.kind == "bad_source_data" and found.confidence == 0.8


def test_a_table_that_is_older_than_its_view_is_held_against_what_would_be_made_now(tmp_path: Path) -> None:
    lab = Lab(tmp_path, {"payments": BLANK.format("i % 20 <> 3")}, {"stg_payments": PLAIN, "totals": TOTALS})
    with duckdb.connect(str(tmp_path / "lab.duckdb")) as connection:
        connection.execute("create table main.kept as select * from main.totals; drop view main.totals")
        connection.execute("alter table main.kept rename to totals")
        # Since then the payments of five more orders have lost their amounts, and one order has been put right.
        connection.execute("update raw.payments set amount = null where order_id between 4 and 8")
    found = lab.origin(Symptom(FCT, "not_null", ("total",)))
    assert found.node == RAW


def test_a_null_is_put_right_not_taken_away(tmp_path: Path) -> None:
    # Without its payments an order has no total either: its rows stay, with a value.
    orders = "select i as id from range(20) as t(i)"
    totals = f"select o.id, t.total from lab.raw.orders as o left join ({TOTALS}) as t on t.order_id = o.id"
    models = {"stg_payments": PLAIN, "totals": totals}
    sources = {"payments": BLANK.format("i % 20 <> 3"), "orders": orders}
    found = Lab(tmp_path, sources, models).origin(Symptom(FCT, "not_null", ("total",)))
    assert (found.node, found.confidence) == (RAW, 0.95)


COPIES = f"{PAYMENTS} union all select 3, 3, 10"


def test_duplicates_are_gone_where_one_row_of_each_is_left(tmp_path: Path) -> None:
    found = origin(tmp_path, COPIES, totals=PLAIN.replace("raw.", "main.stg_"), symptom=Symptom(FCT, "unique", ("id",)))
    assert (found.node, found.confidence) == (RAW, 0.95)


def test_duplicates_above_that_are_not_those_below_are_innocent(tmp_path: Path) -> None:
    # The table above has a copy of one row; the model makes two of each.
    totals = "select id, order_id from lab.main.stg_payments union all select id, order_id from lab.main.stg_payments"
    found = origin(tmp_path, COPIES, totals=totals, symptom=Symptom(FCT, "unique", ("id",)))
    assert (found.node, found.kind) == (FCT, "logic")
    assert STG in found.others


@pytest.mark.parametrize(
    ("materialized", "condition", "kept", "confidence"),
    [
        ("table", "", True, 0.95),
        ("incremental", "", False, 0.95),
        ("incremental", "", True, 0.8),
        ("incremental", NEWER, False, 0.95),
        ("incremental", NEWER, True, 0.8),
        ("snapshot", "", False, 0.8),
    ],
)
def test_what_keeps_rows_that_its_inputs_have_no_more_is_not_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, materialized: str, condition: str, kept: bool, confidence: float
) -> None:
    lab = Lab(tmp_path, {"payments": BLANK.format("i % 20 <> 3")}, {"stg_payments": PLAIN, "totals": TOTALS})
    with duckdb.connect(str(tmp_path / "lab.duckdb")) as connection:
        connection.execute(f"drop view main.totals; create table main.totals as {TOTALS}")
        if kept:
            connection.execute("insert into main.totals (order_id, total) values (-1, 1)")
    made = lab.artifacts()
    group = TOTALS.index(" group by")
    config = NodeConfig(materialized=materialized)
    compiled = TOTALS[:group] + condition + TOTALS[group:]
    node = structs.replace(made.manifest.nodes[FCT], config=config, compiled_code=compiled)
    manifest = structs.replace(made.manifest, nodes={**made.manifest.nodes, FCT: node})
    monkeypatch.setattr(Lab, "artifacts", lambda _self: replace(made, manifest=manifest))
    found = lab.origin(Symptom(FCT, "not_null", ("total",)))
    # Not proved: a NULL that the sum passes on is what it is made from, with doubt.
    assert (found.node, found.confidence) == (RAW, confidence)


def test_a_value_without_a_partner_upstream_is_proved_too(tmp_path: Path) -> None:
    orders = "select i as id from range(20) as t(i)"
    payments = PAYMENTS.replace("i % 20 as", "case when i = 7 then 99 else i % 20 end as")
    models = {
        "stg_payments": PLAIN,
        "totals": "select p.id, o.id as total from lab.main.stg_payments as p left join lab.raw.orders as o "
        "on o.id = p.order_id",
    }
    found = Lab(tmp_path, {"payments": payments, "orders": orders}, models).origin(Symptom(FCT, "not_null", ("total",)))
    assert found.node == RAW
    assert ColumnRef(RAW, "order_id").column == found.path[-1].column


def test_what_was_seen_is_evidence_with_its_query(tmp_path: Path) -> None:
    found = origin(tmp_path, BLANK.format("i % 20 <> 3"))
    manifest = (
        Lab(_there(tmp_path / "names"), {}, {"totals": "select 1", "stg_payments": "select 1"}).artifacts().manifest
    )
    first, second = proofs_of(found.proofs, manifest)
    assert first.text == "without the 5 failing rows of stg_payments, totals has 0 failing rows instead of 1"
    assert first.kind == "proof" and second.data == {
        "node": STG, "above": RAW, "rows_left_out": 5, "failing_before": 5, "failing_after": 0,
    }  # fmt: skip
    with duckdb.connect(str(tmp_path / "lab.duckdb")) as connection:
        assert [connection.execute(str(one.query)).fetchall() for one in (first, second)] == [[], []]


def test_so_is_what_makes_no_difference(tmp_path: Path) -> None:
    totals = TOTALS.replace("sum(amount)", "nullif(sum(amount), 50)")
    found = origin(tmp_path, BLANK.format("i <> 7"), totals=totals)
    [told] = proofs_of(found.proofs, Manifest(metadata=Metadata(), nodes={}))
    assert told.text == (f"without the 1 failing row of {STG}, {FCT} is as it was: 20 failing rows instead of 19")


def test_the_same_rows_are_those_that_both_questions_have(tmp_path: Path) -> None:
    payments = (
        "select i as id, case when i > 9 then i end as a, case when i > 10 then i end as b, "
        "case when i < 90 then i end as c from range(100) as t(i)"
    )
    lab = Lab(tmp_path, {"payments": payments}, {})
    manifest = lab.artifacts().manifest
    checks = CheckRunner(manifest, QueryBudget(DuckDbFiles({"lab": tmp_path / "lab.duckdb"}), Bounds()))
    blank = {name: Symptom(RAW, "not_null", (name,)) for name in ("id", "a", "b", "c")}
    assert checks.share_rows(blank["a"], blank["b"])
    assert not checks.share_rows(blank["a"], blank["c"])
    assert not checks.share_rows(blank["id"], blank["id"]), "no rows at all are not the same"
    assert not checks.share_rows(blank["a"], Symptom(RAW, "unique", ("a",)))


def _there(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_a_column_of_nothing_but_nulls_is_not_acquitted_since_no_value_can_be_put_there(tmp_path: Path) -> None:
    found = origin(tmp_path, BLANK.format("i < 0"))
    assert found.node == RAW
    assert [proof.shows_innocence for proof in found.proofs] == [False] * len(found.proofs) and found.proofs
