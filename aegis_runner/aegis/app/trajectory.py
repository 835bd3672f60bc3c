"""What a run did, step by step: which queries and which calls of a language model belong to which step."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from aegis.audit.models import QueryRecord, StoredDecision
from aegis.domain.base import Frozen
from aegis.domain.report import Report, Step

if TYPE_CHECKING:
    from aegis.audit import AuditTrail


class Stage(Frozen):
    """A step with what it asked; ``None`` for what no step asked."""

    step: Step | None
    queries: tuple[QueryRecord, ...]
    decisions: tuple[StoredDecision, ...]


def trajectory(trail: AuditTrail, run: str) -> tuple[Stage, ...]:
    """The stages of a run in the order in which they began; first what no step asked, if there is such.

    Raises:
        UsageError: No run, or more than one, is meant.
        AuditError: The run did not finish, or the trail cannot be read.
    """
    run_id = trail.run_id(run)
    report = trail.show(run_id)
    return stages(report, trail.queries(run_id), trail.decisions(run_id))


def stages(report: Report, queries: Sequence[QueryRecord], decisions: Sequence[StoredDecision]) -> tuple[Stage, ...]:
    """Queries stand in the trail in the order of the steps that asked them, those of no step first. A decision belongs
    to the step of its node, for the table of its rule where the step is for one table."""
    left = iter(queries)
    outside = tuple(islice(left, len(queries) - sum(step.queries for step in report.trajectory)))
    tables = {one.rule_id: one.result.table or one.result.node or one.rule_id for one in report.findings}
    asked: dict[int | None, list[StoredDecision]] = {}
    for decision in decisions:
        asked.setdefault(_step(decision, report.trajectory, tables.get(decision.rule_id or "")), []).append(decision)
    told = [
        Stage(step=step, queries=tuple(islice(left, step.queries)), decisions=tuple(asked.get(number, ())))
        for number, step in enumerate(report.trajectory)
    ]
    if outside or None in asked:
        told.insert(0, Stage(step=None, queries=outside, decisions=tuple(asked.get(None, ()))))
    return tuple(told)


def _step(decision: StoredDecision, steps: Sequence[Step], table: str | None) -> int | None:
    return next((n for n, one in enumerate(steps) if one.node == decision.node and one.table in (None, table)), None)
