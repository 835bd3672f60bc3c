"""What a merged trail says of others merged into it: passed on, so that their chains can be verified here too."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from aegis.audit import chain, links
from aegis.audit.links import ABSENT, Link, Place
from aegis.audit.models import ChainHead
from aegis.audit.records import now


class Places:
    """Where the rows of the other chain are here, on disk: by their numbers there."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute("DROP TABLE IF EXISTS temp.places")
        connection.execute("CREATE TEMP TABLE places (seq INTEGER PRIMARY KEY, name TEXT, number INTEGER)")

    def add(self, places: Iterable[tuple[int, Place]]) -> None:
        rows = ((seq, place.table, place.row) for seq, place in places)
        self._connection.executemany("INSERT INTO temp.places VALUES (?, ?, ?)", rows)

    def of(self, place: Place) -> Place:
        """Where a row is here that has this place there; absent where that was not noted."""
        query = "SELECT name, number FROM temp.places WHERE seq = ?"
        row = self._connection.execute(query, (place.row,)).fetchone()
        return ABSENT if row is None or row[0] is None else Place(str(row[0]), int(row[1]))


def has_merges(source: sqlite3.Connection, after: int) -> bool:
    """Whether the other trail had others merged into it since this number."""
    if "merges" not in chain.tables(source):
        return False
    return source.execute("SELECT 1 FROM merges WHERE seq > ? AND verified = 1", (after,)).fetchone() is not None


def pass_on(
    target: sqlite3.Connection, source: sqlite3.Connection, known: ChainHead, head: ChainHead, places: Places
) -> None:
    """Write down what the source says of the trails that were merged into it since ``known``, with places of here."""
    for seq, _, _, merge in list(chain.rows(source, "merges", known.seq)):
        if not merge.get("verified") or _is_known(target, merge):
            continue
        first_row = chain.next_number(target)
        for number, _, _, row in chain.rows(source, "merge_links", int(merge["first_row"] or 0) - 1):
            if number > seq:
                break
            _pass_on_links(target, row, places)
        told: chain.Row = {**merge, "recorded_at": now(), "first_row": first_row, "via_hash": head.hash}
        chain.append(target, "merges", [told])


def _pass_on_links(target: sqlite3.Connection, row: chain.Row, places: Places) -> None:
    moved = [Link(places.of(place), hash_) for place, hash_ in links.decoded(str(row["links"]))]
    links.write(target, int(row["first_seq"] or 0), str(row["previous_hash"]), moved)


def _is_known(target: sqlite3.Connection, merge: chain.Row) -> bool:
    seq, hash_ = int(merge["through_seq"] or 0), merge["through_hash"]
    if chain.hash_at(target, seq) == hash_:
        return True
    query = "SELECT 1 FROM merges WHERE verified = 1 AND through_seq = ? AND through_hash = ?"
    return target.execute(query, (seq, hash_)).fetchone() is not None
