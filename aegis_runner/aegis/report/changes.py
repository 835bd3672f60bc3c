"""What is different between two reports of a project: findings and causes that are new, fixed, or worse.

Rules are the same by kind, id and node, causes by where they began (`aegis.domain.identity`); more or fewer failing
rows are no change. Fixed is what failed before and passes now: what could not run, or was not in the run, is not fixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aegis.domain.identity import ResultKey, cause_key, result_key
from aegis.domain.report import Cause, Finding, Report
from aegis.domain.results import Result, Status
from aegis.domain.severity import Level
from aegis.report.accounts import no_verdict


@dataclass(frozen=True, slots=True)
class Changes:
    """``began`` fail now and did not before; ``worse`` failed before with a lower severity; ``fixed`` failed before and
    pass now; ``unknown`` failed before, and now nothing is known of them. ``new_causes`` are of ``began`` or of what
    failed before, ``fixed_causes`` those of which every finding is fixed. ``broke`` could run before, ``runs_again``
    could not and gave a verdict now. Drafts are not looked at."""

    began: tuple[Finding, ...] = ()
    worse: tuple[Finding, ...] = ()
    fixed: tuple[Finding, ...] = ()
    still: tuple[Finding, ...] = ()
    unknown: tuple[Finding, ...] = ()
    new_causes: tuple[Cause, ...] = ()
    fixed_causes: tuple[Cause, ...] = ()
    broke: tuple[Result, ...] = ()
    runs_again: tuple[Result, ...] = ()

    @property
    def any(self) -> bool:
        """Whether there is something to tell; findings that still fail as before are not."""
        told = (self.began, self.worse, self.fixed, self.unknown, self.new_causes, self.broke, self.runs_again)
        return any(told)

    @property
    def healed(self) -> bool:
        """Whether something was fixed and nothing fails, or is unknown, any more."""
        return bool(self.fixed) and not (self.began or self.still or self.worse or self.unknown or self.broke)


def changes(before: Report, after: Report) -> Changes:
    """What changed from ``before`` to ``after``."""
    earlier, later = _findings(before), _findings(after)
    statuses, silent = _statuses(after), {result_key(one): one for one in no_verdict(after.results)}
    gone = [finding for key, finding in earlier.items() if key not in later]
    fixed = {result_key(one.result): one for one in gone if statuses.get(result_key(one.result)) is Status.PASS}
    was_silent = {result_key(one): one for one in no_verdict(before.results)}
    both = [(earlier[key], finding) for key, finding in later.items() if key in earlier]
    return Changes(
        began=tuple(finding for key, finding in later.items() if key not in earlier),
        worse=tuple(now for then, now in both if now.effective_severity.rank > then.effective_severity.rank),
        fixed=tuple(fixed.values()),
        still=tuple(now for then, now in both if now.effective_severity.rank <= then.effective_severity.rank),
        unknown=tuple(one for one in gone if result_key(one.result) not in fixed),
        new_causes=_new(before, after),
        fixed_causes=tuple(cause for cause in before.causes if _is_fixed(cause, before, fixed)),
        broke=tuple(one for key, one in silent.items() if key not in was_silent and key not in earlier),
        runs_again=tuple(one for key, one in was_silent.items() if statuses.get(key) in _VERDICTS),
    )


_VERDICTS = (Status.PASS, Status.FAIL, Status.WARN)


def _findings(report: Report) -> dict[ResultKey, Finding]:
    """By identity, the worst of those that share one. Drafts fail no run, and are no news."""
    found: dict[ResultKey, Finding] = {}
    for finding in sorted(report.findings, key=lambda one: -one.effective_severity.rank):
        if finding.result.level is not Level.NONE:
            found.setdefault(result_key(finding.result), finding)
    return found


def _statuses(report: Report) -> dict[ResultKey, Status]:
    """Each result's status; of several that share an identity, the worst."""
    found: dict[ResultKey, Status] = {}
    for result in report.results:
        key = result_key(result)
        if key not in found or _RANKS[result.status] > _RANKS[found[key]]:
            found[key] = result.status
    return found


_RANKS: Mapping[Status, int] = {
    Status.PASS: 0, Status.SKIPPED: 1, Status.WARN: 2, Status.FAIL: 3, Status.ERROR: 4,
}  # fmt: skip


def _new(before: Report, after: Report) -> tuple[Cause, ...]:
    """Causes that were not there. Where ``before`` looked for none although something failed, none is called new."""
    if before.findings and not before.causes:
        return ()
    known = {cause_key(cause) for cause in before.causes}
    return tuple(cause for cause in after.causes if cause_key(cause) not in known)


def _is_fixed(cause: Cause, before: Report, fixed: Mapping[ResultKey, Finding]) -> bool:
    own = [finding for finding in before.findings if finding.id in cause.finding_ids]
    return bool(own) and all(result_key(finding.result) in fixed for finding in own)
