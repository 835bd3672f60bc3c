"""The trail a page at a time: runs, calls of language models, and where a rule ran."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from aegis.audit.cost import Spent
from aegis.audit.models import RunRow
from aegis.audit.reading import RUN_COLUMNS, dictionaries, run_of, unreadable
from aegis.audit.records import result_from
from aegis.domain.base import Frozen
from aegis.domain.results import Result


class Place(Frozen):
    """A project and target, and how many runs finished for them."""

    project: str | None
    target: str | None
    runs: int


class RunPage(Frozen):
    """Some runs, newest first, and how many there are in all."""

    rows: tuple[RunRow, ...]
    total: int


class CallRow(Spent):
    """One call of a language model without its texts, by its number in the chain."""

    seq: int
    rule_id: str | None
    latency_ms: float | None
    error: str | None


class CallPage(Frozen):
    """Some calls, newest first, and how many there are in all."""

    rows: tuple[CallRow, ...]
    total: int


class RulePlaces(Frozen):
    """The last result of a rule, the run that it is of, and where the rule ran, last first."""

    last: Result
    run_id: str
    at: datetime
    places: tuple[Place, ...]


_RUNS = "FROM runs WHERE (?1 IS NULL OR project IS ?1) AND (?2 IS NULL OR target IS ?2)"
# Steps of imported runs in which no model was asked name none.
_CALLS = "FROM decisions WHERE (model <> '' OR provider IS NOT NULL) AND (?1 IS NULL OR run_id = ?1)"
_PLACES = "SELECT project, target, count(*) FROM run_ends GROUP BY project, target ORDER BY max(seq) DESC"
_RULE = "SELECT * FROM results WHERE rule_id = ? ORDER BY seq DESC LIMIT 1"
_RULE_PLACES = """SELECT project, target, count(*) FROM run_ends
WHERE run_id IN (SELECT run_id FROM results WHERE rule_id = ?) GROUP BY project, target ORDER BY max(seq) DESC"""


def runs(
    connection: sqlite3.Connection, path: Path, limit: int, offset: int, project: str | None, target: str | None
) -> RunPage:
    """Runs of a project and target, each ``None`` for all.

    Raises:
        AuditError: a row holds what none can.
    """
    (total,) = connection.execute(f"SELECT count(*) {_RUNS}", (project, target)).fetchone()
    query = f"SELECT {RUN_COLUMNS} {_RUNS} ORDER BY started_at DESC, start_seq DESC LIMIT ?3 OFFSET ?4"
    rows = dictionaries(connection.execute(query, (project, target, limit, offset)))
    return RunPage(rows=tuple(run_of(row, path) for row in rows), total=total)


def calls(connection: sqlite3.Connection, path: Path, limit: int, offset: int, run: str | None) -> CallPage:
    """Calls of a run by its whole id, or of all.

    Raises:
        AuditError: a row holds what none can.
    """
    (total,) = connection.execute(f"SELECT count(*) {_CALLS}", (run,)).fetchone()
    query = f"SELECT {', '.join(CallRow.model_fields)} {_CALLS} ORDER BY seq DESC LIMIT ?2 OFFSET ?3"
    rows = [_call(row, path) for row in dictionaries(connection.execute(query, (run, limit, offset)))]
    return CallPage(rows=tuple(rows), total=total)


def _call(row: dict[str, Any], path: Path) -> CallRow:
    try:
        return CallRow.model_validate(row)
    except (ValidationError, UnicodeError) as error:
        raise unreadable(path, str(row["run_id"])) from error


def places(connection: sqlite3.Connection) -> tuple[Place, ...]:
    """Where runs finished, the last one first."""
    return _places(connection.execute(_PLACES))


def rule(connection: sqlite3.Connection, path: Path, rule_id: str) -> RulePlaces | None:
    """What is known of a rule.

    Raises:
        AuditError: a row holds what none can.
    """
    row = next(dictionaries(connection.execute(_RULE, (rule_id,))), None)
    if row is None:
        return None
    try:
        last = result_from(row)
        found = _places(connection.execute(_RULE_PLACES, (rule_id,)))
        return RulePlaces(last=last, run_id=row["run_id"], at=row["recorded_at"], places=found)
    except (ValueError, TypeError, UnicodeError) as error:
        raise unreadable(path, str(row["run_id"])) from error


def _places(cursor: sqlite3.Cursor) -> tuple[Place, ...]:
    return tuple(Place(project=project, target=target, runs=runs) for project, target, runs in cursor)
