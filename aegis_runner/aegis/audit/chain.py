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

from aegis.audit.models import Break, ChainHead, Verification
from aegis.audit.schema import MIGRATIONS, TABLES

Cell: TypeAlias = str | int | float | None
Row: TypeAlias = Mapping[str, Cell]

GENESIS = ChainHead(seq=0, hash="0" * 64)

_HEAD = (
    "SELECT seq, hash FROM ("
    + " UNION ALL ".join(f"SELECT * FROM (SELECT seq, hash FROM {t} ORDER BY seq DESC LIMIT 1)" for t in TABLES)
    + ") ORDER BY seq DESC LIMIT 1"
)
# FTS5 and SQLite keep tables of their own, whose text differs between versions of SQLite.
_SCHEMA = (
    "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL "
    "AND name NOT LIKE 'search\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
)


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


def head(connection: sqlite3.Connection) -> ChainHead:
    """The last link. A number that was ever used is not used again, even if its row was deleted."""
    row = connection.execute(_HEAD).fetchone()
    return GENESIS if row is None else ChainHead(seq=row[0], hash=str(row[1]))


def append(connection: sqlite3.Connection, table: str, rows: Sequence[Row]) -> list[int]:
    """Add rows to the end of the chain, inside the caller's transaction; their numbers."""
    last = head(connection)
    (counter,) = connection.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence").fetchone()
    previous, first = last.hash, max(last.seq, counter) + 1
    columns = TABLES[table]
    values = []
    for seq, row in enumerate(rows, start=first):
        stored = {key: cell for key, value in row.items() if (cell := _storable(value)) is not None}
        previous = link(previous, table, seq, stored)
        values.append((seq, *map(stored.get, columns), previous))
    places = ", ".join("?" * (len(columns) + 2))
    connection.executemany(f"INSERT INTO {table} (seq, {', '.join(columns)}, hash) VALUES ({places})", values)
    return list(range(first, first + len(values)))


def verify(connection: sqlite3.Connection, expected: ChainHead | None = None) -> Verification:
    """Check the file, the tables and triggers, and every row in order, inside the caller's transaction.

    Args:
        expected: A head noted earlier: the row of that number must still be there with that hash.
    """
    broken = _check_file(connection) or _check_schema(connection)
    if broken is not None:
        return Verification(rows=0, head=GENESIS, broken=broken)
    return _walk(connection, expected)


def _check_file(connection: sqlite3.Connection) -> Break | None:
    (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    return None if verdict == "ok" else Break(table="file", seq=None, what=f"damaged: {verdict}")


def _check_schema(connection: sqlite3.Connection) -> Break | None:
    """Tables and triggers must be exactly what the migrations make; more triggers could swallow rows."""
    fresh = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for statement in (s for migration in MIGRATIONS for s in migration.statements):
            fresh.execute(statement)
        expected = {(kind, name): sql for kind, name, sql in fresh.execute(_SCHEMA)}
    finally:
        fresh.close()
    found = {(kind, name): sql for kind, name, sql in connection.execute(_SCHEMA)}
    for (kind, name), sql in expected.items():
        if (kind, name) not in found:
            return Break(table=name, seq=None, what=f"the {kind} was dropped")
        if found[kind, name] != sql:
            return Break(table=name, seq=None, what=f"the {kind} was changed")
    strange = sorted(name for kind, name in found.keys() - expected.keys() if kind == "trigger")
    return Break(table=strange[0], seq=None, what="a trigger that Aegis did not make") if strange else None


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[tuple[int, str, str, dict[str, Cell]]]:
    cursor = connection.execute(f"SELECT * FROM {table} ORDER BY seq")
    names = [column[0] for column in cursor.description]
    for values in cursor:
        row = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        yield row.pop("seq"), table, row.pop("hash"), row


def _walk(connection: sqlite3.Connection, expected: ChainHead | None) -> Verification:
    pruned = _pruned(connection)
    last, count = pruned, 0

    def result(table: str, seq: int, what: str) -> Verification:
        return Verification(rows=count, head=last, broken=Break(table=table, seq=seq, what=what))

    known = {expected.seq: expected.hash} if expected else {}
    for seq, table, stored, row in heapq.merge(*(_rows(connection, table) for table in TABLES)):
        if seq <= last.seq:
            return result(table, seq, "its number is taken by another row")
        if seq > last.seq + 1:
            return result(table, seq, f"{_missing(last.seq + 1, seq - 1)} before it")
        if stored != link(last.hash, table, seq, row):
            return result(table, seq, "it was changed after it was written, or moved here")
        if known.get(seq, stored) != stored:
            return result(table, seq, "it is not the row whose hash was noted: the chain was written again")
        last, count = ChainHead(seq=seq, hash=stored), count + 1
    return Verification(rows=count, head=last, broken=_check_tail(connection, pruned, last, expected))


def _missing(first: int, last: int) -> str:
    return f"row {first} is missing" if first == last else f"rows {first} to {last} are missing"


def _pruned(connection: sqlite3.Connection) -> ChainHead:
    """Where the chain begins now. The checkpoint that says so is a link of the chain behind it."""
    row = connection.execute("SELECT through_seq, through_hash FROM checkpoints ORDER BY seq DESC LIMIT 1").fetchone()
    return GENESIS if row is None else ChainHead(seq=row[0], hash=row[1])


def _check_tail(
    connection: sqlite3.Connection, pruned: ChainHead, last: ChainHead, expected: ChainHead | None
) -> Break | None:
    """Rows missing at the end: by SQLite's counters, and by a head that somebody noted."""
    counters = dict(connection.execute("SELECT name, seq FROM sqlite_sequence"))
    for table in TABLES:
        (highest,) = connection.execute(f"SELECT max(seq) FROM {table}").fetchone()
        if highest is not None and counters.get(table) != highest and counters.get(table, 0) <= last.seq:
            return Break(table=table, seq=highest, what="SQLite's counter for this table was changed")
        if counters.get(table, 0) > max(pruned.seq, last.seq):
            return Break(table=table, seq=last.seq + 1, what="the rows from here to the end are missing")
    if expected is not None and expected.seq > last.seq:
        return Break(table="file", seq=last.seq + 1, what=f"{_missing(last.seq + 1, expected.seq)} at the end")
    return None
