"""Retention: remove the oldest part of the chain, and write into the chain that it was removed."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from aegis.audit import chain, search
from aegis.audit.models import ChainHead, Pruned
from aegis.audit.records import now, utc
from aegis.audit.schema import TABLES

_UNFINISHED = timedelta(days=1)
"""A run that has not finished may be going on for this long."""

_FIRST_KEPT = """SELECT min(start_seq) FROM runs
WHERE finished_at >= ?1 OR (finished_at IS NULL AND started_at >= ?2)"""


def prune(connection: sqlite3.Connection, keep: timedelta, moment: datetime) -> Pruned:
    """Remove every row before the first run that is to be kept, inside the caller's transaction.

    Only the beginning of the chain is removed, so a short old run between rows of a kept one stays. Nothing to
    remove: nothing is written.
    """
    through = _cut(connection, keep, moment)
    if through is None:
        return Pruned(runs=0, rows=0, through=0)
    (runs,) = connection.execute("SELECT count(*) FROM run_starts WHERE seq <= ?", (through.seq,)).fetchone()
    rows = sum(_count(connection, table, through.seq) for table in TABLES)
    checkpoint: chain.Row = {
        "recorded_at": now(),
        "through_seq": through.seq,
        "through_hash": through.hash,
        "keep_seconds": keep.total_seconds(),
        "runs": runs,
        "rows": rows,
    }
    chain.append(connection, "checkpoints", [checkpoint])  # before the row it continues may go
    _remove(connection, through.seq)
    search.rebuild(connection)
    return Pruned(runs=runs, rows=rows, through=through.seq)


def _cut(connection: sqlite3.Connection, keep: timedelta, moment: datetime) -> ChainHead | None:
    """The last row to go, or ``None``."""
    oldest, oldest_unfinished = utc(moment - keep), utc(moment - max(keep, _UNFINISHED))
    (first,) = connection.execute(_FIRST_KEPT, (oldest, oldest_unfinished)).fetchone()
    last = chain.head(connection).seq + 1 if first is None else int(first)
    row = connection.execute(
        " UNION ALL ".join(f"SELECT seq, hash FROM {table} WHERE seq = ?1" for table in TABLES), (last - 1,)
    ).fetchone()
    (runs,) = connection.execute("SELECT count(*) FROM run_starts WHERE seq < ?", (last,)).fetchone()
    return ChainHead(seq=row[0], hash=row[1]) if row is not None and runs else None


def _count(connection: sqlite3.Connection, table: str, through: int) -> int:
    (rows,) = connection.execute(f"SELECT count(*) FROM {table} WHERE seq <= ?", (through,)).fetchone()
    return int(rows)


def _remove(connection: sqlite3.Connection, through: int) -> None:
    """Delete, with the triggers that refuse it away for the length of the transaction only."""
    for table in TABLES:
        trigger = f"{table}_no_delete"
        (refusal,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (trigger,)).fetchone()
        connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(f"DELETE FROM {table} WHERE seq <= ?", (through,))
        connection.execute(refusal)
