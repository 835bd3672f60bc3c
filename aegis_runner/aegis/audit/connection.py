"""Opening the file: rights, WAL, migrations, transactions, and SQLite's errors in words a person can act on."""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from aegis.audit.identity import Writer, waits_in_log, what_is
from aegis.audit.schema import APPLICATION_ID, MIGRATIONS, Migration
from aegis.errors import AuditError

SMALLEST = 512
"""Bytes of the smallest page, and so of the smallest file, that SQLite writes."""

_creating = threading.Lock()

_SET_PATH = "Set AEGIS_AUDIT_DB or --audit-db to another file."
_SPACE = "Free some space, or set AEGIS_AUDIT_DB to a file on another disk. What was recorded before is intact."
_ASIDE = "Move it away and keep it: the next run begins a new one. `sqlite3 FILE .recover` may save its rows."
_EXPLANATIONS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_BUSY: (
        "the audit trail is in use by another process",
        "Wait for it to finish, or end the program that holds the file open. Nothing was recorded.",
    ),
    sqlite3.SQLITE_LOCKED: (
        "the audit trail is in use by another connection of this process",
        "Close it first. Nothing was recorded.",
    ),
    sqlite3.SQLITE_FULL: ("the disk is full; this was not recorded in the audit trail", _SPACE),
    sqlite3.SQLITE_IOERR: ("the disk could not be read or written (is it full?)", _SPACE),
    sqlite3.SQLITE_READONLY: ("the audit trail is read-only", _SET_PATH),
    sqlite3.SQLITE_PERM: ("there is no permission to use the audit trail", _SET_PATH),
    sqlite3.SQLITE_CANTOPEN: ("the audit trail cannot be opened", f"Check the path and its rights. {_SET_PATH}"),
    sqlite3.SQLITE_NOTADB: ("this is not an audit trail (not an SQLite database)", f"It was left alone. {_SET_PATH}"),
    sqlite3.SQLITE_CORRUPT: ("the audit trail is damaged", _ASIDE),
}


def explain(error: sqlite3.Error, path: Path) -> AuditError:
    """The error as a message with a next step, by its primary SQLite result code."""
    code = getattr(error, "sqlite_errorcode", None)  # errors of the Python module itself carry no code
    known = None if code is None else _EXPLANATIONS.get(code & 0xFF)
    message, hint = known or (f"the audit trail cannot be used ({error})", f"Try `aegis audit verify`. {_SET_PATH}")
    return AuditError(message, where=str(path), hint=hint)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """SQLite's errors inside leave as ``AuditError``."""
    try:
        yield
    except sqlite3.Error as error:
        raise explain(error, path) from error


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    """All or nothing. ``BEGIN IMMEDIATE`` waits for its turn; a plain ``BEGIN`` reads one consistent state."""
    with explained(path):
        try:
            connection.execute(begin)
            yield
            connection.execute("COMMIT")
        except BaseException:  # whatever it is, it is raised again
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def connect(path: Path, *, create: bool, timeout: float) -> tuple[sqlite3.Connection, bool]:
    """Open the trail and bring its tables up to date.

    Returns:
        The connection, and whether it can only read: the file or its folder is not writable.

    Raises:
        AuditError: missing (and ``create`` is off), not a trail, of a newer version, not permitted, locked.
    """
    fresh = _ensure_file(path, create=create)
    if not fresh:
        refuse_foreign(path)
    read_only = not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))
    if not read_only and not fresh:
        _tighten(path)
    with explained(path):
        connection = connect_reading(path, timeout) if read_only else _connect_writing(path, timeout)
        try:
            _check_and_migrate(connection, path, timeout, read_only=read_only)
        except BaseException:  # whatever it is, it is raised again
            connection.close()
            raise
    return connection, read_only


def connect_to_read(path: Path, *, timeout: float) -> sqlite3.Connection:
    """Open a trail for reading alone, whoever else writes: SQLite itself refuses to change it, its rights and tables
    stay as they are.

    Raises:
        AuditError: missing, not a trail, of another version, not permitted, locked.
    """
    _ensure_file(path, create=False)
    refuse_foreign(path)
    with explained(path):
        connection = connect_reading(path, timeout, alone=not os.access(path.parent, os.W_OK))
        try:
            _check_and_migrate(connection, path, timeout, read_only=True)
        except BaseException:  # whatever it is, it is raised again
            connection.close()
            raise
    return connection


def _ensure_file(path: Path, *, create: bool) -> bool:
    """Make the folder (0700) and the file (0600) if they are missing; whether the file was made."""
    try:
        if path.is_dir():
            raise AuditError("this is a folder, not an audit trail", where=str(path), hint=_SET_PATH)
        if path.exists():
            _refuse_fragment(path)
            return False
        if not create:
            raise AuditError("there is no audit trail here yet", where=str(path), hint=f"Runs make one. {_SET_PATH}")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Only a file that did not exist is opened here: closing another descriptor of an open SQLite file
        # would drop the locks of this whole process.
        with _creating:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError as error:
        if not path.is_file():
            raise _not_made(path, error) from error
        return False
    except OSError as error:
        raise _not_made(path, error) from error
    return True


def refuse_foreign(path: Path) -> None:
    """Before anything is done to it: not even its rights are changed."""
    try:
        kind = what_is(path)
    except OSError as error:
        message, hint = _EXPLANATIONS[sqlite3.SQLITE_CANTOPEN]
        raise AuditError(f"{message} ({error.strerror or error})", where=str(path), hint=hint) from error
    if kind in (Writer.US, Writer.NOBODY):
        return
    if kind is Writer.NO_DATABASE:
        message, hint = _EXPLANATIONS[sqlite3.SQLITE_NOTADB]
        raise AuditError(message, where=str(path), hint=hint)
    take_in = " `aegis audit import` takes its runs into a trail." if kind is Writer.AEGIS_DQ else ""
    raise AuditError(
        f"this SQLite database is not an audit trail: it is {kind.value}",
        where=str(path),
        hint=f"It was left alone. {_SET_PATH}{take_in}",
    )


def _refuse_fragment(path: Path) -> None:
    """SQLite takes a file of one byte for an empty database and writes over it."""
    if 0 < path.stat().st_size < SMALLEST:
        message, hint = _EXPLANATIONS[sqlite3.SQLITE_NOTADB]
        raise AuditError(message, where=str(path), hint=hint)


def _not_made(path: Path, error: OSError) -> AuditError:
    reason = error.strerror or str(error)
    return AuditError(f"the audit trail cannot be made here ({reason})", where=str(path), hint=_SET_PATH)


def _tighten(path: Path) -> None:
    """Prompts and failing rows are nobody else's business: 0600, where the file is ours."""
    if sys.platform == "win32":
        return  # rights are lists there, and a user's folders are closed to other users
    for name in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        try:
            stat = name.stat()
            if stat.st_mode & 0o077 and stat.st_uid == os.geteuid():
                name.chmod(0o600)
        except FileNotFoundError:
            continue  # another process closed the trail and took its WAL away
        except OSError as error:
            raise _not_made(path, error) from error


def _connect_writing(path: Path, timeout: float) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA recursive_triggers = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA synchronous = FULL")
    connection.text_factory = lenient_text
    return connection


def connect_reading(path: Path, timeout: float, *, alone: bool = True) -> sqlite3.Connection:
    """A trail in WAL mode needs its folder writable, unless nothing waits in the WAL: then it is immutable. Not
    ``alone``: others may write to it meanwhile, so that it never is."""
    mode = "mode=ro&immutable=1" if alone and not waits_in_log(path) else "mode=ro"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{mode}", uri=True, timeout=timeout, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.text_factory = lenient_text
    return connection


def lenient_text(raw: bytes) -> str:
    """Bytes that are not UTF-8 were put there by somebody else; they must reach ``verify``."""
    return raw.decode("utf-8", "surrogateescape")


def _check_and_migrate(connection: sqlite3.Connection, path: Path, timeout: float, *, read_only: bool) -> None:
    (identity,) = connection.execute("PRAGMA application_id").fetchone()
    if identity != APPLICATION_ID and not _is_empty(connection):
        _refuse_stranger(connection, path)
    if not read_only:
        _use_wal(connection, timeout)
    pending = pending_migrations(connection, path)
    if pending:
        if read_only and all(migration.optional for migration in pending):
            return  # its rows are whole; only what is made of them wants more
        if read_only:
            raise AuditError(
                "the audit trail is read-only and has no tables of this version",
                where=str(path),
                hint="`aegis audit list-runs` brings it up to date, in a folder that can be written to.",
            )
        with transaction(connection, path):
            _migrate(connection, path)


def _is_empty(connection: sqlite3.Connection) -> bool:
    (objects,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return bool(objects == 0)


def _refuse_stranger(connection: sqlite3.Connection, path: Path) -> None:
    # The identity and the tables come in one commit of another process, which may fall between the two looks.
    (identity,) = connection.execute("PRAGMA application_id").fetchone()
    if identity != APPLICATION_ID:
        raise AuditError(
            "this SQLite database is not an audit trail", where=str(path), hint=f"It was left alone. {_SET_PATH}"
        )


def _use_wal(connection: sqlite3.Connection, timeout: float) -> None:
    """Switch to WAL once. SQLite does not wait for other processes here, so this does."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
                return
            # Lets prune give pages back without rewriting the file; has no effect once there are tables.
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def pending_migrations(connection: sqlite3.Connection, path: Path) -> tuple[Migration, ...]:
    """The migrations that have not run. A name that this version does not know is a newer version's."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'migrations'").fetchone() is None:
        return MIGRATIONS
    applied = {name for (name,) in connection.execute("SELECT name FROM migrations")}
    unknown = sorted(applied - {migration.name for migration in MIGRATIONS})
    if unknown:
        raise AuditError(
            f"the audit trail was written by a newer Aegis (it has {', '.join(unknown)})",
            where=str(path),
            hint=f"Update Aegis. It was left alone. {_SET_PATH}",
        )
    return tuple(migration for migration in MIGRATIONS if migration.name not in applied)


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Run what has not been run; another process may have done it while this one waited for its turn."""
    pending = pending_migrations(connection, path)
    for migration in pending:
        for statement in migration.statements:
            connection.execute(statement)
        now = datetime.now(UTC).isoformat()
        connection.execute("INSERT INTO migrations VALUES (?, ?)", (migration.name, now))
    if any(migration.reindex for migration in pending) and pending != MIGRATIONS:
        from aegis.audit.search import rebuild

        rebuild(connection)
