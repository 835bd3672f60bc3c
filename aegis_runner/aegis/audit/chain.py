"""The hash chain: every row of every table has a number and the hash of itself and of the row before it.

``hash = sha256(canonical JSON of [previous hash, table, seq, {column: value}])``, NULL columns left out, keys
sorted, no spaces, UTF-8. The first row's previous hash is sixty-four zeros. Anybody can compute it again from
the file alone, and so can a forger who rewrites every row behind the one that was changed: the chain shows
accidents and edits, not a complete rewrite. To notice that (or a tail removed together with SQLite's own
counters, ``sqlite_sequence``) keep the head somewhere else, such as a CI log, and give it to ``verify``.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from aegis.audit.models import ChainHead
from aegis.audit.schema import TABLES

Cell: TypeAlias = str | int | float | None
Row: TypeAlias = Mapping[str, Cell]
Stored: TypeAlias = tuple[int, str, str, dict[str, Cell]]
"""Number, table, hash and cells, without those that are NULL."""

GENESIS = ChainHead(seq=0, hash="0" * 64)


def _blob(value: object) -> str:
    """No row of ours holds bytes; one that does must not stop ``verify``, and must not fit."""
    return f"<{value!r}>"


_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_blob).encode


def link(previous: str, table: str, seq: int, row: Row) -> str:
    """The hash of one row, which holds no NULL."""
    text = _encode([previous, table, seq, row])
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _storable(value: Cell) -> Cell:
    """The value as SQLite will give it back: no bool, no -0.0; NaN and the infinities are NULL."""
    if isinstance(value, float):
        return value + 0.0 if math.isfinite(value) else None
    return int(value) if isinstance(value, bool) else value


def tables(connection: sqlite3.Connection) -> tuple[str, ...]:
    """The chained tables that this trail has; one of an older version has fewer."""
    found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return tuple(table for table in TABLES if table in found)


def head(connection: sqlite3.Connection) -> ChainHead:
    """The last link."""
    ends = (f"SELECT * FROM (SELECT seq, hash FROM {table} ORDER BY seq DESC LIMIT 1)" for table in tables(connection))
    row = connection.execute(f"SELECT seq, hash FROM ({' UNION ALL '.join(ends)}) ORDER BY seq DESC LIMIT 1").fetchone()
    return GENESIS if row is None else ChainHead(seq=row[0], hash=str(row[1]))


def pruned(connection: sqlite3.Connection) -> ChainHead:
    """Where the chain begins now. The checkpoint that says so is a link of the chain behind it."""
    row = connection.execute("SELECT through_seq, through_hash FROM checkpoints ORDER BY seq DESC LIMIT 1").fetchone()
    return GENESIS if row is None else ChainHead(seq=row[0], hash=str(row[1]))


def hash_at(connection: sqlite3.Connection, seq: int) -> str | None:
    """The hash of the row of this number; ``None`` where it was never there, or was removed and nothing says its
    hash."""
    begins = pruned(connection)
    if seq <= begins.seq:
        return begins.hash if seq == begins.seq else None
    known = tables(connection)
    query = " UNION ALL ".join(f"SELECT hash FROM {table} WHERE seq = ?1" for table in known)
    if "removals" in known:
        query += " UNION ALL SELECT through_hash FROM removals WHERE through_seq = ?1"
    row = connection.execute(query, (seq,)).fetchone()
    return None if row is None else str(row[0])


def rows(connection: sqlite3.Connection, table: str, after: int = 0) -> Iterator[Stored]:
    """The rows behind number ``after``, in order."""
    return read(connection.execute(f"SELECT * FROM {table} WHERE seq > ? ORDER BY seq", (after,)), table)


def in_order(connection: sqlite3.Connection, after: int = 0) -> Iterator[Stored]:
    """The rows of all tables in the order of the chain."""
    return heapq.merge(*(rows(connection, table, after) for table in tables(connection)))


def read(cursor: sqlite3.Cursor, table: str) -> Iterator[Stored]:
    """Whole rows of a table, as `rows` gives them."""
    names = [column[0] for column in cursor.description]
    for values in cursor:
        row = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        yield row.pop("seq"), table, row.pop("hash"), row


def next_number(connection: sqlite3.Connection, last: ChainHead | None = None) -> int:
    """The number of the next row. One that was ever used is not used again, even if its row was deleted."""
    (counter,) = connection.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence").fetchone()
    return max((last or head(connection)).seq, int(counter)) + 1


def append(connection: sqlite3.Connection, table: str, rows: Sequence[Row]) -> list[int]:
    """Add rows to the end of the chain, inside the caller's transaction; their numbers."""
    last = head(connection)
    previous, first = last.hash, next_number(connection, last)
    columns = TABLES[table]
    values = []
    for seq, row in enumerate(rows, start=first):
        stored = {key: cell for key, value in row.items() if (cell := _storable(value)) is not None}
        previous = link(previous, table, seq, stored)
        values.append((seq, *map(stored.get, columns), previous))
    places = ", ".join("?" * (len(columns) + 2))
    connection.executemany(f"INSERT INTO {table} (seq, {', '.join(columns)}, hash) VALUES ({places})", values)
    return list(range(first, first + len(values)))
