"""Rows of a merged trail: where they are here, and what their hash was in the chain that they come from.

A row of ``merge_links`` is about rows of the other chain that follow each other: the number of the first, the hash of
the one before it, and for each ``<table><row>:<hash>``, with one letter for the table, separated by spaces. With the
cells of the row here and the hash before it, the hash there can be computed again (see ``chain``). A row that is not
here (what the other trail wrote about itself) is ``-0:<hash>``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from aegis.audit import chain
from aegis.audit.models import Break, ChainHead
from aegis.audit.schema import OF_RUNS

MOST = 500
"""Rows of the other chain that one row of ``merge_links`` is about."""

_LETTERS = dict(zip(OF_RUNS, "sredqn", strict=True))
_TABLES = {letter: table for table, letter in _LETTERS.items()}


class Place(NamedTuple):
    """Where a row of the other chain is here: its table and number; no table where it is not here."""

    table: str | None
    row: int


ABSENT = Place(None, 0)


class Link(NamedTuple):
    """A row of the other chain."""

    place: Place
    hash: str


def encoded(links: Sequence[Link]) -> str:
    return " ".join(f"{_LETTERS.get(place.table or '', '-')}{place.row}:{hash_}" for place, hash_ in links)


def decoded(text: str) -> list[Link]:
    """Raises:
    ValueError: it is not what `encoded` gives.
    """
    found = []
    for entry in text.split(" "):
        place, _, hash_ = entry.partition(":")
        letter = place[:1]
        if letter != "-" and letter not in _TABLES:
            raise ValueError(f"no table has the letter {letter!r}")
        found.append(Link(Place(_TABLES.get(letter), int(place[1:])), hash_))
    return found


def write(connection: sqlite3.Connection, first_seq: int, previous: str, links: Sequence[Link]) -> None:
    """Write down rows that follow each other in the other chain, the first of this number, behind this hash."""
    row: chain.Row = {"first_seq": first_seq, "previous_hash": previous, "links": encoded(links)}
    chain.append(connection, "merge_links", [row])


def check(connection: sqlite3.Connection) -> Break | None:
    """Whether all rows that were merged in give the hashes that they had where they come from. A row that is not here
    any more was pruned: its hash is taken from the link, which is a row of the chain here."""
    for seq, _, _, row in chain.rows(connection, "merge_links"):
        broken = _check(connection, seq, int(row["first_seq"] or 0), str(row["previous_hash"]), str(row["links"]))
        if broken is not None:
            return broken
    return _check_merges(connection)


def _check(connection: sqlite3.Connection, seq: int, first: int, previous: str, text: str) -> Break | None:
    try:
        found = decoded(text)
    except ValueError as error:
        return Break(table="merge_links", seq=seq, what=f"it cannot be read: {error}")
    for number, (place, hash_) in enumerate(found, start=first):
        cells = _cells(connection, place)
        if place.table is not None and cells is not None and chain.link(previous, place.table, number, cells) != hash_:
            what = f"it is not row {number} of the trail that was merged in (see merge_links row {seq})"
            return Break(table=place.table, seq=place.row, what=what)
        previous = hash_
    return None


def _cells(connection: sqlite3.Connection, place: Place) -> chain.Row | None:
    if place.table is None:
        return None
    cursor = connection.execute(f"SELECT * FROM {place.table} WHERE seq = ?", (place.row,))
    return next((row for _, _, _, row in chain.read(cursor, place.table)), None)


def _check_merges(connection: sqlite3.Connection) -> Break | None:
    """Each merge says with which link the other chain ended; the last of its links, if there are some, is that."""
    begins = chain.pruned(connection).seq
    query = "SELECT seq, first_row, through_seq, through_hash FROM merges WHERE verified = 1 AND first_row > ?"
    for seq, first_row, through, hash_ in connection.execute(query, (begins,)):
        for head in _ends(connection, first_row, seq):
            if head.seq == through and head.hash != hash_:
                return Break(table="merges", seq=seq, what="its head is not the last row that was merged in")
    return None


def _ends(connection: sqlite3.Connection, first: int, last: int) -> Iterator[ChainHead]:
    """The last row of the other chain that each of these rows of links is about."""
    query = "SELECT first_seq, links FROM merge_links WHERE seq BETWEEN ? AND ?"
    for first_seq, text in connection.execute(query, (first, last)):
        entries = text.split(" ")
        yield ChainHead(seq=first_seq + len(entries) - 1, hash=entries[-1].partition(":")[2])


def heads(connection: sqlite3.Connection) -> tuple[ChainHead, ...]:
    """The last links of the chains that were merged in, each as far as it was."""
    query = "SELECT through_seq, through_hash, after_seq, after_hash FROM merges WHERE verified = 1 ORDER BY seq"
    found: dict[tuple[int, str], ChainHead] = {}
    for seq, hash_, after_seq, after_hash in connection.execute(query):
        found.pop((after_seq, after_hash), None)  # the same chain, further on
        found[seq, hash_] = ChainHead(seq=seq, hash=hash_)
    return tuple(found.values())


def attested(connection: sqlite3.Connection, head: ChainHead) -> bool:
    """Whether a merged chain has this link, and this trail's own chain has not."""
    if "merge_links" not in chain.tables(connection) or chain.hash_at(connection, head.seq) == head.hash:
        return False
    query = "SELECT first_seq, links FROM merge_links WHERE first_seq BETWEEN ? AND ?"
    for first, text in connection.execute(query, (head.seq - MOST + 1, head.seq)):
        entries = text.split(" ")
        place = head.seq - first
        if place < len(entries) and entries[place].partition(":")[2] == head.hash:
            return True
    query = "SELECT 1 FROM merges WHERE verified = 1 AND through_seq = ? AND through_hash = ?"
    return connection.execute(query, (head.seq, head.hash)).fetchone() is not None
