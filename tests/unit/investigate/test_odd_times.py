"""Times that are out of order, or changed places, are tried as they should be; only what helps is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis.investigate.localise import Origin
from aegis.investigate.symptoms import Symptom
from tests.unit.investigate.lab import Lab

START = "timestamp '2026-01-05 00:00:00'"
VISITS = (
    f"select 100 + i as visit_id, {START} + to_minutes(i * 20) as arrived_at, {START} + to_minutes(i * 20 + 15) as "
    "left_at, case i % 3 when 0 then 'walk-in' when 1 then 'referral' else 'online' end as channel, "
    "case i % 2 when 0 then 'north' else 'south' end as site from range(576) as t(i)"
)
BILLED = (
    f"select cast({START} + to_minutes(i * 20) as date) as day, count(*) as billed from range(576) as t(i) group by 1"
)
MODELS = {
    "days": "select cast(cast(v.arrived_at as timestamp) as date) as day, count(*) as visits, "
    "sum(date_diff('minute', cast(v.arrived_at as timestamp), cast(v.left_at as timestamp))) as minutes "
    "from lab.raw.visits as v group by 1",
    "billed_days": "select b.day, b.billed, d.visits, d.minutes from lab.raw.billed as b left join lab.main.days as d "
    "on d.day = b.day",
}
AGREE = Symptom("model.shop.billed_days", "sql_expression", ("billed", "visits"), {"expression": '"billed" = "visits"'})
LONG = Symptom("model.shop.billed_days", "min_value_check", ("minutes",), {"min_value": 1000})
SOURCE = "source.shop.raw.visits"


def origin(folder: Path, visits: str, billed: str = BILLED) -> Origin:
    return Lab(folder, {"visits": visits, "billed": billed}, MODELS).origin(AGREE, changes={})


def changed(put: str, where: str = "i % 9 = 4") -> str:
    """The visits with other values of a column in some rows."""
    name, value = put.split(" = ", 1)
    odd = f"case when (visit_id - 100) {where.removeprefix('i ')} then {value} else {name} end as {name}"
    return f"select * replace ({odd}) from ({VISITS})"


def as_text(visits: str, form: str) -> str:
    texts = ", ".join(f"strftime({name}, '{form}') as {name}" for name in ("arrived_at", "left_at"))
    return f"select * replace ({texts}) from ({visits})"


def test_healthy_times_are_no_suspicion(tmp_path: Path) -> None:
    jitter = changed("arrived_at = arrived_at - to_minutes(25)")
    found = origin(tmp_path, jitter, billed=BILLED.replace("count(*)", "count(*) + 1"))
    assert "order" not in str(found.detail) and found.confidence < 0.8


@pytest.mark.parametrize("by", ["- interval 1 day", "- interval 365 day", "- interval 5 hour"])
@pytest.mark.parametrize("form", [None, "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S"])
def test_times_out_of_the_order_of_the_rows_are_moved_back(tmp_path: Path, by: str, form: str | None) -> None:
    moved = changed(f"arrived_at = arrived_at {by}")
    found = origin(tmp_path, as_text(moved, form) if form else moved)
    assert (found.node, found.detail) == (SOURCE, "arrived_at out of the order of visit_id")
    assert found.confidence == 0.95 and found.proofs[-1].left == 0


def test_times_that_are_too_late_are_moved_back(tmp_path: Path) -> None:
    both = changed("arrived_at = arrived_at + interval 2 day").replace("select *", "select * exclude (left_at)", 1)
    models = {**MODELS, "days": MODELS["days"].replace("v.left_at", "v.arrived_at")}
    found = Lab(tmp_path, {"visits": both, "billed": BILLED}, models).origin(AGREE, changes={})
    assert (found.node, found.detail) == (SOURCE, "arrived_at out of the order of visit_id")


def test_days_alone_are_moved_by_days(tmp_path: Path) -> None:
    visits = as_text(changed("arrived_at = arrived_at - interval 3 day"), "%Y-%m-%d")
    found = origin(tmp_path, visits)
    assert (found.node, found.detail, found.proofs[-1].left) == (SOURCE, "arrived_at out of the order of visit_id", 0)


def test_times_that_changed_places_are_changed_back(tmp_path: Path) -> None:
    once = "select * replace (case when visit_id % 9 = 4 then left_at else arrived_at end as arrived_at, case when "
    visits = f"{once} visit_id % 9 = 4 then arrived_at else left_at end as left_at) from ({VISITS})"
    found = Lab(tmp_path, {"visits": visits, "billed": BILLED}, MODELS).origin(LONG)  # code may have changed
    assert (found.node, found.detail) == (SOURCE, "arrived_at and left_at swapped")


def test_texts_that_changed_places_are_changed_back(tmp_path: Path) -> None:
    visits = (
        f"select * replace (case when visit_id % 11 = 4 then site else channel end as channel, case when visit_id % 11 "
        f"= 4 then channel else site end as site) from ({VISITS})"
    )
    models = {
        "sites": "select v.site || '' as site_name, count(*) as visits from lab.raw.visits as v group by 1",
        "shares": "select sum(case when s.site_name in ('north', 'south') then s.visits else 0 end) as known, "
        "sum(s.visits) as visits from lab.main.sites as s",
    }
    all_known = Symptom(
        "model.shop.shares", "sql_expression", ("known", "visits"), {"expression": '"known" = "visits"'}
    )  # fmt: skip
    found = Lab(tmp_path, {"visits": visits}, models).origin(all_known, changes={})
    assert (found.node, found.detail) == (SOURCE, "channel and site swapped")
