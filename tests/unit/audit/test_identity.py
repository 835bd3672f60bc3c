"""Whose file it is: what is not ours stays as it is, to the byte, the mode and the time."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from aegis.analysis.audit_past import AuditPast
from aegis.analysis.options import AnalyzeOptions
from aegis.analysis.past import Told
from aegis.analysis.record import begin
from aegis.audit import AuditTrail, default_path
from aegis.audit.identity import Writer, what_is
from aegis.audit.schema import APPLICATION_ID
from aegis.audit.trail import displaced
from aegis.domain.report import Notice
from aegis.errors import AuditError
from tests.unit.audit.old_history import write_history
from tests.unit.audit.support import MOMENT, a_report


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("AEGIS_AUDIT_DB", raising=False)
    (tmp_path / ".aegis").mkdir()
    return tmp_path / ".aegis"


def another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table runs (id integer, name text)")
        connection.execute("PRAGMA application_id = 42")


def with_a_log(path: Path) -> None:
    """A history whose last rows still wait in its write-ahead log, as a program that runs leaves it."""
    write_history(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("insert into runs (run_id, timestamp) values ('late', '2025-06-01T00:00:00')")
    connection.commit()
    KEPT_OPEN.append(connection)


KEPT_OPEN: list[sqlite3.Connection] = []
STRANGERS: dict[str, tuple[Writer, Callable[[Path], object]]] = {
    "aegis-dq": (Writer.AEGIS_DQ, write_history),
    "aegis-dq that is running": (Writer.AEGIS_DQ, with_a_log),
    "another program": (Writer.ANOTHER, another_program),
    "no database": (Writer.NO_DATABASE, lambda path: path.write_text("my notes, longer than a page header\n" * 40)),
    "a few bytes": (Writer.NO_DATABASE, lambda path: path.write_text("x")),
    "a folder": (Writer.FOLDER, lambda path: path.mkdir()),
}


def state(path: Path) -> object:
    """Content, mode and time of a file and of what stands beside it."""
    files = [one for one in sorted(path.parent.glob("history.db*")) if one.is_file()]
    return [
        (one.name, hashlib.sha256(one.read_bytes()).hexdigest(), one.stat().st_mode, one.stat().st_mtime_ns)
        for one in files
        if not one.name.endswith("-shm")
    ]


@pytest.mark.parametrize("name", STRANGERS)
def test_a_strangers_file_is_left_alone_and_ours_stands_beside_it_and_says_so_once(home: Path, name: str) -> None:
    writer, make = STRANGERS[name]
    usual = home / "history.db"
    make(usual)
    if usual.is_file():
        usual.chmod(0o644)
    before = state(usual)
    assert what_is(usual) is writer
    assert default_path() == home / "trail.db"
    said: list[Notice] = []
    for number in range(2):
        options = AnalyzeOptions()
        said += begin(
            options,
            run_id=f"r_{number}",
            started_at=MOMENT,
            aegis_version="1",
            project="shop",
            target=None,
            rules_file=None,
        )
    assert len(said) == 1 and said[0].where == str(usual) and writer.value in said[0].what
    assert ("aegis audit import" in (said[0].hint or "")) == (writer is Writer.AEGIS_DQ)
    with AuditTrail.open(default_path()) as trail:
        assert len(trail.list_runs()) == 2 and trail.verify().ok
    assert state(usual) == before
    while KEPT_OPEN:
        KEPT_OPEN.pop().close()


@pytest.mark.parametrize("name", STRANGERS)
def test_a_strangers_file_that_is_named_is_refused_and_left_alone(
    home: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, make = STRANGERS[name]
    path = home / "history.db"
    make(path)
    before = state(path)
    monkeypatch.setenv("AEGIS_AUDIT_DB", str(path))
    assert default_path() == path and displaced() is None
    with pytest.raises(AuditError) as raised:
        AuditTrail.open(path)
    assert raised.value.where == str(path) and raised.value.hint
    assert ("aegis audit import" in raised.value.hint) == (writer is Writer.AEGIS_DQ)
    assert state(path) == before
    while KEPT_OPEN:
        KEPT_OPEN.pop().close()


def test_our_own_file_of_the_usual_name_stays_the_trail(home: Path) -> None:
    assert default_path() == home / "history.db" and displaced() is None
    with AuditTrail.open(default_path()) as trail:
        trail.finish_run(a_report("r_1"))
        assert what_is(home / "history.db") is Writer.US  # its header may still wait in the log
    assert default_path() == home / "history.db"


def test_an_empty_file_of_the_usual_name_becomes_the_trail(home: Path) -> None:
    (home / "history.db").touch()
    AuditTrail.open(default_path()).close()
    assert default_path() == home / "history.db" and what_is(default_path()) is Writer.US


def test_a_trail_that_stands_beside_goes_on_when_the_old_file_is_gone(home: Path) -> None:
    write_history(home / "history.db")
    AuditTrail.open(default_path()).close()
    (home / "history.db").unlink()
    assert default_path() == home / "trail.db"


def test_a_trail_of_a_newer_version_is_ours_and_left_alone(home: Path) -> None:
    with AuditTrail.open(default_path()) as trail:
        trail.finish_run(a_report("r_1"))
    with closing(sqlite3.connect(default_path(), isolation_level=None)) as connection:
        connection.execute("INSERT INTO migrations VALUES ('9999_later', '2030-01-01')")
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert default_path() == home / "history.db"
    with pytest.raises(AuditError, match="written by a newer Aegis"):
        AuditTrail.open(default_path())


def test_an_analysis_says_it_too_when_it_makes_the_trail(home: Path) -> None:
    write_history(home / "history.db")
    info = a_report("r_1").run
    told = AuditPast(info, AnalyzeOptions()).last()
    assert not told.statuses and [notice.where for notice in told.notices] == [str(home / "history.db")]
    AuditTrail.open(default_path()).close()
    assert AuditPast(info, AnalyzeOptions()).last() == Told({}, ())


@pytest.mark.parametrize("whose", ["ours", "aegis-dq"])
def test_a_log_that_another_process_takes_away_while_we_look_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    path = tmp_path / "history.db"
    if whose == "ours":
        holder = sqlite3.connect(path)
        holder.execute("PRAGMA journal_mode = WAL")
        holder.execute(f"PRAGMA application_id = {APPLICATION_ID}")  # its header waits in the log
    else:
        with_a_log(path)
        holder = KEPT_OPEN.pop()
    copy = shutil.copyfile

    def close_first(source: Path, target: Path) -> None:
        if source.name.endswith("-wal"):
            holder.close()
        copy(source, target)

    monkeypatch.setattr(shutil, "copyfile", close_first)
    assert what_is(path) is (Writer.US if whose == "ours" else Writer.AEGIS_DQ)
