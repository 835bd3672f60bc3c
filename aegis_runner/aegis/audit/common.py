"""How much of another chain is known here: the last of its links that this trail has, or one merged into it."""

from __future__ import annotations

import sqlite3

from aegis.audit import chain
from aegis.audit.chain import GENESIS
from aegis.audit.models import ChainHead


def known(target: sqlite3.Connection, source: sqlite3.Connection) -> ChainHead:
    """The last link of the source's chain up to which this trail has seen it. Both chains must hold."""
    own, merged = _own(target, source), _merged(target, source)
    return max(own, merged, key=lambda head: head.seq)


def _merged(target: sqlite3.Connection, source: sqlite3.Connection) -> ChainHead:
    """The furthest head of a chain that was merged in and that the source's chain goes on from."""
    heads = target.execute("SELECT through_seq, through_hash FROM merges WHERE verified = 1 ORDER BY through_seq DESC")
    for seq, hash_ in heads:
        if chain.hash_at(source, seq) == hash_:
            return ChainHead(seq=seq, hash=hash_)
    return GENESIS


def _own(target: sqlite3.Connection, source: sqlite3.Connection) -> ChainHead:
    """The last link that the two chains have in common: one trail is a copy of the other, or both are of a third one.

    The same hash at a number means the same chain up to it, so the last such number can be searched by halves.
    """
    low = max(chain.pruned(target).seq, chain.pruned(source).seq)
    high = min(chain.head(target).seq, chain.head(source).seq)
    best = _shared(target, source, low, low)
    if best is None:
        return GENESIS
    while low < high:
        middle = (low + high + 1) // 2
        found = _shared(target, source, middle, low)
        if found is None:
            high = middle - 1
        else:
            low, best = middle, found
    return best


def _shared(target: sqlite3.Connection, source: sqlite3.Connection, seq: int, low: int) -> ChainHead | None:
    """The last number up to this one at which both know a hash, if it is the same."""
    while seq > low:
        gaps = [gap for gap in (_gap(target, seq), _gap(source, seq)) if gap is not None]
        if not gaps:
            break
        seq = max(low, min(gaps) - 1)
    if seq == 0:
        return GENESIS
    hash_ = chain.hash_at(target, seq)
    same = hash_ is not None and hash_ == chain.hash_at(source, seq)
    return ChainHead(seq=seq, hash=str(hash_)) if same else None


def _gap(connection: sqlite3.Connection, seq: int) -> int | None:
    """Where the rows that were removed around this number begin; None where its hash is known."""
    if chain.hash_at(connection, seq) is not None or "removals" not in chain.tables(connection):
        return None
    query = "SELECT first_seq FROM removals WHERE first_seq <= ?1 AND through_seq >= ?1 ORDER BY first_seq LIMIT 1"
    row = connection.execute(query, (seq,)).fetchone()
    return None if row is None else int(row[0])
