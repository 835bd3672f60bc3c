"""Calls of language models, read back as they were written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from aegis.audit.models import StoredDecision
from aegis.audit.reading import dictionaries, unreadable

_COLUMNS = ", ".join(StoredDecision.model_fields)
_DECISIONS = f"SELECT {_COLUMNS} FROM decisions WHERE run_id = ? ORDER BY seq"
_DECISION = f"SELECT {_COLUMNS} FROM decisions WHERE seq = ?"
_RUNS = """SELECT run_id FROM decisions WHERE model <> '' OR provider IS NOT NULL
GROUP BY run_id ORDER BY min(recorded_at), min(seq)"""


def decisions(connection: sqlite3.Connection, path: Path, run_id: str) -> tuple[StoredDecision, ...]:
    """All calls of a run, in the order in which they ended.

    Raises:
        AuditError: a row holds what none can.
    """
    return tuple(_read(path, connection.execute(_DECISIONS, (run_id,))))


def decision(connection: sqlite3.Connection, path: Path, number: int) -> StoredDecision | None:
    """One call by its number in the chain.

    Raises:
        AuditError: the row holds what none can.
    """
    return next(_read(path, connection.execute(_DECISION, (number,))), None)


def _read(path: Path, rows: sqlite3.Cursor) -> Iterator[StoredDecision]:
    for row in dictionaries(rows):
        try:
            yield StoredDecision.model_validate(row)
        except (ValidationError, UnicodeError) as error:
            raise unreadable(path, str(row["run_id"])) from error


def deciding_runs(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Runs that asked a language model, in the order in which they began to."""
    return tuple(str(run_id) for (run_id,) in connection.execute(_RUNS))
