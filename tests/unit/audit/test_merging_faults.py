"""Merges that are killed, that others write beside, and that are large: for real."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from aegis.audit import AuditTrail, chain
from aegis.audit.into import merge_into
from aegis.errors import AuditError
from tests.unit.audit.support import a_decision, a_report, a_result, a_start, in_child, start_child


def record(path: Path, *run_ids: str, results: int = 3) -> None:
    with AuditTrail.open(path) as trail:
        for run_id in run_ids:
            trail.start_run(a_start(run_id))
            trail.record_decision(a_decision(run_id))
            trail.finish_run(a_report(run_id, tuple(a_result(f"rule_{number}") for number in range(results))))


def runs(path: Path) -> set[str]:
    with AuditTrail.open(path, timeout=1) as trail:
        verification = trail.verify()
        assert verification.ok, verification.broken
        return {run.run_id for run in trail.list_runs(10_000)}


@pytest.fixture
def trails(tmp_path: Path) -> tuple[Path, Path]:
    mine, other = tmp_path / "mine.db", tmp_path / "other.db"
    record(mine, "r_1", "r_2")
    record(other, "r_3", "r_4")
    return mine, other


def killed_at(mine: Path, other: Path, write: int) -> bool:
    """Merge in a process that kills itself before that many writes to the chain; whether it got there."""

    def work(pipe: Connection) -> None:
        real, left = chain.append, [write]

        def append(*given: object) -> list[int]:
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*given)  # type: ignore[arg-type]

        chain.append = append  # type: ignore[assignment]  # counts and passes on
        merge_into(mine, [other])
        pipe.send("done")

    child, pipe = start_child(work)
    child.join(30)
    pipe.close()
    return child.exitcode == -signal.SIGKILL


def test_a_merge_that_is_killed_between_any_two_writes_leaves_the_trail_as_it_was(trails: tuple[Path, Path]) -> None:
    mine, other = trails
    writes = 0
    while killed_at(mine, other, writes):
        assert runs(mine) == {"r_1", "r_2"}, writes
        writes += 1
    assert runs(mine) == {"r_1", "r_2", "r_3", "r_4"}
    assert writes > 8


def test_a_new_trail_is_there_only_after_a_merge_that_was_not_killed(trails: tuple[Path, Path], tmp_path: Path) -> None:
    target = tmp_path / "new.db"
    writes = 0
    while killed_at(target, trails[1], writes):
        assert not target.exists(), writes
        writes += 1
    assert runs(target) == {"r_3", "r_4"}


def test_a_kill_at_any_moment_leaves_all_or_nothing(trails: tuple[Path, Path], tmp_path: Path) -> None:
    mine, other = trails
    more = {f"r_{number}" for number in range(10, 40)}
    record(other, *sorted(more), results=20)
    seed = random.randrange(10**6)
    moments = random.Random(seed)
    began = time.monotonic()
    merge_into(tmp_path / "measure.db", [other])
    longest = time.monotonic() - began
    seen = set()
    for turn in range(12):
        target = tmp_path / f"target_{turn}.db"
        shutil.copy(mine, target)
        child, pipe = start_child(lambda pipe, target=target: pipe.send(str(merge_into(target, [other]).head)))  # type: ignore[misc]
        time.sleep(moments.uniform(0, 1.5 * longest))
        child.kill()
        child.join()
        pipe.close()
        found = runs(target)
        assert found in ({"r_1", "r_2"}, {"r_1", "r_2", "r_3", "r_4"} | more), (seed, turn)
        seen.add(len(found))
        record(target, "r_after")
        assert "r_after" in runs(target)
    assert seen


def test_others_write_to_both_trails_meanwhile(trails: tuple[Path, Path]) -> None:
    mine, other = trails

    def writer(path: Path, name: str) -> object:
        def work(pipe: Connection) -> None:
            for number in range(15):
                record(path, f"{name}_{number}")
            pipe.send("done")

        return work

    children = [start_child(writer(path, name)) for path, name in ((mine, "a"), (other, "b"))]  # type: ignore[arg-type]
    for _ in range(5):
        merge_into(mine, [other])
    assert [pipe.recv() for _, pipe in children] == ["done", "done"]
    merge_into(mine, [other])
    written = {f"{name}_{number}" for name in "ab" for number in range(15)}
    assert runs(mine) == {"r_1", "r_2", "r_3", "r_4"} | written


def test_several_processes_may_merge_into_one_new_trail_at_once(tmp_path: Path) -> None:
    for number in range(4):
        record(tmp_path / f"{number}.db", f"r_{number}")
    target = tmp_path / "new" / "history.db"

    def work(number: int) -> object:
        return lambda pipe: pipe.send(merge_into(target, [tmp_path / f"{number}.db"]).sources[0].added)

    children = [start_child(work(number)) for number in range(4)]  # type: ignore[arg-type]
    assert [pipe.recv() for _, pipe in children] == [1] * 4
    assert runs(target) == {"r_0", "r_1", "r_2", "r_3"}
    assert [one.name for one in target.parent.iterdir() if one.suffix == ".part"] == []


def test_a_full_disk_is_an_audit_error_and_nothing_is_merged(trails: tuple[Path, Path]) -> None:
    mine, other = trails
    record(other, "r_5", results=400)
    with AuditTrail.open(mine) as trail:
        (pages,) = trail._connection.execute("PRAGMA page_count").fetchone()
        trail._connection.execute(f"PRAGMA max_page_count = {pages + 10}")
        with pytest.raises(AuditError, match="the disk is full") as raised:
            trail.merge([other])
    assert raised.value.where == str(mine)
    assert runs(mine) == {"r_1", "r_2"}


@pytest.fixture
def large(tmp_path: Path) -> Iterator[Path]:
    """A trail of 15 MB in few rows."""
    path = tmp_path / "large.db"
    with AuditTrail.open(path) as trail:
        trail.start_run(a_start("r_large"))
        for number in range(500):
            trail.record_decision(a_decision("r_large", prompt=f"{number} words " * 3_200))
    yield path


@pytest.mark.long  # makes a trail of 15 MB, and merges it in a process of its own
def test_a_large_trail_is_merged_with_little_memory(large: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(large)) as plain:
        (size,) = plain.execute("SELECT sum(length(prompt)) FROM decisions").fetchone()
    assert size > 14_000_000

    def work() -> str:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        merge_into(tmp_path / "target.db", [large])
        return str((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)

    assert int(in_child(work)) < 60  # MB; the text of 8 million characters is held up to four times
    assert runs(tmp_path / "target.db") == {"r_large"}
