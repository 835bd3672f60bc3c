"""A fix of nothing but failing rows is tried on these alone, and found to be what it is on the whole table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest

from aegis.investigate.remediate.proposals import drafts
from aegis.investigate.remediate.target import FixTarget
from aegis.investigate.remediate.trial import Trials
from aegis.rules.traits import FixKind
from aegis.warehouse.base import Relation, SandboxLimits, SandboxSession
from aegis.warehouse.duckdb_files import DuckDbFiles
from tests.unit.investigate.remediate import shop
from tests.unit.investigate.remediate.test_remediate import COPIES, NEAR, VERSIONS

NULLS = "update raw.orders set id = null where id between 40 and 49"
ORPHANS = "update raw.orders set customer_id = 9000 + id where id between 20 and 29"
CASES = [
    ("id unique", COPIES),
    ("id unique", VERSIONS),
    ("id unique", f"{COPIES}; {VERSIONS}; {NULLS}"),
    ("id and code unique", COPIES),
    ("id and code unique", VERSIONS),
    ("id and code unique", f"{COPIES}; {NULLS}"),
    ("id not null", NULLS),
    ("id not null", f"{NULLS}; {VERSIONS}"),
    ("customer", ORPHANS),
    ("customer", "delete from raw.customers where id in (3, 5)"),
    ("customer", f"{ORPHANS}; {COPIES}"),
    ("status", NEAR),
    ("status", f"{NEAR}; {COPIES}; {NULLS}"),
]


def broken(folder: Path, rule: str, breaks: str) -> FixTarget:
    path = shop.make(folder / "shop.duckdb", breaks)
    return shop.case(path, rule)


class Counting(DuckDbFiles):
    """Tells how many rows of the orders each sandbox has."""

    copied: ClassVar[list[int]] = []

    @contextmanager
    def sandbox(
        self,
        relations: Sequence[Relation],
        limits: SandboxLimits | None = None,
        rows: Mapping[Relation, str] | None = None,
    ) -> Iterator[SandboxSession]:
        with DuckDbFiles.sandbox(self, relations, limits, rows) as session:
            self.copied.append(int(str(session.execute_scalar("select count(*) from raw.orders"))))
            yield session


def counting(target: FixTarget) -> list[int]:
    warehouse = target.bench.budget.warehouse
    assert isinstance(warehouse, DuckDbFiles)
    target.bench.budget.warehouse = Counting(warehouse.files)
    Counting.copied.clear()
    return Counting.copied


@pytest.mark.parametrize(("rule", "breaks"), CASES)
def test_it_does_there_what_it_does_on_the_whole_table(tmp_path: Path, rule: str, breaks: str) -> None:
    target = broken(tmp_path, rule, breaks)
    made = [draft for draft in drafts(target) if draft.failing_only]
    assert made
    for draft in made:
        with Trials(target) as trials:
            alone, whole = (trials.try_sql(draft.sql, failing_only=way) for way in (True, False))
        assert alone == whole
        assert alone.rows_changed


def test_only_failing_rows_are_copied(tmp_path: Path) -> None:
    target = broken(tmp_path, "id unique", VERSIONS)
    rows = counting(target)
    with Trials(target) as trials:
        for draft in drafts(target):
            assert trials.try_sql(draft.sql, failing_only=draft.failing_only).verdict == "partial"
    assert rows == [20]


def test_more_failing_rows_than_are_kept_in_memory_are_tried_on_the_whole_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aegis.investigate.remediate.trial.MOST_KEPT", 9)
    target = broken(tmp_path, "id unique", VERSIONS)
    rows = counting(target)
    with Trials(target) as trials:
        [draft] = drafts(target)
        assert trials.try_sql(draft.sql, failing_only=draft.failing_only).verdict == "partial"
    assert rows == [shop.ROWS + 10]


@pytest.mark.parametrize("rule", [*shop.RULES])
def test_every_kind_of_fix_of_failing_rows_is_among_the_cases(rule: str, tmp_path: Path) -> None:
    """Blanks are the exception: they are put right wherever they are."""
    kinds = set(shop.case(shop.make(tmp_path / "shop.duckdb"), rule).fixes)
    assert not kinds - {FixKind.TRIMMED, FixKind.BLANK_TO_NULL} or rule in {
        "email not null", *(name for name, _ in CASES),
    }  # fmt: skip


def test_the_whole_table_is_copied_where_another_rule_reads_more_of_it(tmp_path: Path) -> None:
    """A foreign key that points at the table is about values of all its rows."""
    path = shop.make(tmp_path / "shop.duckdb", "update raw.orders set customer_id = 9001 where id = 105")
    target = shop.case(path, "customer", known=shop.manifest(payments=shop.payments_test()))
    rows = counting(target)
    with Trials(target) as trials:
        [draft] = drafts(target)
        trial = trials.try_sql(draft.sql, failing_only=True)
    assert trial.verdict == "harmful" and "payments_of_orders fails for 1 instead of 0" in str(trial.why)
    assert rows == [shop.ROWS]


def test_rows_are_copied_by_queries_in_their_own_words(tmp_path: Path) -> None:
    path = shop.make(tmp_path / "shop.duckdb")
    orders, customers = (Relation(name, "raw", "shop") for name in ("orders", "customers"))
    some = {
        orders: 'select * from "shop"."raw"."orders" where id < 5 -- some',
        customers: "select * from raw.customers where id in (select customer_id from raw.orders where id < 5)",
    }
    with DuckDbFiles({"shop": path}).sandbox([orders, customers], rows=some) as session:
        counts = [session.execute_scalar(f"select count(*) from {name}") for name in ("raw.orders", "raw.customers")]
    assert counts == [5, 5]
