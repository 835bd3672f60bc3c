"""Twenty fixes that lose data: none of them gets a tick, whoever wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis.investigate.remediate.trial import Trials
from tests.unit.investigate.remediate import shop
from tests.unit.investigate.remediate.test_remediate import COPIES, NEAR, VERSIONS

BAD = "id between 20 and 29"
ORPHANS = f"update raw.orders set customer_id = 9000 + id where {BAD}"
NULLS = f"update raw.orders set email = null where {BAD}"
LARGE = f"update raw.orders set amount = amount * 100 where {BAD}"
BLANKS = f"update raw.orders set note = '  ' where {BAD}"
CODES = f"update raw.orders set code = 'B' || id where {BAD}"
DATES = f"update raw.orders set updated_at = created_at - interval 1 day where {BAD}"
FIRST = (
    "delete from raw.orders where rowid in (select rowid from (select rowid, row_number() over (partition by {key} "
    "order by {order}) as n from raw.orders) as numbered where n > 1)"
)

LOSING = [
    ("id unique", VERSIONS, FIRST.format(key="id", order="updated_at desc")),
    ("id unique", VERSIONS, FIRST.format(key="id", order="rowid")),
    ("id unique", VERSIONS, f"delete from raw.orders where {BAD}"),
    ("id unique", VERSIONS, f"delete from raw.orders where {BAD} and kind = 'web2'"),
    ("id unique", COPIES, f"delete from raw.orders where {BAD}"),
    ("id unique", COPIES, FIRST.format(key="status", order="rowid")),
    ("id and code unique", VERSIONS, FIRST.format(key="id, code", order="updated_at desc")),
    ("id and code unique", COPIES, FIRST.format(key="code", order="rowid") + " or id > 190"),
    ("customer", ORPHANS, "delete from raw.orders where customer_id > 9000"),
    ("customer", ORPHANS, "update raw.orders set customer_id = null where customer_id > 9000"),
    ("customer", ORPHANS, "update raw.orders set customer_id = 1 where customer_id > 9000"),
    ("status", NEAR, "delete from raw.orders where status not in ('placed', 'shipped', 'returned')"),
    ("status", NEAR, "update raw.orders set status = null where status not in ('placed', 'shipped', 'returned')"),
    ("status", NEAR, "update raw.orders set status = 'placed' where status not in ('placed', 'shipped', 'returned')"),
    ("email not null", NULLS, "delete from raw.orders where email is null"),
    ("email not null", NULLS, "update raw.orders set email = '' where email is null"),
    ("amount", LARGE, "delete from raw.orders where amount > 1000"),
    ("amount", LARGE, "update raw.orders set amount = 1000 where amount > 1000"),
    ("note", BLANKS, "delete from raw.orders where trim(note) = ''"),
    ("code", CODES, "update raw.orders set code = 'A-1' where code like 'B%'"),
    ("dates", DATES, "update raw.orders set updated_at = created_at where updated_at < created_at"),
    ("quantity", f"update raw.orders set quantity = 900 where {BAD}", "delete from raw.orders where quantity >= 900"),
]


def test_there_are_twenty_of_them() -> None:
    assert len(LOSING) >= 20 and len({fix for _, _, fix in LOSING}) >= 20


@pytest.mark.parametrize(("rule", "breaks", "fix"), LOSING)
def test_a_fix_that_loses_data_gets_no_tick(tmp_path: Path, rule: str, breaks: str, fix: str) -> None:
    path = shop.make(tmp_path / "shop.duckdb", breaks)
    before = shop.fingerprint(path)
    target = shop.case(path, rule)
    with Trials(target) as trials:
        trial = trials.try_sql(fix)
    assert trial.verdict != "verified" and trial.why
    target.bench.budget.warehouse.close()
    assert shop.fingerprint(path) == before
