"""Kills, full disks, locks, several processes: for real."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from aegis.audit import AuditTrail
from aegis.errors import AuditError
from tests.unit.audit.support import a_decision, a_query, a_report, a_result, a_start, in_child, start_child, tamper

RESULTS = 40


def writer(path: Path, name: str) -> Callable[[Connection], None]:
    """Record runs until killed; say each id once it is known to be stored."""

    def work(pipe: Connection) -> None:
        number = 0
        while True:
            run_id = f"{name}_{number}"
            with AuditTrail.open(path) as trail:
                trail.start_run(a_start(run_id))
                trail.record_query(a_query(run_id))
                trail.record_decision(a_decision(run_id))
                trail.finish_run(a_report(run_id, tuple(a_result(f"rule_{n}") for n in range(RESULTS))))
            pipe.send(run_id)
            number += 1

    return work


def test_a_kill_at_any_moment_loses_no_finished_run_and_blocks_nobody(path: Path) -> None:
    seed = random.randrange(10**6)
    moments = random.Random(seed)
    finished: list[str] = []
    longest = 0.06
    for turn in range(20):
        child, pipe = start_child(writer(path, f"r{turn}"))
        time.sleep(moments.uniform(0, longest))
        child.kill()
        child.join()
        while pipe.poll():
            try:
                finished.append(pipe.recv())
            except EOFError:
                break
        if turn >= 5 and not finished:
            longest *= 2  # a busy machine: a moment has to be long enough for something to be written in it
        with AuditTrail.open(path, timeout=1) as trail:
            verification = trail.verify()
            assert verification.ok, (seed, turn, verification.broken)
            trail.finish_run(a_report(f"after_{turn}"))
    with AuditTrail.open(path) as trail:
        assert all(len(trail.show(run_id).results) == RESULTS for run_id in finished), seed
        ended = [run.run_id for run in trail.list_runs(limit=10_000) if run.finished_at]
        assert all(len(trail.show(run_id).results) in (RESULTS, 2) for run_id in ended), seed
        assert trail.verify().ok
    assert finished


def test_four_processes_write_a_hundred_runs_each(path: Path) -> None:
    def work(name: str) -> Callable[[Connection], None]:
        def run(pipe: Connection) -> None:
            for number in range(100):
                with AuditTrail.open(path) as trail:  # the first four make the file at once
                    trail.start_run(a_start(f"{name}_{number}"))
                    trail.finish_run(a_report(f"{name}_{number}"))
            pipe.send("done")

        return run

    children = [start_child(work(name)) for name in "abcd"]
    assert [pipe.recv() for _, pipe in children] == ["done"] * 4
    with AuditTrail.open(path) as trail:
        verification = trail.verify()
        assert verification.ok, verification.broken
        assert verification.rows == 4 * 100 * 4
        assert all(run.finished_at for run in trail.list_runs(limit=1000))


def test_many_processes_may_make_the_file_at_once(tmp_path: Path) -> None:
    for turn in range(10):
        path = tmp_path / str(turn) / "history.db"

        def work(pipe: Connection, path: Path = path) -> None:
            with AuditTrail.open(path) as trail:
                pipe.send(str(trail.start_run(a_start(f"r_{os.getpid()}")).seq))

        children = [start_child(work) for _ in range(6)]
        assert sorted(pipe.recv() for _, pipe in children) == list("123456")


def fills_up(trail: AuditTrail) -> tuple[list[str], AuditError]:
    """Record until it no longer works: the runs that are stored, and what was said."""
    stored: list[str] = []
    for number in range(1000):
        run_id = f"r_{number}"
        try:
            trail.start_run(a_start(run_id))
            trail.record_decision(a_decision(run_id, prompt="words " * 500))
            trail.finish_run(a_report(run_id))
        except AuditError as error:
            return stored, error
        stored.append(run_id)
    raise AssertionError("the disk never was full")


def test_a_full_database_is_an_audit_error_and_what_was_stored_stays(path: Path) -> None:
    with AuditTrail.open(path) as trail:
        (pages,) = trail._connection.execute("PRAGMA page_count").fetchone()
        trail._connection.execute(f"PRAGMA max_page_count = {pages + 40}")
        stored, error = fills_up(trail)
        assert "the disk is full" in error.message
        assert error.hint
        assert trail.verify().ok
        trail._connection.execute("PRAGMA max_page_count = 1000000")
        trail.finish_run(a_report("later"))
    with AuditTrail.open(path) as trail:
        assert trail.verify().ok
        assert stored
        assert all(trail.show(run_id) == a_report(run_id) for run_id in [*stored, "later"])


def test_a_file_size_limit_is_an_audit_error_and_what_was_stored_stays(path: Path) -> None:
    AuditTrail.open(path).close()

    def work() -> str:
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with AuditTrail.open(path) as trail:
            stored, error = fills_up(trail)
            assert trail.verify().ok
        return f"{len(stored)} {error}"

    count, said = in_child(work).split(" ", 1)
    assert "full" in said
    with AuditTrail.open(path) as trail:
        assert int(count) > 0
        assert all(trail.show(f"r_{number}") == a_report(f"r_{number}") for number in range(int(count)))
        assert trail.verify().ok
        trail.finish_run(a_report("later"))
        assert trail.verify().ok


_ON_A_SMALL_DISK = """
import sys
from pathlib import Path
from aegis.audit import AuditTrail
from tests.unit.audit.test_faults import fills_up
from tests.unit.audit.support import a_report
from aegis.errors import AuditError

path = Path(sys.argv[1]) / "history.db"
with AuditTrail.open(path) as trail:
    stored, error = fills_up(trail)
with AuditTrail.open(path) as trail:
    assert trail.verify().ok, trail.verify()
    assert stored and all(trail.show(run) == a_report(run) for run in stored)
(Path(sys.argv[1]) / "ballast").unlink()
with AuditTrail.open(path) as trail:
    trail.finish_run(a_report("later"))
    assert trail.verify().ok
print("said:", error.message)
"""


def _on_small_disk(folder: Path, script: str, kilobytes: int) -> str:
    """Run a script on a disk of its own, made in a namespace of its own."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        pytest.skip("a small disk is made with Linux namespaces")
    probe = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "none", str(folder)], capture_output=True)
    if probe.returncode:
        pytest.skip("this machine does not let its users make namespaces")
    shell = (
        f'mount -t tmpfs -o size={kilobytes}k none "$0" && head -c 200000 /dev/zero > "$0/ballast" '
        '&& exec "$1" -c "$2" "$0"'
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", shell, str(folder), sys.executable, textwrap.dedent(script)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_disk_that_is_full_is_an_audit_error_and_what_was_stored_stays(tmp_path: Path) -> None:
    said = _on_small_disk(tmp_path, _ON_A_SMALL_DISK, 900)
    assert "said: the disk" in said
    assert "full" in said


def test_a_disk_without_room_for_a_new_trail_is_an_audit_error(tmp_path: Path) -> None:
    script = """
    import sys
    from pathlib import Path
    from aegis.audit import AuditTrail
    from aegis.errors import AuditError
    try:
        AuditTrail.open(Path(sys.argv[1]) / "home" / "history.db")
    except AuditError as error:
        print("said:", error.message)
    """
    assert "full" in _on_small_disk(tmp_path, script, 200)


def test_a_trail_locked_too_long_is_an_audit_error_and_works_afterwards(path: Path) -> None:
    with AuditTrail.open(path, timeout=0.05) as trail, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(AuditError, match="in use by another process"):
            trail.start_run(a_start("r_1"))
        assert trail.list_runs() == ()  # readers are not held up
        other.execute("ROLLBACK")
        trail.start_run(a_start("r_1"))
        assert trail.verify().ok


def test_a_new_file_locked_by_another_program_is_an_audit_error(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(AuditError, match="in use by another process"):
            AuditTrail.open(path, timeout=0.05)


def test_an_interruption_in_the_middle_of_a_write_leaves_nothing_behind(
    trail: AuditTrail, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("aegis.audit.search.index", interrupted)
        with pytest.raises(KeyboardInterrupt):
            trail.finish_run(a_report("r_1"))
    assert trail.verify().rows == 0
    trail.finish_run(a_report("r_1"))
    assert trail.show("r_1") == a_report("r_1")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE results SET status = 'weird', severity = 'odd'",
        "UPDATE results SET message = CAST(x'ff' AS TEXT), status = x'00'",
        "UPDATE results SET failing_keys = '{', recorded_at = 'yesterday', status = 'no'",
        "UPDATE run_ends SET report_json = 'x', summary_json = '[]'",
        "UPDATE run_ends SET report_json = x'ff', summary_json = x'ff'",
        "UPDATE run_starts SET started_at = 'never'",
    ],
)
def test_rows_that_nobody_can_read_are_an_audit_error_and_never_a_traceback(path: Path, statement: str) -> None:
    with AuditTrail.open(path) as trail:
        trail.finish_run(a_report("r_1"))
    tamper(path, statement)
    refused = 0
    with AuditTrail.open(path) as trail:
        reads: tuple[Callable[[], object], ...] = (
            trail.list_runs,
            trail.show,
            lambda: trail.search("shopify"),
            lambda: trail.last_results(project="shop", target="dev"),
        )
        for read in reads:
            try:
                read()
            except AuditError as error:
                refused += 1
                assert "cannot be read" in error.message
                assert error.hint
        assert not trail.verify().ok
    assert refused
