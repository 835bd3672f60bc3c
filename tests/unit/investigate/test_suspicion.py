"""What is odd about a table at the top is tried where no question can be carried; only what helps is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from aegis.investigate.checks import CheckRunner
from aegis.investigate.localise import Origin, tempered
from aegis.investigate.query_budget import Bounds, QueryBudget
from aegis.investigate.symptoms import Symptom
from aegis.warehouse.duckdb_files import DuckDbFiles
from tests.unit.investigate.lab import Lab

ORDERS = "select i as order_id, 'c' || i % 10 as customer, 10 + i % 3 as amount from range(100) as t(i)"
PAID = "select i as payment_id, i as order_id, (10 + i % 3)::varchar as paid from range(100) as t(i)"
MODELS = {
    "sums": "select customer, sum(o.amount) as booked, sum(try_cast(p.paid as int)) as paid from lab.raw.orders as o "
    "left join lab.raw.payments as p on p.order_id = o.order_id group by customer",
}
AGREE = Symptom(
    "model.shop.sums", "sql_expression", ("booked", "paid"), {"expression": '"booked" = coalesce("paid", 0)'}
)


def origin(folder: Path, orders: str = ORDERS, payments: str = PAID) -> Origin:
    return Lab(folder, {"orders": orders, "payments": payments}, MODELS).origin(AGREE, changes={})


@pytest.mark.parametrize(
    ("payments", "detail"),
    [
        (f"{PAID} union all select i, i, '7' from range(4) as t(i)", "several rows of one payment_id"),
        (PAID.replace("(10 + i % 3)::varchar", "(10 + i % 3)::varchar || case when i < 4 then ' EUR' else '' end"),
         "paid with more than its number"),
        (f"{PAID} where i < 0", "it has no rows"),
    ],
)  # fmt: skip
def test_the_table_with_something_odd_is_named_where_the_finding_is_gone_without_it(
    tmp_path: Path, payments: str, detail: str
) -> None:
    found = origin(tmp_path, payments=payments)
    assert (found.node, found.detail) == ("source.shop.raw.payments", detail)
    # Rows that are not there cannot be put back to look again.
    sure = {"it has no rows": ("stale", 0.65)}
    assert (found.kind, found.confidence) == sure.get(detail, ("bad_source_data", 0.95))


def test_numbers_out_of_the_ordinary_are_tried_as_a_hundredth_of_them(tmp_path: Path) -> None:
    orders = ORDERS.replace("10 + i % 3 as amount", "case when i < 4 then 100 else 1 end * (10 + i % 3) as amount")
    found = origin(tmp_path, orders=orders)
    assert (found.node, found.detail) == ("source.shop.raw.orders", "amount out of the ordinary")
    assert [(proof.left, proof.taken) for proof in found.proofs[-1:]] == [(0, 4)]


def test_rows_whose_partner_is_missing_are_left_out_and_where_it_was_lost_is_named(tmp_path: Path) -> None:
    found = origin(tmp_path, payments=f"{PAID} where i not in (3, 17, 55)")
    assert (found.node, found.kind, found.confidence) == ("source.shop.raw.payments", "stale", 0.65)
    assert found.detail == "3 values of order_id are missing"
    assert [(proof.above, proof.taken, proof.left) for proof in found.proofs] == [("source.shop.raw.orders", 3, 0)]


def test_rows_whose_partner_is_missing_make_no_difference_to_other_findings(tmp_path: Path) -> None:
    wrong = ORDERS.replace("10 + i % 3 as amount", "10 + i % 3 + case when i = 5 then 1 else 0 end as amount")
    found = origin(tmp_path, orders=f"{wrong} union all select 900, 'c1', 0", payments=PAID)
    assert found.kind != "stale"


def test_copies_are_left_out_of_totals(tmp_path: Path) -> None:
    models = {
        "days": "select customer, order_id // 20 as day, sum(amount) as booked from lab.raw.orders group by all",
        "sums": "select customer, sum(booked) as booked from lab.main.days group by customer",
    }
    odd = f"{ORDERS} union all select * from ({ORDERS}) as o where order_id < 4"
    most = Symptom("model.shop.sums", "max_value_check", ("booked",), {"max_value": 112})
    found = Lab(tmp_path, {"orders": odd}, models).origin(most, changes={})
    assert (found.node, found.detail, found.confidence) == ("source.shop.raw.orders", "rows that are there twice", 0.95)


def test_what_is_odd_and_makes_no_difference_is_not_named(tmp_path: Path) -> None:
    blanks = ORDERS.replace("10 + i % 3 as amount", "10 + i % 3 + case when i = 5 then 1 else 0 end as amount")
    blanks = blanks.replace("'c' || i % 10", "'c' || i % 10 || case when i = 17 then ' ' else '' end")
    assert origin(tmp_path, orders=blanks).confidence < 0.8


def test_without_a_state_an_origin_behind_a_model_is_less_sure_than_one_of_a_source(tmp_path: Path) -> None:
    lab = Lab(tmp_path, {"orders": ORDERS, "payments": PAID}, MODELS)
    missing = Symptom("source.shop.raw.orders", "not_null", ("customer",), count=1)
    source, behind = lab.origin(missing), lab.origin(AGREE)
    known = lab.known()
    assert tempered(source, known) == source
    assert tempered(behind, known).confidence < behind.confidence
    assert tempered(behind, lab.known(changes={})) == behind
    of_snapshot = replace(source, node="snapshot.shop.orders")  # its SQL, too, may have let them through
    assert tempered(of_snapshot, known).confidence < source.confidence


def test_what_several_findings_want_to_know_of_a_table_is_asked_once(tmp_path: Path) -> None:
    lab = Lab(tmp_path, {"orders": ORDERS, "payments": PAID}, MODELS)
    budget = QueryBudget(DuckDbFiles({"lab": tmp_path / "lab.duckdb"}), Bounds())
    checks = CheckRunner(lab.artifacts().manifest, budget)
    for _ in range(3):
        assert checks.rows("source.shop.raw.orders") == checks.count("select * from lab.raw.orders") == 100
        assert checks.copies("source.shop.raw.orders") == 0 and checks.types("source.shop.raw.orders")
    assert len(budget.asked) == 4
