"""Runs, reports and earlier results, read back as models."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from aegis.audit.models import IMPORTED, QueryRecord, RunRow
from aegis.audit.naming import named
from aegis.audit.records import result_from
from aegis.domain.report import SCHEMA_VERSION, Finding, Report, Summary
from aegis.domain.results import Status, worse
from aegis.errors import AuditError

_RUN_FIELDS = tuple(field for field in RunRow.model_fields if field != "summary")
RUN_COLUMNS = f"{', '.join(_RUN_FIELDS)}, summary_json"
_LIST = f"SELECT {RUN_COLUMNS} FROM runs ORDER BY command = ?, started_at DESC, start_seq DESC LIMIT ?"
FAILED = frozenset({Status.FAIL, Status.WARN})
VERDICTS = FAILED | {Status.PASS}
"""Statuses that say something about the data: a rule that could not run, or was skipped, says nothing."""


def dictionaries(cursor: sqlite3.Cursor) -> Iterator[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, values, strict=True)) for values in cursor)


def list_runs(connection: sqlite3.Connection, path: Path, limit: int) -> tuple[RunRow, ...]:
    """The newest runs first, then those that another tool made."""
    return tuple(run_of(row, path) for row in dictionaries(connection.execute(_LIST, (IMPORTED, limit))))


def run(connection: sqlite3.Connection, path: Path, run_id: str) -> RunRow | None:
    """A run by its whole id."""
    found = connection.execute(f"SELECT {RUN_COLUMNS} FROM runs WHERE run_id = ?", (run_id,))
    return next((run_of(row, path) for row in dictionaries(found)), None)


def run_of(row: Mapping[str, Any], path: Path) -> RunRow:
    fields = {field: row[field] for field in _RUN_FIELDS}
    try:
        summary = None if row["summary_json"] is None else Summary.model_validate_json(row["summary_json"])
        return RunRow(**fields, summary=summary)
    except (ValidationError, UnicodeError) as error:
        raise unreadable(path, str(row["run_id"])) from error


def show(connection: sqlite3.Connection, path: Path, run: str) -> Report:
    """The report of a run, which is called what `naming.named` takes.

    Raises:
        UsageError: no run, or more than one, has this id.
        AuditError: the run did not finish, or its rows cannot be read.
    """
    run_id = named(connection, path, run)
    stored = _stored(connection, path, run_id)
    results = connection.execute("SELECT * FROM results WHERE run_id = ? ORDER BY seq", (run_id,))
    try:
        stored["results"] = [result_from(cells) for cells in dictionaries(results)]
        return Report.model_validate(stored)
    except (ValueError, TypeError, UnicodeError) as error:  # not a report, not text
        raise unreadable(path, run_id) from error


def findings(connection: sqlite3.Connection, path: Path, run_id: str) -> tuple[Finding, ...]:
    """The findings of a run that finished, without the rest of its report, which takes longer to read.

    Raises:
        AuditError: the run did not finish, or its rows cannot be read.
    """
    stored = _stored(connection, path, run_id)
    try:
        return tuple(Finding.model_validate(one) for one in stored["findings"])
    except (ValueError, TypeError, KeyError) as error:
        raise unreadable(path, run_id) from error


def _stored(connection: sqlite3.Connection, path: Path, run_id: str) -> dict[str, Any]:
    row = connection.execute("SELECT report_json FROM run_ends WHERE run_id = ?", (run_id,)).fetchone()
    if row is None:
        raise AuditError(
            f"run {run_id} did not finish, so it has no report",
            where=str(path),
            hint="It is still running, or it was killed. Its decisions and queries are in the trail.",
        )
    try:
        stored = json.loads(row[0])
    except (ValueError, TypeError) as error:
        raise unreadable(path, run_id) from error
    if not isinstance(stored, dict):
        raise unreadable(path, run_id)
    return stored


def queries(connection: sqlite3.Connection, path: Path, run: str) -> tuple[QueryRecord, ...]:
    """What Aegis asked in a run, called as in `show`."""
    run_id = named(connection, path, run)
    columns = ", ".join(QueryRecord.model_fields)
    cursor = connection.execute(f"SELECT {columns} FROM queries WHERE run_id = ? ORDER BY seq", (run_id,))
    return tuple(QueryRecord.model_validate(row) for row in dictionaries(cursor))


def unreadable(path: Path, run_id: str) -> AuditError:
    return AuditError(
        f"what is stored of run {run_id} cannot be read (reports of schema {SCHEMA_VERSION} can)",
        where=str(path),
        hint="`aegis audit verify` shows whether it was changed; else another version of Aegis wrote it.",
    )


def last_results(
    connection: sqlite3.Connection,
    path: Path,
    *,
    project: str | None,
    target: str | None,
    dbt_invocation_id: str | None,
) -> dict[str, Status]:
    """Statuses by rule id in the last finished run of this project and target; of two, the worse.

    Runs that looked at ``dbt_invocation_id`` are passed over: the same build looked at again is not its own past.
    """
    row = connection.execute(
        "SELECT run_id FROM run_ends WHERE project IS ? AND target IS ? "
        "AND (?3 IS NULL OR dbt_invocation_id IS NOT ?3) ORDER BY finished_at DESC, seq DESC LIMIT 1",
        (project, target, dbt_invocation_id),
    ).fetchone()
    if row is None:
        return {}
    statuses: dict[str, Status] = {}
    try:
        for rule_id, status in connection.execute("SELECT rule_id, status FROM results WHERE run_id = ?", row):
            statuses[rule_id] = worse(statuses.get(rule_id, Status.PASS), Status(status))
    except ValueError as error:
        raise unreadable(path, str(row[0])) from error
    return statuses
