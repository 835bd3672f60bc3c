"""The history that aegis-dq kept in ``~/.aegis/history.db``, read leniently and left as it is.

Every version has ``runs`` (one row a run, its report as JSON); ``decisions`` came with the first call of a model. What
is missing in a row is not known here; a row that is no row of a run is left out and counted.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aegis.audit.identity import Writer, readable, what_is
from aegis.errors import AuditError

_HINT = "Give it the history.db that aegis-dq wrote, usually ~/.aegis/history.db."


@dataclass(frozen=True, slots=True)
class OldRun:
    """One run. ``report`` is what its JSON holds, empty where it cannot be read."""

    run_id: str
    at: datetime
    triggered_by: str | None
    total: int
    passed: int
    failed: int
    cost_usd: float | None
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OldDecision:
    """One step of a run; without a ``model`` no model was asked."""

    run_id: str
    at: datetime
    step: str
    prompt: str
    response: str
    model: str | None
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    latency_ms: float | None


@dataclass(frozen=True, slots=True)
class OldHistory:
    """What the file holds, oldest first, and how many rows could not be read."""

    runs: tuple[OldRun, ...]
    decisions: tuple[OldDecision, ...]
    unread: int


def read_history(path: Path) -> OldHistory:
    """Everything in a history of aegis-dq.

    Raises:
        AuditError: It is none, or cannot be read.
    """
    try:
        kind = what_is(path)
        if kind is not Writer.AEGIS_DQ:
            raise AuditError(f"this is not the history of aegis-dq: it is {kind.value}", where=str(path), hint=_HINT)
        with (
            tempfile.TemporaryDirectory(prefix="aegis-import-") as folder,
            closing(readable(path, Path(folder))) as connection,
        ):
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            runs, decisions = list(_rows(connection, "runs")), list(_rows(connection, "decisions"))
    except OSError as error:
        raise AuditError(f"cannot be read: {error.strerror or error}", where=str(path), hint=_HINT) from error
    except sqlite3.Error as error:
        raise AuditError(f"the history of aegis-dq cannot be read ({error})", where=str(path), hint=_HINT) from error
    read = [_run(row) for row in runs]
    steps = [_decision(row) for row in decisions]
    return OldHistory(
        tuple(sorted((run for run in read if run is not None), key=lambda run: run.at)),
        tuple(step for step in steps if step is not None),
        read.count(None) + steps.count(None),
    )


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[dict[str, Any]]:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone():
        return
    cursor = connection.execute(f"SELECT * FROM {table} ORDER BY rowid")
    names = [column[0] for column in cursor.description]
    for values in cursor:
        yield dict(zip(names, values, strict=True))


def _run(row: Mapping[str, Any]) -> OldRun | None:
    run_id, at = _text(row.get("run_id")), _moment(row.get("timestamp"))
    if not run_id or at is None:
        return None
    report = _report(row.get("report_json"))
    return OldRun(
        run_id=run_id,
        at=at,
        triggered_by=_text(row.get("triggered_by")),
        total=_count(row.get("total_rules")) or 0,
        passed=_count(row.get("passed")) or 0,
        failed=_count(row.get("failed")) or 0,
        cost_usd=_number(row.get("cost_usd")),
        report=report,
    )


def _report(text: Any) -> Mapping[str, Any]:
    try:
        report = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return {}
    return report if isinstance(report, dict) else {}


def _decision(row: Mapping[str, Any]) -> OldDecision | None:
    run_id, at, step = _text(row.get("run_id")), _moment(row.get("timestamp")), _text(row.get("step"))
    if not run_id or at is None or not step:
        return None
    return OldDecision(
        run_id=run_id,
        at=at,
        step=step,
        prompt=_text(row.get("input_summary")) or "",
        response=_text(row.get("output_summary")) or "",
        model=_text(row.get("model")),
        input_tokens=_count(row.get("input_tokens")),
        output_tokens=_count(row.get("output_tokens")),
        cost_usd=_number(row.get("cost_usd")),
        latency_ms=_number(row.get("duration_ms")),
    )


def _text(value: Any) -> str | None:
    return value.replace("\0", "") if isinstance(value, str) and value else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and 0 <= value < 2**63 else None


def _number(value: Any) -> float | None:
    number = float(value) if isinstance(value, int | float) else None
    return number if number is not None and 0 <= number < 1e12 else None


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None
