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
_RUNS = """SELECT run_id FROM decisions WHERE model <> '' OR provider IS NOT NULL
GROUP BY run_id ORDER BY min(recorded_at), min(seq)"""


def decisions(connection: sqlite3.Connection, path: Path, run_id: str) -> tuple[StoredDecision, ...]:
    """All calls of a run, in the order in which they ended.

    Raises:
        AuditError: a row holds what none can.
    """
    return tuple(_read(connection, path, run_id))


def _read(connection: sqlite3.Connection, path: Path, run_id: str) -> Iterator[StoredDecision]:
    for row in dictionaries(connection.execute(_DECISIONS, (run_id,))):
        try:
            yield StoredDecision.model_validate(row)
        except (ValidationError, UnicodeError) as error:
            raise unreadable(path, run_id) from error


def deciding_runs(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Runs that asked a language model, in the order in which they began to."""
    return tuple(str(run_id) for (run_id,) in connection.execute(_RUNS))
