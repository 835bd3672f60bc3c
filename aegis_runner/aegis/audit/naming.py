"""Which run is meant: an id, the beginning of one, ``latest`` or ``previous``."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from aegis.audit.models import IMPORTED
from aegis.errors import AuditError, UsageError

LATEST = "latest"
PREVIOUS = "previous"
LAST_CHARACTER = "\U0010ffff"

_LAST = """SELECT e.run_id FROM run_ends AS e JOIN run_starts AS s ON s.run_id = e.run_id
ORDER BY s.command = ?1, (?2 IS NOT NULL AND e.project IS ?2) DESC, e.finished_at DESC, e.seq DESC LIMIT 1"""
_BEFORE = """SELECT b.run_id FROM run_ends AS b JOIN run_ends AS o ON o.run_id = ?
WHERE (b.finished_at, b.seq) < (o.finished_at, o.seq) AND b.project IS o.project AND b.target IS o.target
AND (o.dbt_invocation_id IS NULL OR b.dbt_invocation_id IS NOT o.dbt_invocation_id)
ORDER BY b.finished_at DESC, b.seq DESC LIMIT 1"""


def named(
    connection: sqlite3.Connection, path: Path, run: str, *, other: str = LATEST, project: str | None = None
) -> str:
    """The id of a run.

    Args:
        run: Its id; a prefix that fits one run only; ``latest``, the last that finished; ``previous``, the one that
            finished before ``other``, of the same project and target. Of a build that was looked at twice neither
            look is the other's past, so ``previous`` passes over the build that ``other`` looked at.
        other: What ``previous`` comes before, called the same way.
        project: Whose last run is meant by ``latest``; where it has none, and without one, that of all projects.

    Raises:
        UsageError: no run, or more than one, is meant.
        AuditError: no run has finished.
    """
    if run == LATEST:
        return _latest(connection, path, project)
    if run == PREVIOUS:
        if other == PREVIOUS:
            raise UsageError("previous to what?", hint="Give the other run by its id, or call it latest.")
        return _previous(connection, path, named(connection, path, other, project=project))
    return _resolve(connection, path, run)


def _latest(connection: sqlite3.Connection, path: Path, project: str | None) -> str:
    row = connection.execute(_LAST, (IMPORTED, project)).fetchone()
    if row is None:
        raise AuditError("no run has finished yet", where=str(path), hint="`aegis run` or `aegis analyze` makes one.")
    return str(row[0])


def _previous(connection: sqlite3.Connection, path: Path, run_id: str) -> str:
    row = connection.execute(_BEFORE, (run_id,)).fetchone()
    if row is None:
        raise UsageError(
            f"before {run_id} no run of this project and target finished that looked at another build",
            where=str(path),
            hint="Give both runs by their ids: see `aegis audit list-runs`.",
        )
    return str(row[0])


def _resolve(connection: sqlite3.Connection, path: Path, run: str) -> str:
    typed = run.encode("utf-8", "replace").decode("utf-8")
    # A range and not LIKE or substr: it uses the index, knows no wildcard, and does not end at a NUL.
    query = "SELECT run_id FROM run_starts WHERE ?1 <> '' AND run_id >= ?1 AND run_id < ?2"
    query += " ORDER BY started_at DESC, seq DESC"
    found = [str(run_id) for (run_id,) in connection.execute(query, (typed, typed + LAST_CHARACTER))]
    if run in found or len(found) == 1:
        return run if run in found else found[0]
    if not found:
        raise UsageError(
            f"no run has an id that begins with {run!r}", where=str(path), hint="See `aegis audit list-runs`."
        )
    more = ", …" if len(found) > 5 else ""
    raise UsageError(
        f"{len(found)} runs have an id that begins with {run!r}: {', '.join(found[:5])}{more}",
        where=str(path),
        hint="Give more of the id.",
    )
