"""What the chains of merged trails prove: after prunes, after changes, and over several merges."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from aegis.audit import AuditTrail
from aegis.audit.into import merge_into
from tests.unit.audit.support import MOMENT, tamper
from tests.unit.audit.test_merging import HOUR, a, b, record, runs

__all__ = ["a", "b"]  # fixtures


def test_pruned_trails_merge_both_ways(a: Path, tmp_path: Path) -> None:
    whole, pruned = tmp_path / "whole.db", tmp_path / "pruned.db"
    shutil.copy(a, whole)
    shutil.copy(a, pruned)
    with AuditTrail.open(pruned) as trail:
        trail.prune(HOUR, moment=MOMENT + 4 * HOUR)
    record(whole, ("r_5", 5))
    head = record(pruned, ("r_6", 6))
    for path, other in ((tmp_path / "one.db", pruned), (tmp_path / "two.db", whole)):
        shutil.copy(whole if other == pruned else pruned, path)
        merge_into(path, [other])
        assert runs(path) == ["r_6", "r_5", "r_4", "r_1"]
    with AuditTrail.open(tmp_path / "one.db") as trail:
        assert trail.verify(head).ok


def test_a_run_that_was_merged_in_late_is_pruned_by_its_time_and_both_chains_still_hold(a: Path, b: Path) -> None:
    merge_into(a, [b])
    with AuditTrail.open(b) as trail:
        head = trail.head()
    with AuditTrail.open(a) as trail:
        mine = trail.head()
        # r_1, r_2 and r_3 are old; r_2 and r_3 stand behind r_4, which is kept.
        pruned = trail.prune(HOUR / 2, moment=MOMENT + 4 * HOUR)
        assert (pruned.runs, pruned.rows) == (3, 21)
        assert runs(a) == ["r_4"]
        assert trail.verify(head).ok and trail.verify(mine).ok
        assert trail.search("seen by r_2") == ()
        assert trail.prune(HOUR / 2, moment=MOMENT + 4 * HOUR).rows == 0
    record(a, ("r_7", 7))
    [again] = merge_into(a, [b]).sources
    assert again.added == 2  # they come back, as a source has them still
    assert runs(a) == ["r_7", "r_4", "r_3", "r_2"]


def test_rows_that_a_prune_says_it_removed_and_did_not_are_noticed(a: Path, b: Path) -> None:
    merge_into(a, [b])
    with AuditTrail.open(a) as trail:
        trail.prune(HOUR / 2, moment=MOMENT + 4 * HOUR)
    tamper(a, "UPDATE removals SET through_seq = through_seq - 1")
    with AuditTrail.open(a) as trail:
        assert not trail.verify().ok


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE merge_links SET links = replace(links, 'r', 'q')", "merge_links"),
        ("UPDATE merge_links SET first_seq = 2", "merge_links"),
        ("UPDATE merges SET through_hash = hash", "merges"),
        ("DELETE FROM merge_links", "is missing"),
        ("UPDATE results SET status = 'pass', message = 'x' WHERE seq > 14", "results"),
    ],
)
def test_what_was_merged_cannot_be_changed_unnoticed(a: Path, b: Path, statement: str, told: str) -> None:
    merge_into(a, [b])
    tamper(a, statement)
    with AuditTrail.open(a) as trail:
        assert told in str(trail.verify().broken)


def test_rows_that_do_not_give_the_hash_that_they_had_are_noticed_even_in_a_chain_that_holds(a: Path, b: Path) -> None:
    """As if the whole chain were written again around a changed row: the links still tell."""
    merge_into(a, [b])
    from aegis.audit import chain

    tamper(a, "UPDATE results SET message = 'all is well' WHERE run_id = 'r_2'")
    with closing(sqlite3.connect(a, isolation_level=None)) as plain:
        rows = list(chain.in_order(plain))
    previous, changes = chain.GENESIS.hash, []
    for seq, table, _, row in rows:
        previous = chain.link(previous, table, seq, row)
        changes.append(f"UPDATE {table} SET hash = '{previous}' WHERE seq = {seq}")
    tamper(a, *changes)
    with AuditTrail.open(a) as trail:
        assert "is not row 4 of the trail that was merged in" in str(trail.verify().broken)


def test_a_trail_of_trails_passes_on_what_it_says_of_them(a: Path, b: Path, tmp_path: Path) -> None:
    c, d = tmp_path / "c.db", tmp_path / "d.db"
    third = record(c, ("r_7", 7))
    with AuditTrail.open(b) as trail:
        second = trail.head()
    merge_into(a, [b])
    merge_into(c, [a])
    with AuditTrail.open(a) as trail:
        first = trail.head()
    with AuditTrail.open(c) as trail, closing(sqlite3.connect(c)) as plain:
        assert trail.verify(first).ok and trail.verify(second).ok
        assert plain.execute("SELECT via_hash, verified FROM merges ORDER BY seq").fetchall() == [
            (None, 1), (first.hash, 1)
        ]  # fmt: skip
    merge_into(d, [c])
    with AuditTrail.open(d) as trail:
        assert all(trail.verify(head).ok for head in (first, second, third))
    assert runs(d) == ["r_7", "r_4", "r_3", "r_2", "r_1"]


def test_two_trails_that_are_merged_into_each_other_again_and_again_grow_by_little(a: Path, b: Path) -> None:
    sizes = []
    for turn in range(8):
        record(a, (f"a_{turn}", 10 + 2 * turn))
        merge_into(b, [a])
        record(b, (f"b_{turn}", 11 + 2 * turn))
        merge_into(a, [b])
        with AuditTrail.open(a) as trail:
            sizes.append(trail.verify().rows)
    assert len(runs(a)) == len(runs(b)) == 4 + 16
    growth = [after - before for before, after in pairwise(sizes)]
    assert max(growth[1:]) == min(growth[1:]), growth
