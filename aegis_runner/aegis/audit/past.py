"""What rules gave in earlier runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from aegis.audit.reading import unreadable
from aegis.domain.results import PastResult, Status

MOST_RUNS = 30
"""So many runs back; a chart of more shows nothing more."""

_RUNS = """SELECT e.run_id, s.started_at FROM run_ends AS e JOIN run_starts AS s ON s.run_id = e.run_id
WHERE e.project IS ? AND e.target IS ? AND (?3 IS NULL OR e.dbt_invocation_id IS NOT ?3)
ORDER BY s.started_at DESC, e.seq DESC LIMIT ?4"""
_RESULTS = "SELECT rule_id, status, rows_failed, rows_checked FROM results WHERE run_id = ?"


def past(
    connection: sqlite3.Connection,
    path: Path,
    rule_ids: Collection[str],
    *,
    project: str | None,
    target: str | None,
    dbt_invocation_id: str | None,
    runs: int = MOST_RUNS,
) -> dict[str, tuple[PastResult, ...]]:
    """By rule, its results in the last ``runs`` finished runs of a project and target, oldest first; looks at
    ``dbt_invocation_id`` are no past of it.

    Raises:
        AuditError: A row holds what none can.
    """
    wanted, found = frozenset(rule_ids), {rule_id: list[PastResult]() for rule_id in rule_ids}
    rows = connection.execute(_RUNS, (project, target, dbt_invocation_id, runs)).fetchall()
    for run_id, started_at in reversed(rows):
        try:
            at = datetime.fromisoformat(started_at)
            for rule_id, status, failed, checked in connection.execute(_RESULTS, (run_id,)):
                if rule_id in wanted:
                    one = PastResult(
                        run_id=run_id, at=at, status=Status(status), rows_failed=failed, rows_checked=checked
                    )
                    found[rule_id].append(one)
        except (TypeError, ValueError) as error:
            raise unreadable(path, str(run_id)) from error
    return {rule_id: tuple(results) for rule_id, results in found.items()}
