from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aegis.audit import AuditTrail, Break, Pruned
from aegis.errors import AuditError, UsageError
from tests.unit.audit.support import MOMENT, a_decision, a_query, a_report, a_result, a_start, tamper

DAY = timedelta(days=1)
NOW = MOMENT + 100 * DAY


def record(trail: AuditTrail, run_id: str, days_ago: float, **result: object) -> None:
    moment = NOW - days_ago * DAY
    trail.start_run(a_start(run_id, started_at=moment))
    trail.record_query(a_query(run_id))
    trail.record_decision(a_decision(run_id, prompt=f"prompt of {run_id}"))
    trail.finish_run(a_report(run_id, (a_result(**result),), started_at=moment, finished_at=moment))  # type: ignore[arg-type]


@pytest.fixture
def aged(trail: AuditTrail) -> AuditTrail:
    for run_id, days_ago in (("r_old", 95), ("r_older", 91), ("r_kept", 89), ("r_new", 0)):
        record(trail, run_id, days_ago)
    return trail


def test_old_runs_go_with_all_that_is_theirs_and_new_ones_stay(aged: AuditTrail) -> None:
    assert aged.prune(90 * DAY, moment=NOW) == Pruned(runs=2, rows=10, through=10)
    assert [run.run_id for run in aged.list_runs()] == ["r_new", "r_kept"]
    assert aged.show("r_kept").results
    with pytest.raises(UsageError):
        aged.show("r_old")
    assert {hit.run_id for hit in aged.search("prompt", limit=100)} == {"r_kept", "r_new"}


def test_the_chain_holds_after_pruning_and_goes_on(aged: AuditTrail) -> None:
    noted = aged.head()
    aged.prune(90 * DAY, moment=NOW)
    assert aged.verify(noted).ok
    record(aged, "r_next", 0)
    assert aged.verify(noted).ok
    aged.prune(timedelta(0), moment=NOW + 2 * DAY)
    verification = aged.verify()
    assert verification.ok
    assert verification.rows == 1  # the checkpoint
    record(aged, "r_again", 0)
    assert aged.verify().ok


def test_nothing_to_prune_writes_nothing(aged: AuditTrail) -> None:
    head = aged.head()
    assert aged.prune(365 * DAY, moment=NOW) == Pruned(runs=0, rows=0, through=0)
    assert aged.head() == head
    aged.prune(90 * DAY, moment=NOW)
    head = aged.head()
    assert aged.prune(90 * DAY, moment=NOW).rows == 0
    assert aged.head() == head


def test_an_empty_trail_can_be_pruned(trail: AuditTrail) -> None:
    assert trail.prune(timedelta(0)).rows == 0
    assert trail.verify().ok


def test_a_run_that_is_going_on_is_not_pruned(trail: AuditTrail) -> None:
    trail.start_run(a_start("r_dead", started_at=NOW - 2 * DAY))
    trail.start_run(a_start("r_going_on", started_at=NOW - DAY / 2))
    trail.prune(timedelta(0), moment=NOW)
    assert [run.run_id for run in trail.list_runs()] == ["r_going_on"]
    trail.record_decision(a_decision("r_going_on"))
    assert trail.verify().ok


def test_the_beginning_removed_further_than_the_checkpoint_says_is_noticed(aged: AuditTrail, path: Path) -> None:
    aged.prune(90 * DAY, moment=NOW)
    tamper(path, "DELETE FROM run_starts WHERE seq = 11")
    assert aged.verify().broken == Break(table="queries", seq=12, what="row 11 is missing before it")


def test_a_changed_checkpoint_is_noticed(aged: AuditTrail, path: Path) -> None:
    aged.prune(90 * DAY, moment=NOW)
    tamper(path, "DELETE FROM run_starts WHERE seq = 11", "UPDATE checkpoints SET through_seq = 11")
    assert not aged.verify().ok


def test_a_chain_that_does_not_hold_is_not_pruned(aged: AuditTrail, path: Path) -> None:
    tamper(path, "UPDATE decisions SET response = 'nothing to see' WHERE run_id = 'r_old'")
    with pytest.raises(AuditError, match="does not hold: decisions row 3"):
        aged.prune(90 * DAY, moment=NOW)
    assert len(aged.list_runs()) == 4


def test_the_guards_are_back_after_pruning(aged: AuditTrail) -> None:
    aged.prune(90 * DAY, moment=NOW)
    with pytest.raises(Exception, match="append-only"):
        aged._connection.execute("DELETE FROM results")
    assert aged.verify().ok


def test_what_was_pruned_is_not_in_the_files_any_more_and_the_file_shrinks(trail: AuditTrail, path: Path) -> None:
    for number in range(40):  # tables and indexes without a row take 80 kB
        record(trail, f"r_{number}", 95, message="ada@example.com " * 200)
    record(trail, "r_kept", 1)
    trail._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.stat().st_size
    assert b"ada@example.com" in path.read_bytes()
    trail.prune(90 * DAY, moment=NOW)
    content = b"".join(name.read_bytes() for name in path.parent.iterdir())
    assert b"ada@example.com" not in content
    assert path.stat().st_size < before / 2
