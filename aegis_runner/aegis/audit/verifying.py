"""Is the trail as it was written? The file, its tables and triggers, every link of the chain, and what was merged."""

from __future__ import annotations

import sqlite3

from aegis.audit import chain, links
from aegis.audit.chain import GENESIS
from aegis.audit.models import Break, ChainHead, Verification
from aegis.audit.schema import MIGRATIONS

# FTS5 and SQLite keep tables of their own, whose text differs between versions of SQLite.
_SCHEMA = (
    "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL "
    "AND name NOT LIKE 'search\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
)


def verify(connection: sqlite3.Connection, expected: ChainHead | None = None) -> Verification:
    """Check the file, the tables and triggers, and every row in order, inside the caller's transaction.

    Args:
        expected: A head noted earlier, of this trail or of one that was merged into it: the row of that number must
            still be there with that hash.
    """
    broken = _check_file(connection) or _check_schema(connection)
    if broken is not None:
        return Verification(rows=0, head=GENESIS, broken=broken)
    if expected is not None and links.attested(connection, expected):
        expected = None  # the walk and the links prove it
    walked = _walk(connection, expected)
    if walked.ok and "merge_links" in chain.tables(connection):
        return walked.model_copy(update={"broken": links.check(connection), "merged": links.heads(connection)})
    return walked


def _check_file(connection: sqlite3.Connection) -> Break | None:
    (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    return None if verdict == "ok" else Break(table="file", seq=None, what=f"damaged: {verdict}")


def _check_schema(connection: sqlite3.Connection) -> Break | None:
    """Tables and triggers must be exactly what its migrations make; more triggers could swallow rows."""
    found = {(kind, name): sql for kind, name, sql in connection.execute(_SCHEMA)}
    applied: set[str] = set()
    if ("table", "migrations") in found:
        applied = {name for (name,) in connection.execute("SELECT name FROM migrations")}
    fresh = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for place, migration in enumerate(MIGRATIONS):
            for statement in migration.statements if place == 0 or migration.name in applied else ():
                fresh.execute(statement)
        expected = {(kind, name): sql for kind, name, sql in fresh.execute(_SCHEMA)}
    finally:
        fresh.close()
    for (kind, name), sql in expected.items():
        if (kind, name) not in found:
            return Break(table=name, seq=None, what=f"the {kind} was dropped")
        if found[kind, name] != sql:
            return Break(table=name, seq=None, what=f"the {kind} was changed")
    strange = sorted(name for kind, name in found.keys() - expected.keys() if kind == "trigger")
    return Break(table=strange[0], seq=None, what="a trigger that Aegis did not make") if strange else None


def _walk(connection: sqlite3.Connection, expected: ChainHead | None) -> Verification:
    last, count, removed = chain.pruned(connection), 0, _removed(connection)

    def result(table: str, seq: int, what: str) -> Verification:
        return Verification(rows=count, head=last, broken=Break(table=table, seq=seq, what=what))

    known = {expected.seq: expected.hash} if expected else {}
    for seq, table, stored, row in chain.in_order(connection):
        if seq <= last.seq:
            return result(table, seq, "its number is taken by another row")
        while seq > last.seq + 1 and last.seq + 1 in removed:
            last = removed[last.seq + 1]
        if seq > last.seq + 1:
            return result(table, seq, f"{_missing(last.seq + 1, seq - 1)} before it")
        if stored != chain.link(last.hash, table, seq, row):
            return result(table, seq, "it was changed after it was written, or moved here")
        if known.get(seq, stored) != stored:
            return result(table, seq, "it is not the row whose hash was noted: the chain was written again")
        last, count = ChainHead(seq=seq, hash=stored), count + 1
    return Verification(rows=count, head=last, broken=_check_tail(connection, last, expected))


def _missing(first: int, last: int) -> str:
    return f"row {first} is missing" if first == last else f"rows {first} to {last} are missing"


def _removed(connection: sqlite3.Connection) -> dict[int, ChainHead]:
    """Ranges that were removed behind the beginning, by their first number. What says so is a link of the chain."""
    if "removals" not in chain.tables(connection):
        return {}
    found = connection.execute("SELECT first_seq, through_seq, through_hash FROM removals")
    return {first: ChainHead(seq=seq, hash=str(hash_)) for first, seq, hash_ in found}


def _check_tail(connection: sqlite3.Connection, last: ChainHead, expected: ChainHead | None) -> Break | None:
    """Rows missing at the end: by SQLite's counters, and by a head that somebody noted."""
    counters = dict(connection.execute("SELECT name, seq FROM sqlite_sequence"))
    begins = chain.pruned(connection).seq
    for table in chain.tables(connection):
        (highest,) = connection.execute(f"SELECT max(seq) FROM {table}").fetchone()
        counter = counters.get(table, 0)
        if highest is not None and counter != highest and counter <= last.seq and not _gone(connection, counter):
            return Break(table=table, seq=highest, what="SQLite's counter for this table was changed")
        if counter > max(begins, last.seq):
            return Break(table=table, seq=last.seq + 1, what="the rows from here to the end are missing")
    if expected is not None and expected.seq > last.seq:
        return Break(table="file", seq=last.seq + 1, what=f"{_missing(last.seq + 1, expected.seq)} at the end")
    return None


def _gone(connection: sqlite3.Connection, seq: int) -> bool:
    """Whether the row of this number was removed by a prune."""
    if "removals" not in chain.tables(connection):
        return False
    query = "SELECT 1 FROM removals WHERE first_seq <= ?1 AND through_seq >= ?1"
    return connection.execute(query, (seq,)).fetchone() is not None
