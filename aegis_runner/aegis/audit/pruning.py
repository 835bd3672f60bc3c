"""Retention: remove old runs, and write into the chain that they were removed.

Most stand at the beginning of the chain, which goes as a whole: a checkpoint says where it begins now. Old runs behind
that (they were merged in later than newer ones, or took longer) go too: a ``removals`` row says of each range of rows
how it ended, so that the chain holds across it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta

from aegis.audit import chain, search
from aegis.audit.models import ChainHead, Pruned
from aegis.audit.records import now, utc
from aegis.audit.schema import OF_RUNS, TABLES

_UNFINISHED = timedelta(days=1)
"""A run that has not finished may be going on for this long."""

_KEPT = """CREATE TEMP TABLE kept AS SELECT run_id, start_seq FROM runs
WHERE finished_at >= ?1 OR (finished_at IS NULL AND started_at >= ?2)"""
_OLD = "run_id NOT IN (SELECT run_id FROM temp.kept)"


def prune(connection: sqlite3.Connection, keep: timedelta, moment: datetime) -> Pruned:
    """Remove every row before the first run that is to be kept, and the rows of others behind it, inside the caller's
    transaction. Nothing to remove: nothing is written.
    """
    connection.execute("DROP TABLE IF EXISTS temp.kept")
    connection.execute(_KEPT, (utc(moment - keep), utc(moment - max(keep, _UNFINISHED))))
    through = _cut(connection)
    begin = 0 if through is None else through.seq
    ranges = list(_ranges(connection, begin))
    if through is None and not ranges:
        return Pruned(runs=0, rows=0, through=0)
    query = f"SELECT count(*) FROM run_starts WHERE seq <= ? OR {_OLD}"
    (runs,) = connection.execute(query, (begin,)).fetchone()
    rows = sum(_count(connection, table, begin) for table in TABLES)
    # Both are written before the rows that they continue may go.
    if through is not None:
        checkpoint: chain.Row = {
            "recorded_at": now(),
            "through_seq": through.seq,
            "through_hash": through.hash,
            "keep_seconds": keep.total_seconds(),
            "runs": runs,
            "rows": rows,
        }
        chain.append(connection, "checkpoints", [checkpoint])
    chain.append(connection, "removals", [_removal(first, last) for first, last in ranges])
    _remove(connection, begin)
    search.rebuild(connection)
    return Pruned(runs=runs, rows=rows, through=begin)


def _removal(first: int, last: ChainHead) -> chain.Row:
    return {"recorded_at": now(), "first_seq": first, "through_seq": last.seq, "through_hash": last.hash}


def _cut(connection: sqlite3.Connection) -> ChainHead | None:
    """The last row to go with the beginning, or ``None``."""
    (first,) = connection.execute("SELECT min(start_seq) FROM temp.kept").fetchone()
    last = chain.head(connection).seq + 1 if first is None else int(first)
    hash_ = chain.hash_at(connection, last - 1)
    (runs,) = connection.execute("SELECT count(*) FROM run_starts WHERE seq < ?", (last,)).fetchone()
    return ChainHead(seq=last - 1, hash=hash_) if hash_ is not None and runs else None


def _ranges(connection: sqlite3.Connection, after: int) -> Iterator[tuple[int, ChainHead]]:
    """Rows behind a number that belong to no run that is kept, as ranges: the first number, and the last row."""
    union = " UNION ALL ".join(f"SELECT seq, hash FROM {table} WHERE seq > ?1 AND {_OLD}" for table in OF_RUNS)
    first, last = 0, chain.GENESIS
    for seq, hash_ in connection.execute(f"{union} ORDER BY seq", (after,)):
        if seq != last.seq + 1 or not first:
            if first:
                yield first, last
            first = seq
        last = ChainHead(seq=seq, hash=str(hash_))
    if first:
        yield first, last


def _doomed(table: str) -> str:
    return f"seq <= ?1 OR {_OLD}" if table in OF_RUNS else "seq <= ?1"


def _count(connection: sqlite3.Connection, table: str, through: int) -> int:
    query = f"SELECT count(*) FROM {table} WHERE {_doomed(table)}"
    return int(connection.execute(query, (through,)).fetchone()[0])


def _remove(connection: sqlite3.Connection, through: int) -> None:
    """Delete, with the triggers that refuse it away for the length of the transaction only."""
    for table in TABLES:
        trigger = f"{table}_no_delete"
        (refusal,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (trigger,)).fetchone()
        connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(f"DELETE FROM {table} WHERE {_doomed(table)}", (through,))
        connection.execute(refusal)
