"""Rules that pass now and fail then: whose status changed often in the last runs.

A *flip* is a change between two verdicts that follow each other: from passed to failed, or back. ``fail`` and ``warn``
are the same verdict (rows are bad; what that does to the build is a setting). A run in which the rule could not run,
was skipped or was not there has no verdict: it is passed over, so pass, error, pass is no flip and pass, error, fail is
one.

Runs are of one project and target, and finished. Of several that looked at the same dbt invocation the first has the
place in the order, and each rule the first verdict that it got there: the same build counts once.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from pydantic import ValidationError

from aegis.audit.naming import LATEST, named
from aegis.audit.reading import FAILED, VERDICTS, unreadable
from aegis.domain.base import Frozen
from aegis.domain.past import PastBuild
from aegis.domain.results import Status, worse


class Look(Frozen):
    """A run in the row: the first that looked at its build."""

    run_id: str
    finished_at: datetime


class Flip(Frozen):
    """The run in which a verdict changed, and from what to what."""

    run: Look
    before: Status
    after: Status


class FlappingRule(Frozen):
    """A rule, with its status in each of the runs, the oldest first: ``None`` where it was not there."""

    rule_id: str
    table: str | None
    statuses: tuple[Status | None, ...]
    flips: int
    last_flip: Flip


class RuleStrip(Frozen):
    """A rule, flapping or not, with its status in each of the runs, the oldest first."""

    rule_id: str
    table: str | None
    statuses: tuple[Status | None, ...]
    flips: int


class Flapping(Frozen):
    """Rules that flipped often, the worst first, and the runs that were looked at, the oldest first."""

    project: str | None
    target: str | None
    runs: tuple[Look, ...]
    rules: tuple[FlappingRule, ...]


class Overview(Frozen):
    """All rules, what failed last first, then what flips most; and those that flap."""

    flapping: Flapping
    strips: tuple[RuleStrip, ...]


def flips(statuses: Sequence[Status | None]) -> tuple[tuple[int, int], ...]:
    """Where verdicts change: the places of the two that follow each other."""
    told = [place for place, status in enumerate(statuses) if status in VERDICTS]
    return tuple(pair for pair in pairwise(told) if (statuses[pair[0]] in FAILED) != (statuses[pair[1]] in FAILED))


def place(connection: sqlite3.Connection, path: Path, here: str | None) -> tuple[str | None, str | None]:
    """Project and target of the last run that finished, of the project ``here`` if it has one.

    Raises:
        AuditError: none has.
    """
    run_id = named(connection, path, LATEST, project=here)
    project, target = connection.execute("SELECT project, target FROM run_ends WHERE run_id = ?", (run_id,)).fetchone()
    return project, target


def flapping(
    connection: sqlite3.Connection, path: Path, project: str | None, target: str | None, *, runs: int, least: int
) -> Flapping:
    """Rules of a project and target that flipped at least ``least`` times in its last ``runs`` builds.

    Raises:
        AuditError: a row holds what none can.
    """
    return _flapping(project, target, *_in_builds(connection, path, project, target, runs), least)


def _flapping(
    project: str | None, target: str | None, first: Sequence[Look], rows: Sequence[RuleStrip], least: int
) -> Flapping:
    found = [told for row in rows if (told := _with_last_flip(row, first)) is not None and told.flips >= least]
    found.sort(key=lambda row: row.rule_id)
    found.sort(key=lambda row: (row.flips, row.last_flip.run.finished_at), reverse=True)
    return Flapping(project=project, target=target, runs=tuple(first), rules=tuple(found))


def builds(
    connection: sqlite3.Connection,
    path: Path,
    project: str | None,
    target: str | None,
    *,
    most: int,
    rules: Collection[str],
    but: str | None = None,
) -> tuple[PastBuild, ...]:
    """What these rules gave in the last ``most`` builds, the oldest first, without the dbt invocation ``but``.

    Raises:
        AuditError: a row holds what none can.
    """
    found = _builds(connection, path, project, target, but)[-most:]
    return tuple(
        PastBuild(
            at=looks[0].finished_at,
            statuses={rule_id: status for rule_id, (_, status) in _statuses(connection, path, looks, rules).items()},
        )
        for looks in found
    )


def overview(
    connection: sqlite3.Connection, path: Path, project: str | None, target: str | None, *, runs: int, least: int
) -> Overview:
    """Every rule of a project and target in its last ``runs`` builds, and those that `flapping` tells.

    Raises:
        AuditError: a row holds what none can.
    """
    first, rows = _in_builds(connection, path, project, target, runs)
    strips = sorted(rows, key=lambda row: (_passes_now(row), -row.flips, row.rule_id))
    return Overview(flapping=_flapping(project, target, first, rows, least), strips=tuple(strips))


def _passes_now(row: RuleStrip) -> bool:
    return next((one not in FAILED for one in reversed(row.statuses) if one in VERDICTS), True)


def _in_builds(
    connection: sqlite3.Connection, path: Path, project: str | None, target: str | None, runs: int
) -> tuple[list[Look], list[RuleStrip]]:
    """The last builds, each as the first look at it, and every rule that is in one."""
    builds = _builds(connection, path, project, target)[-runs:]
    columns = [_statuses(connection, path, looks) for looks in builds]
    tables = {rule_id: table for column in columns for rule_id, (table, _) in column.items()}
    rows = []
    for rule_id, table in tables.items():
        statuses = tuple(column[rule_id][1] if rule_id in column else None for column in columns)
        rows.append(RuleStrip(rule_id=rule_id, table=table, statuses=statuses, flips=len(flips(statuses))))
    return [looks[0] for looks in builds], rows


def _with_last_flip(row: RuleStrip, runs: Sequence[Look]) -> FlappingRule | None:
    if not row.flips:
        return None
    place, later_place = flips(row.statuses)[-1]
    earlier, later = row.statuses[place], row.statuses[later_place]
    assert earlier is not None and later is not None, "verdicts flip"
    return FlappingRule(**dict(row), last_flip=Flip(run=runs[later_place], before=earlier, after=later))


def _builds(
    connection: sqlite3.Connection, path: Path, project: str | None, target: str | None, but: str | None = None
) -> list[tuple[Look, ...]]:
    """The runs that looked at each build, in the order of the first looks; those that looked at ``but`` left out."""
    builds: dict[str, list[Look]] = {}
    query = (
        "SELECT run_id, finished_at, dbt_invocation_id FROM run_ends WHERE project IS ? AND target IS ? "
        "ORDER BY finished_at, seq"
    )
    for run_id, finished_at, invocation in connection.execute(query, (project, target)):
        if but is not None and invocation == but:
            continue
        try:
            look = Look(run_id=run_id, finished_at=finished_at)
        except ValidationError as error:
            raise unreadable(path, str(run_id)) from error
        # A run that does not know its invocation is a build of its own; no invocation begins with a NUL.
        builds.setdefault(invocation or f"\0{run_id}", []).append(look)
    return [tuple(looks) for looks in builds.values()]


_STATUSES = {status.value: status for status in Status}


def _statuses(
    connection: sqlite3.Connection, path: Path, looks: Iterable[Look], rules: Collection[str] | None = None
) -> dict[str, tuple[str | None, Status]]:
    """Table and status of each rule in one build, or of these rules; the first look that gave a verdict counts."""
    wanted = None if rules is None else json.dumps(list(rules))
    found: dict[str, tuple[str | None, Status]] = {}
    for look in looks:
        run: dict[str, tuple[str | None, Status]] = {}
        query = "SELECT rule_id, table_name, status FROM results WHERE run_id = ?1 "
        query += "AND (?2 IS NULL OR rule_id IN (SELECT value FROM json_each(?2))) ORDER BY seq"
        for rule_id, table, status in connection.execute(query, (look.run_id, wanted)):
            known = _STATUSES.get(status)
            if known is None:
                raise unreadable(path, look.run_id)
            run[rule_id] = (table, worse(run[rule_id][1], known) if rule_id in run else known)
        for rule_id, row in run.items():
            if rule_id not in found or found[rule_id][1] not in VERDICTS:
                found[rule_id] = row
    return found
