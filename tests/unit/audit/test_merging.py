"""Trails that are merged: each run once, both chains still verified, and nothing at all where something is wrong."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from aegis.audit import AuditTrail, ChainHead
from aegis.audit.into import merge_into
from aegis.domain.results import Status
from aegis.errors import AuditError, UsageError
from tests.unit.audit.support import MOMENT, a_decision, a_query, a_report, a_result, a_start, make_older, tamper

HOUR = timedelta(hours=1)


def record(path: Path, *runs: tuple[str, float], **result: object) -> ChainHead:
    """Runs by their ids and the hours at which they were made; the head of the chain."""
    with AuditTrail.open(path) as trail:
        for run_id, hour in runs:
            moment = MOMENT + hour * HOUR
            trail.start_run(a_start(run_id, started_at=moment, project="shop", target="dev"))
            trail.record_query(a_query(run_id))
            trail.record_decision(a_decision(run_id, prompt=f"Why {run_id}?"))
            results = (a_result(**result), a_result("second", status=Status.FAIL, message=f"seen by {run_id}"))  # type: ignore[arg-type]
            trail.finish_run(a_report(run_id, results, started_at=moment, finished_at=moment))
            trail.record_query(a_query(run_id, purpose="late"))
        return trail.head()


def runs(path: Path) -> list[str]:
    with AuditTrail.open(path) as trail:
        verification = trail.verify()
        assert verification.ok, verification.broken
        return [run.run_id for run in trail.list_runs(10_000)]


def bytes_of(path: Path) -> bytes:
    with closing(sqlite3.connect(path)) as plain:
        return "\n".join(plain.iterdump()).encode()


@pytest.fixture
def a(tmp_path: Path) -> Path:
    record(tmp_path / "a.db", ("r_1", 1), ("r_4", 4))
    return tmp_path / "a.db"


@pytest.fixture
def b(tmp_path: Path) -> Path:
    record(tmp_path / "b.db", ("r_2", 2), ("r_3", 3))
    return tmp_path / "b.db"


def test_runs_of_both_are_there_in_the_order_of_time_and_each_chain_is_verified(a: Path, b: Path) -> None:
    with AuditTrail.open(a) as first, AuditTrail.open(b) as second:
        heads = first.head(), second.head()
        wanted = {run: first.show(run) for run in ("r_1", "r_4")} | {run: second.show(run) for run in ("r_2", "r_3")}
    before = bytes_of(b)
    done = merge_into(a, [b])
    [source] = done.sources
    assert (source.added, source.completed, source.known, source.rows, source.left_out) == (2, 0, 0, 14, 0)
    assert (source.head, source.verified, source.broken) == (heads[1], True, None)
    assert bytes_of(b) == before
    assert runs(a) == ["r_4", "r_3", "r_2", "r_1"]
    with AuditTrail.open(a) as trail:
        assert trail.head() == done.head
        assert all(trail.verify(head).ok for head in heads)
        assert trail.verify().merged == (heads[1],)
        assert {run: trail.show(run) for run in wanted} == wanted
        assert (trail.run_id("latest"), trail.run_id("previous")) == ("r_4", "r_3")
        assert [hit.run_id for hit in trail.search("seen by r_2")] == ["r_2"]
        assert [(one.seq > 0, one.prompt) for one in trail.decisions("r_3")] == [(True, "Why r_3?")]
        assert [one.purpose for one in trail.queries("r_2")] == ["sample", "late"]


def test_a_head_that_no_chain_had_is_told(a: Path, b: Path) -> None:
    merge_into(a, [b])
    with AuditTrail.open(a) as trail:
        broken = trail.verify(ChainHead(seq=3, hash="0" * 64)).broken
        assert broken is not None and "it is not the row whose hash was noted" in broken.what


def test_every_link_of_a_merged_chain_is_known_by_its_number_and_hash(a: Path, b: Path) -> None:
    with closing(sqlite3.connect(b)) as plain:
        rows = [ChainHead(seq=seq, hash=hash_) for seq, hash_ in plain.execute("SELECT seq, hash FROM results")]
    merge_into(a, [b])
    with AuditTrail.open(a) as trail:
        assert len(rows) == 4 and all(trail.verify(row).ok for row in rows)


def test_merging_again_adds_nothing_and_writes_nothing(a: Path, b: Path) -> None:
    merge_into(a, [b])
    before = bytes_of(a)
    [again] = merge_into(a, [b]).sources
    assert (again.added, again.known, again.rows) == (0, 2, 0)
    assert bytes_of(a) == before


def test_a_trail_that_went_on_brings_only_what_is_new(a: Path, b: Path) -> None:
    merge_into(a, [b])
    head = record(b, ("r_5", 5))
    [again] = merge_into(a, [b]).sources
    assert (again.added, again.known, again.rows) == (1, 2, 7)
    with AuditTrail.open(a) as trail:
        assert trail.verify(head).ok
        assert trail.verify().merged == (head,)


def test_copies_of_one_trail_that_went_on_apart_share_their_beginning(a: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    shutil.copy(a, copy)
    record(a, ("r_5", 5))
    head = record(copy, ("r_6", 6))
    [source] = merge_into(a, [copy]).sources
    assert (source.added, source.known, source.rows) == (1, 2, 7)
    assert runs(a) == ["r_6", "r_5", "r_4", "r_1"]
    with AuditTrail.open(a) as trail, closing(sqlite3.connect(a)) as plain:
        assert trail.verify(head).ok
        [after] = plain.execute("SELECT after_seq FROM merges").fetchone()
        assert after == 14  # the rows before were not looked at


def test_a_run_that_went_on_after_the_copy_was_made_is_completed(tmp_path: Path) -> None:
    a, b = tmp_path / "a.db", tmp_path / "b.db"
    with AuditTrail.open(a) as trail:
        trail.start_run(a_start("r_1"))
        trail.record_query(a_query("r_1"))
    shutil.copy(a, b)
    with AuditTrail.open(b) as trail:
        trail.record_query(a_query("r_1", purpose="more"))
        trail.finish_run(a_report("r_1"))
    record(a, ("r_2", 2))
    [source] = merge_into(a, [b]).sources
    assert (source.added, source.completed, source.known) == (0, 1, 0)
    with AuditTrail.open(a) as trail:
        assert trail.show("r_1") == a_report("r_1")
        assert [one.purpose for one in trail.queries("r_1")] == ["sample", "more"]
    [back] = merge_into(b, [a]).sources
    assert (back.added, back.completed, back.known) == (1, 0, 1)
    assert sorted(runs(b)) == ["r_1", "r_2"]


def test_a_run_with_other_content_is_refused_and_nothing_is_written(a: Path, b: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    record(other, ("r_9", 9))
    record(other, ("r_4", 4), status=Status.FAIL)
    before = bytes_of(a)
    with pytest.raises(
        AuditError, match=r"run r_4 has other content than in .*a\.db: queries row 9 there is not row 9 here"
    ) as raised:
        merge_into(a, [b, other])
    assert raised.value.where == str(other) and "Nothing was merged" in str(raised.value)
    assert bytes_of(a) == before


def test_a_run_that_went_on_in_both_is_refused(tmp_path: Path) -> None:
    a, b = tmp_path / "a.db", tmp_path / "b.db"
    with AuditTrail.open(a) as trail:
        trail.start_run(a_start("r_1"))
    shutil.copy(a, b)
    with AuditTrail.open(a) as trail:
        trail.record_query(a_query("r_1"))
    with AuditTrail.open(b) as trail:
        trail.record_decision(a_decision("r_1"))
    before = bytes_of(a)
    with pytest.raises(AuditError, match=r"it went on in both \(queries row 2 is here only\)"):
        merge_into(a, [b])
    assert bytes_of(a) == before


def test_a_trail_that_does_not_verify_is_refused_unless_that_is_wanted_and_then_it_is_written_down(
    a: Path, b: Path
) -> None:
    tamper(b, "UPDATE results SET message = 'all is well' WHERE run_id = 'r_2'")
    before = bytes_of(a)
    with pytest.raises(AuditError, match="does not verify: results row 4") as raised:
        merge_into(a, [b])
    assert "--unverified" in str(raised.value) and bytes_of(a) == before
    [source] = merge_into(a, [b], unverified=True).sources
    assert (source.added, source.verified) == (2, False)
    assert source.broken is not None and "changed after it was written" in source.broken
    assert runs(a) == ["r_4", "r_3", "r_2", "r_1"]
    with closing(sqlite3.connect(a)) as plain:
        told = plain.execute("SELECT verified, broken FROM merges").fetchall()
        assert told == [(0, source.broken)] and plain.execute("SELECT count(*) FROM merge_links").fetchone() == (0,)
    with AuditTrail.open(a) as trail:
        assert trail.verify().merged == () and not trail.verify(source.head).ok
    before = bytes_of(a)
    assert merge_into(a, [b], unverified=True).sources[0].known == 2
    assert bytes_of(a) == before


def test_a_damaged_trail_is_an_audit_error_even_where_none_has_to_verify(a: Path, b: Path) -> None:
    with closing(sqlite3.connect(b, isolation_level=None)) as plain:
        plain.execute("DROP TABLE run_starts")
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = bytes_of(a)
    with pytest.raises(AuditError, match=r"b\.db: cannot be read"):
        merge_into(a, [b], unverified=True)
    assert bytes_of(a) == before


def test_nothing_is_merged_into_a_trail_whose_chain_does_not_hold(a: Path, b: Path) -> None:
    tamper(a, "UPDATE results SET message = 'all is well'")
    with pytest.raises(AuditError, match="the chain does not hold"):
        merge_into(a, [b])


@pytest.mark.parametrize("version", ["0001_trail", "0002_search_by_column"])
def test_a_trail_of_an_older_version_is_read_and_left_as_it_is(a: Path, b: Path, version: str) -> None:
    make_older(b, version)
    before = bytes_of(b)
    merge_into(a, [b])
    assert bytes_of(b) == before
    assert runs(a) == ["r_4", "r_3", "r_2", "r_1"]
    with AuditTrail.open(a) as trail:
        assert {hit.run_id for hit in trail.search("Why", limit=50)} == {"r_1", "r_2", "r_3", "r_4"}


def test_a_trail_of_a_newer_version_is_refused(a: Path, b: Path) -> None:
    with closing(sqlite3.connect(b, isolation_level=None)) as plain:
        plain.execute("INSERT INTO migrations VALUES ('9999_later', '2030-01-01')")
    with pytest.raises(AuditError, match="newer Aegis"):
        merge_into(a, [b])


def test_a_missing_target_is_made_and_is_there_only_when_it_is_whole(a: Path, b: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "history.db"
    done = merge_into(target, [a, b])
    assert [one.added for one in done.sources] == [2, 2] and done.path == str(target)
    assert runs(target) == ["r_4", "r_3", "r_2", "r_1"]
    assert target.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in target.parent.iterdir()] == ["history.db"]
    missing = tmp_path / "none" / "history.db"
    tamper(b, "UPDATE results SET message = 'all is well'")
    with pytest.raises(AuditError):
        merge_into(missing, [a, b])
    assert list(missing.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda path: path.write_text("not a database " * 100), "not an SQLite database"),
        (lambda path: sqlite3.connect(path).executescript("CREATE TABLE t (x)"), "another program"),
    ],
)
def test_what_is_not_a_trail_is_refused_and_left_alone(
    a: Path, tmp_path: Path, make: Callable[[Path], object], told: str
) -> None:
    stranger = tmp_path / "stranger.db"
    make(stranger)
    before, mine = stranger.read_bytes(), bytes_of(a)
    with pytest.raises(AuditError, match=told):
        merge_into(a, [stranger])
    assert (stranger.read_bytes(), bytes_of(a)) == (before, mine)


def test_a_missing_source_and_the_trail_itself_are_usage_errors(a: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        merge_into(a, [tmp_path / "none.db"])
    with pytest.raises(UsageError, match="cannot be merged into itself"):
        merge_into(a, [a.parent / "." / "a.db"])
    (tmp_path / "empty.db").touch()
    with pytest.raises(AuditError, match="the file is empty"):
        merge_into(a, [tmp_path / "empty.db"])
