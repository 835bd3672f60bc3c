"""Whose file is it? Told from its first bytes, so that somebody else's is not even opened for writing.

``~/.aegis/history.db`` is also where the older tool aegis-dq keeps its history. What is not ours stays as it is, byte,
mode and time; our trail then stands beside it.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from enum import Enum
from pathlib import Path

from aegis.audit.schema import APPLICATION_ID

USUAL = "history.db"
BESIDE = "trail.db"
"""The name of the trail where a file of somebody else has the usual one."""

_PATIENCE, _PAUSE = 2.0, 0.02
"""Seconds in all, and between two looks, that a file which changes while it is looked at is looked at again."""
_MAGIC = b"SQLite format 3\0"
_ID_AT = 68
"""Where the header of an SQLite file holds the application id (https://sqlite.org/fileformat.html, 1.3)."""
_AEGIS_DQ = ({"runs"}, {"run_id", "timestamp", "report_json"}), ({"decisions"}, {"run_id", "step", "input_summary"})
"""Tables, and some of their columns, one of which every version of aegis-dq makes."""


class Writer(Enum):
    """Who wrote a file, in words."""

    US = "an audit trail"
    NOBODY = "an empty file"
    AEGIS_DQ = "the history of aegis-dq"
    ANOTHER = "the SQLite database of another program"
    NO_DATABASE = "no SQLite database"
    FOLDER = "a folder"


def what_is(path: Path) -> Writer:
    """Who wrote this file. Nothing about it changes.

    Raises:
        OSError: It is not there, or may not be read.
    """
    if path.is_dir():
        return Writer.FOLDER
    deadline = time.monotonic() + _PATIENCE
    while True:
        before = _state(path)
        found = _look(path)
        if found is Writer.US or time.monotonic() > deadline or (found is not None and _state(path) == before):
            return found or Writer.ANOTHER
        # Another process writes: a trail that is being made is not whole in any one of its files for a moment.
        time.sleep(_PAUSE)


def _look(path: Path) -> Writer | None:
    """One look; None where a file went away under it."""
    with path.open("rb") as file:
        header = file.read(100)
    if not header:
        return Writer.NOBODY
    if not header.startswith(_MAGIC):
        return Writer.NO_DATABASE
    if header[_ID_AT : _ID_AT + 4] == APPLICATION_ID.to_bytes(4, "big"):
        return Writer.US
    try:
        return _inside(path)
    except FileNotFoundError:  # whoever closes a database last takes its write-ahead log away
        return None


def _state(path: Path) -> tuple[tuple[int, int] | None, ...]:
    """Size in bytes and time in nanoseconds of the file and of its write-ahead log."""
    return _size_and_time(path), _size_and_time(_wal(path))


def waits_in_log(path: Path) -> bool:
    """Whether the write-ahead log of this file holds anything."""
    state = _size_and_time(_wal(path))
    return state is not None and state[0] > 0


def _size_and_time(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_size, stat.st_mtime_ns


def _wal(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _inside(path: Path) -> Writer:
    try:
        with tempfile.TemporaryDirectory(prefix="aegis-look-") as folder:
            connection = sqlite3.connect(_uri(path, Path(folder)), uri=True)
            try:
                (identity,) = connection.execute("PRAGMA application_id").fetchone()
                names = {str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master")}
                columns = {name: _columns(connection, name) for name in names & {"runs", "decisions"}}
            finally:
                connection.close()
    except sqlite3.Error:
        return Writer.ANOTHER
    if identity == APPLICATION_ID:
        return Writer.US
    if not names:
        return Writer.NOBODY
    known = any(tables <= names and wanted <= columns[min(tables)] for tables, wanted in _AEGIS_DQ)
    return Writer.AEGIS_DQ if known else Writer.ANOTHER


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})")}


def _uri(path: Path, folder: Path) -> str:
    """Immutable: SQLite locks nothing and makes no file beside it. What waits in a write-ahead log is read from a copy,
    since reading it in place would write there."""
    if not waits_in_log(path):
        return f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    copy = folder / "copy.db"
    shutil.copyfile(path, copy)
    shutil.copyfile(_wal(path), copy.with_name("copy.db-wal"))
    return copy.as_uri()


def readable(path: Path, folder: Path) -> sqlite3.Connection:
    """A connection that reads somebody else's file and leaves it as it is; ``folder`` is for a copy.

    Raises:
        sqlite3.Error, OSError: It cannot be read.
    """
    return sqlite3.connect(_uri(path, folder), uri=True)


def usual_path(folder: Path) -> Path:
    """The trail in ``~/.aegis``: the usual file unless somebody else's is there, or our trail stands beside already."""
    usual, beside = folder / USUAL, folder / BESIDE
    try:
        ours = what_is(usual) in (Writer.US, Writer.NOBODY)
    except FileNotFoundError:
        return beside if beside.exists() else usual
    except OSError:
        return usual  # opening it will say what is wrong
    return usual if ours else beside
