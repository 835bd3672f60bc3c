"""Two runs side by side: which rules began to fail, were healed, fail still; which causes are new; what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from aegis.audit.reading import FAILED, VERDICTS
from aegis.domain.base import Frozen
from aegis.domain.identity import cause_key
from aegis.domain.report import Cause, Report, Usage
from aegis.domain.results import Result, Status, worse
from aegis.domain.severity import Severity
from aegis.rules.lookup import counts_rows


class Change(StrEnum):
    """What became of a rule, the worst first. ``not_run``: in one of the runs it gave no verdict."""

    BEGAN = "began to fail"
    STILL = "fails still"
    NOT_RUN = "could not run"
    NEW = "new"
    GONE = "gone"
    HEALED = "healed"
    PASSES = "passes still"


class Side(Frozen):
    """A rule in one of the runs. ``severity`` is that of its finding if it failed, else the rule's own."""

    status: Status
    severity: Severity
    rows_failed: int | None = None

    @property
    def failed(self) -> bool:
        return self.status in FAILED


class RuleChange(Frozen):
    """A rule in both runs; ``None`` where it was not there."""

    rule_id: str
    table: str | None
    change: Change
    before: Side | None
    after: Side | None


class CauseChange(Frozen):
    """A cause that is in one of the runs only. Two causes are the same if they began at the same place (``origin``, and
    the first column on the way down) and are of the same kind."""

    change: Change
    title: str
    origin: str | None
    kind: str | None
    severity: Severity


class Compared(Frozen):
    """One of the two runs."""

    run_id: str
    finished_at: datetime
    project: str | None
    target: str | None
    dbt_invocation_id: str | None
    usage: Usage


class Comparison(Frozen):
    """What changed from ``before`` to ``after``, the worst first. ``passed`` rules passed in both. ``causes`` is
    ``None`` where one of the runs looked for none, so that nothing is new or gone."""

    before: Compared
    after: Compared
    rules: tuple[RuleChange, ...]
    causes: tuple[CauseChange, ...] | None
    passed: int


def compare(before: Report, after: Report) -> Comparison:
    """What changed between two runs, by rule id and by cause."""
    earlier, later = _sides(before), _sides(after)
    changes = [_rule(rule_id, earlier.get(rule_id), later.get(rule_id)) for rule_id in {**earlier, **later}]
    rules = [one for one in changes if one.change is not Change.PASSES]
    rules.sort(key=_badness)
    return Comparison(
        before=_compared(before),
        after=_compared(after),
        rules=tuple(rules),
        causes=_causes(before, after),
        passed=len(changes) - len(rules),
    )


def _compared(report: Report) -> Compared:
    run = report.run
    return Compared(
        run_id=run.run_id,
        finished_at=run.finished_at,
        project=run.project,
        target=run.target,
        dbt_invocation_id=run.dbt_invocation_id,
        usage=report.usage,
    )


def _sides(report: Report) -> dict[str, tuple[str | None, Side]]:
    """Table and outcome of each rule; of two results of one rule, the worse."""
    raised = {(one.rule_id, one.result.unique_id): one.effective_severity for one in report.findings}
    sides: dict[str, tuple[str | None, Side]] = {}
    for result in report.results:
        side = _side(result, raised)
        seen = sides.get(result.rule_id)
        if seen is None or (seen[1].status is not side.status and worse(seen[1].status, side.status) is side.status):
            sides[result.rule_id] = (result.table, side)
    return sides


def _side(result: Result, raised: Mapping[tuple[str, str], Severity]) -> Side:
    severity = raised.get((result.rule_id, result.unique_id), result.severity)
    return Side(
        status=result.status, severity=severity, rows_failed=result.rows_failed if counts_rows(result) else None
    )


def _rule(rule_id: str, before: tuple[str | None, Side] | None, after: tuple[str | None, Side] | None) -> RuleChange:
    place = after or before
    assert place is not None, "a rule is in one of the runs"
    sides = before and before[1], after and after[1]
    return RuleChange(rule_id=rule_id, table=place[0], change=_change(*sides), before=sides[0], after=sides[1])


def _change(before: Side | None, after: Side | None) -> Change:
    if before is None:
        return Change.NEW
    if after is None:
        return Change.GONE
    if before.status not in VERDICTS or after.status not in VERDICTS:
        return Change.NOT_RUN
    return _BETWEEN[before.failed, after.failed]


_BETWEEN = {
    (False, True): Change.BEGAN,
    (True, True): Change.STILL,
    (True, False): Change.HEALED,
    (False, False): Change.PASSES,
}


def _badness(change: RuleChange) -> tuple[int, bool, int, int, str]:
    """The kinds in their order; in each, what fails (or failed last) first, by severity, then by rows."""
    sides = [side for side in (change.after, change.before) if side is not None]
    side = next((side for side in sides if side.failed), sides[0])
    kind = list(Change).index(change.change)
    return kind, not side.failed, -side.severity.rank, -(side.rows_failed or 0), change.rule_id


def _causes(before: Report, after: Report) -> tuple[CauseChange, ...] | None:
    if not (_looked(before) and _looked(after)):
        return None
    earlier, later = ({cause_key(cause): cause for cause in reversed(report.causes)} for report in (before, after))
    new = [_cause(Change.NEW, cause) for key, cause in later.items() if key not in earlier]
    gone = [_cause(Change.GONE, cause) for key, cause in earlier.items() if key not in later]
    return tuple(sorted((*new, *gone), key=lambda one: (one.change is Change.GONE, -one.severity.rank, one.title)))


def _looked(report: Report) -> bool:
    """Whether causes were looked for; where nothing failed there was nothing to look for."""
    return bool(report.causes) or not report.findings


def _cause(change: Change, cause: Cause) -> CauseChange:
    return CauseChange(change=change, title=cause.title, origin=cause.origin, kind=cause.kind, severity=cause.severity)
