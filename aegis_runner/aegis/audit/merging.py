"""Taking the runs of one trail into another, each once, so that both chains can still be verified.

The rows of the other trail are appended to the chain here, with their cells as they are; ``links`` keep what their
number and hash was there. Rows that both chains have in common (one trail is a copy of the other that went on) are not
looked at again: the same hash at the same number means the same rows before it. A run that is in both is compared row
by row, in each table in its order: the same rows are one run, a run that was not over where the copy was made is
completed, and anything else is refused.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from aegis.audit import chain, common, links, search, via
from aegis.audit.chain import Stored
from aegis.audit.indexing import Findings, stored_findings
from aegis.audit.links import ABSENT, Link, Place
from aegis.audit.models import ChainHead, MergedSource
from aegis.audit.records import now
from aegis.audit.schema import OF_RUNS
from aegis.audit.source import Source
from aegis.errors import AuditError

_MOST_TEXT = 8_000_000
"""Characters of rows that are held in memory at once."""
_HINT = (
    "Nothing was merged. Look at it in both: `aegis audit show {run} --audit-db …`. One was changed, or is another run."
)


@dataclass(slots=True)
class _Run:
    """A run of the other trail. ``here``: whether it was here before; ``matched``: by table, the last of its rows here
    that has its counterpart there; ``extra``: whether rows of it were added to those here."""

    run_id: str
    here: bool
    dropped: bool = False
    matched: dict[str, int] = field(default_factory=dict)
    extra: bool = False


@dataclass(slots=True)
class _Merge:
    """What one merge knows as it goes on."""

    target: sqlite3.Connection
    source: Source
    path: Path
    known: ChainHead
    last: int
    """The last number here before it began."""
    absent: frozenset[str]
    """Runs that both chains have in common, and that were pruned here."""
    runs: dict[str, _Run] = field(default_factory=dict)
    rows: int = 0
    left_out: int = 0

    @property
    def attests(self) -> bool:
        return self.source.verification.ok


def merged(target: sqlite3.Connection, path: Path, source: Source) -> MergedSource:
    """As `merge`. One that does not verify may lack anything: what SQLite says then is said of that file."""
    try:
        return merge(target, path, source)
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if source.verification.ok or code not in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT):
            raise
        hint = "Nothing was merged. `sqlite3 FILE .recover` may save its rows."
        raise AuditError(f"cannot be read ({error})", where=str(source.path), hint=hint) from error


def merge(target: sqlite3.Connection, path: Path, source: Source) -> MergedSource:
    """Take in what the other trail has, inside the caller's transaction.

    Args:
        target: The trail to write to.
        path: Its file, for messages.
        source: The other one, verified or not.

    Raises:
        AuditError: a run has other rows here than there.
    """
    head, first_row = source.head, chain.next_number(target)
    known = common.known(target, source.connection) if source.verification.ok else chain.GENESIS
    merge = _Merge(target, source, path, known, first_row - 1, _absent(target, source.connection, known))
    total = _count_runs(source.connection)
    record = via.Places(target) if merge.attests and via.has_merges(source.connection, known.seq) else None
    for portion in _portions(_wanted(merge)):
        _take(merge, portion, record)
    for run in merge.runs.values():
        _check_extended(merge, run)
    added = sum(not run.here and not run.dropped for run in merge.runs.values())
    done = MergedSource(
        path=str(source.path),
        head=head,
        verified=merge.attests,
        broken=None if merge.attests else str(source.verification.broken),
        added=added,
        completed=sum(run.extra for run in merge.runs.values()),
        known=total - added - sum(run.extra for run in merge.runs.values()),
        rows=merge.rows,
        left_out=merge.left_out,
    )
    if merge.rows or (merge.attests and head != known):
        _write_down(merge, done, first_row)
    if record is not None:
        via.pass_on(target, source.connection, known, head, record)
    return done


def _write_down(merge: _Merge, done: MergedSource, first_row: int) -> None:
    row: chain.Row = {
        "recorded_at": now(),
        "source": merge.source.path.name,
        "first_row": first_row,
        "after_seq": merge.known.seq,
        "after_hash": merge.known.hash,
        "through_seq": done.head.seq,
        "through_hash": done.head.hash,
        "verified": int(done.verified),
        "broken": done.broken,
        "runs": done.added,
        "rows": done.rows,
    }
    chain.append(merge.target, "merges", [row])


def _count_runs(source: sqlite3.Connection) -> int:
    return int(source.execute("SELECT count(*) FROM run_starts").fetchone()[0])


def _absent(target: sqlite3.Connection, source: sqlite3.Connection, known: ChainHead) -> frozenset[str]:
    begun = source.execute("SELECT run_id FROM run_starts WHERE seq <= ?", (known.seq,))
    return frozenset(run_id for (run_id,) in begun if not _has(target, "run_starts", run_id))


def _has(connection: sqlite3.Connection, table: str, run_id: object) -> bool:
    return connection.execute(f"SELECT 1 FROM {table} WHERE run_id = ? LIMIT 1", (run_id,)).fetchone() is not None


def _wanted(merge: _Merge) -> Iterator[Stored]:
    """Rows of the other chain that are not known here, and all rows of runs that are absent."""
    known, absent = merge.known.seq, merge.absent
    rows = chain.in_order(merge.source.connection, 0 if absent else known)
    return (one for one in rows if one[0] > known or one[3].get("run_id") in absent)


def _portions(rows: Iterable[Stored]) -> Iterator[list[Stored]]:
    """Rows in lists that are small enough to be held in memory."""
    portion: list[Stored] = []
    size = 0
    for one in rows:
        portion.append(one)
        size += sum(len(value) for value in one[3].values() if isinstance(value, str))
        if len(portion) == links.MOST or size > _MOST_TEXT:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _take(merge: _Merge, portion: Sequence[Stored], record: via.Places | None) -> None:
    """Find each row's place, append those that have none, and link all."""
    places = {one[0]: _place(merge, one) for one in portion}
    new = [one for one in portion if places[one[0]] is None]
    for (table, run_id), group in groupby(new, key=lambda one: (one[1], one[3].get("run_id"))):
        rows = list(group)
        numbers = _append(merge, table, run_id, rows)
        places |= {one[0]: Place(table, number) for one, number in zip(rows, numbers, strict=True)}
    merge.rows += len(new)
    if not merge.attests:
        return
    found = [(seq, Link(places[seq] or ABSENT, hash_)) for seq, _, hash_, _ in portion]
    for _, follow in groupby(enumerate(found), key=lambda one: one[1][0] - one[0]):
        together = [one for _, one in follow]
        first = together[0][0]
        previous = chain.hash_at(merge.source.connection, first - 1) if first > 1 else chain.GENESIS.hash
        assert previous is not None, "the source verified"
        links.write(merge.target, first, previous, [link for _, link in together])
    if record is not None:
        record.add((seq, link.place) for seq, link in found)


def _append(merge: _Merge, table: str, run_id: object, rows: Sequence[Stored]) -> list[int]:
    cells = [row for _, _, _, row in rows]
    numbers = chain.append(merge.target, table, cells)
    if table in ("results", "decisions"):
        findings: Findings = stored_findings(merge.source.connection, run_id) if table == "results" else {}
        search.index(merge.target, table, numbers, cells, findings)
    return numbers


def _place(merge: _Merge, stored: Stored) -> Place | None:
    """Where the row is here; None where it has to be added."""
    _, table, _, row = stored
    if table not in OF_RUNS:
        return ABSENT
    run_id = str(row.get("run_id"))
    if run_id not in merge.runs:
        merge.runs[run_id] = _look(merge, run_id)
    run = merge.runs[run_id]
    if run.dropped:
        merge.left_out += 1
        return ABSENT
    return _counterpart(merge, run, stored) if run.here else None


def _look(merge: _Merge, run_id: str) -> _Run:
    """What is here of a run of the other trail."""
    here = _has(merge.target, "run_starts", run_id)
    remains = not here and any(_has(merge.target, table, run_id) for table in OF_RUNS)
    run = _Run(run_id, here, dropped=remains or not _has(merge.source.connection, "run_starts", run_id))
    if here and not run.dropped:
        there = chain.tables(merge.source.connection)
        for table in OF_RUNS:
            run.matched[table] = _matched(merge, table, run_id) if table in there else 0
    return run


def _matched(merge: _Merge, table: str, run_id: str) -> int:
    """The last row of a run here that is known to be there: the two have their rows in the same order."""
    query = f"SELECT count(*) FROM {table} WHERE run_id = ? AND seq <= ?"
    (count,) = merge.source.connection.execute(query, (run_id, merge.known.seq)).fetchone()
    if not count:
        return 0
    query = f"SELECT seq FROM {table} WHERE run_id = ? ORDER BY seq LIMIT 1 OFFSET ?"
    row = merge.target.execute(query, (run_id, count - 1)).fetchone()
    return merge.last if row is None else int(row[0])


def _next(merge: _Merge, table: str, run: _Run) -> Stored | None:
    query = f"SELECT * FROM {table} WHERE run_id = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT 1"
    cursor = merge.target.execute(query, (run.run_id, run.matched[table], merge.last))
    return next(chain.read(cursor, table), None)


def _counterpart(merge: _Merge, run: _Run, stored: Stored) -> Place | None:
    seq, table, _, row = stored
    found = _next(merge, table, run)
    if found is None:
        run.extra = True
        return None
    if found[3] != row:
        raise _other(merge, run, f"{table} row {seq} there is not row {found[0]} here")
    run.matched[table] = found[0]
    return Place(table, found[0])


def _check_extended(merge: _Merge, run: _Run) -> None:
    """A run that was completed may have nothing here that it has not there."""
    if run.extra:
        more = [found for table in OF_RUNS if (found := _next(merge, table, run)) is not None]
        if more:
            raise _other(merge, run, f"it went on in both ({more[0][1]} row {more[0][0]} is here only)")


def _other(merge: _Merge, run: _Run, what: str) -> AuditError:
    return AuditError(
        f"run {run.run_id} has other content than in {merge.path}: {what}",
        where=str(merge.source.path),
        hint=_HINT.format(run=run.run_id),
    )
