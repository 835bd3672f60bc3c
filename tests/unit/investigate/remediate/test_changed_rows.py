"""A trial that looks at the changed rows says what one that compares the whole table says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aegis.domain.kinds import Verdict
from aegis.domain.proposals import Trial
from aegis.investigate.remediate import trial
from aegis.investigate.remediate.trial import Trials
from aegis.warehouse.duckdb_sandbox import DuckDbSandbox
from tests.unit.investigate.remediate import shop
from tests.unit.investigate.remediate.faults import FAULTS, Fault, rows_of

SEED = 0


def tried(folder: Path, fault: Fault) -> list[Trial]:
    rows = rows_of(SEED)
    folder.mkdir()
    case = shop.case(shop.make(folder / "shop.duckdb", fault.breaks.format(**rows)), fault.rule)
    with Trials(case) as trials:
        found = [trials.try_sql(sql.format(**rows)) for _, sql in fault.of(SEED)]
    case.bench.budget.warehouse.close()
    return found


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.rule)
def test_it_makes_no_difference_which_rows_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    foreseen = tried(tmp_path / "foreseen", fault)
    monkeypatch.setattr(trial, "is_foreseen", lambda *_: False)
    assert tried(tmp_path / "whole", fault) == foreseen


def test_a_change_of_rows_that_its_condition_does_not_tell_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute = DuckDbSandbox.execute

    def changing_more(session: DuckDbSandbox, sql: str) -> int | None:
        done = execute(session, sql)
        if sql.startswith("UPDATE"):
            execute(session, "update raw.orders set status = 'placed' where id = 7")
        return done

    path = shop.make(tmp_path / "shop.duckdb", "update raw.orders set status = 'Placed' where id in (20, 21)")
    case = shop.case(path, "status")
    monkeypatch.setattr(DuckDbSandbox, "execute", changing_more)
    with Trials(case) as trials:
        found = trials.try_sql("update raw.orders set status = 'placed' where status = 'Placed'")
    case.bench.budget.warehouse.close()
    assert (found.verdict, found.rows_changed) == (Verdict.HARMFUL, 3)
    assert found.why == "changes or removes 1 row that passed the rule"


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        # A quarter of the notes is missing: with fewer rows, that is more than allowed.
        ({"type": "null_percentage_below", "column": "note", "threshold": 25.5}, "other fails, which held before"),
        # Row 3 is the parent of row 4.
        ({"type": "foreign_key", "column": "parent", "reference_table": "raw.orders", "reference_column": "id"},
         "other fails for 1 instead of 0"),
    ],
)  # fmt: skip
def test_a_delete_by_which_other_rows_fail_does_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: dict[str, Any], why: str
) -> None:
    monkeypatch.setattr(shop, "RULES", {**shop.RULES, "other": rule})
    faults = (
        "alter table raw.orders add column parent int",
        "update raw.orders set parent = 3 where id = 4",
        "update raw.orders set kind = 'test' where id in (1, 2, 3, 5, 6, 7)",
    )
    known = shop.manifest(("kind", "other"))
    case = shop.case(shop.make(tmp_path / "shop.duckdb", *faults), "kind", known=known)
    with Trials(case) as trials:
        found = trials.try_sql("delete from raw.orders where kind = 'test'")
    case.bench.budget.warehouse.close()
    assert (found.verdict, found.why) == (Verdict.HARMFUL, why)
