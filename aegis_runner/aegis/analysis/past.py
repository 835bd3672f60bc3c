"""The past of rules: what they gave in earlier builds, wherever that is written down."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from typing import Literal, Protocol

from aegis.domain.past import PastBuild, PastVerdict, RuleHistory
from aegis.domain.report import Finding, Notice
from aegis.domain.results import Status

BUILDS = 30
"""Builds that are looked back at."""
_FAILED = frozenset({Status.FAIL, Status.WARN})
_VERDICTS = _FAILED | {Status.PASS}


@dataclass(frozen=True, slots=True)
class Told:
    """Each rule's last status before this build, what must be said of reading it, and who said it."""

    statuses: Mapping[str, Status]
    notices: tuple[Notice, ...] = ()


class Past(Protocol):
    """Where earlier builds of one project and target are written down. Nothing here raises: a report without a past is
    still a report."""

    @property
    def source(self) -> Literal["audit", "warehouse"]:
        """What it is, for the report."""

    def last(self) -> Told:
        """Each rule's status before this build."""

    def builds(self, rules: Collection[str]) -> tuple[PastBuild, ...]:
        """What these rules gave in the last builds, the oldest first, without this one."""


def with_history(findings: Sequence[Finding], past: Past, now: datetime) -> tuple[Finding, ...]:
    """Findings with the history of their rules, where those were in earlier builds."""
    builds = past.builds({finding.rule_id for finding in findings}) if findings else ()
    if not builds:
        return tuple(findings)
    return tuple(
        finding
        if (history := _history(finding.rule_id, builds, past.source, now)) is None
        else finding.model_copy(update={"history": history})
        for finding in findings
    )


def _history(
    rule_id: str, builds: Sequence[PastBuild], source: Literal["audit", "warehouse"], now: datetime
) -> RuleHistory | None:
    """Of a rule that fails now; None where it gave no verdict before."""
    seen = [(one.at, one.statuses[rule_id]) for one in builds if one.statuses.get(rule_id) in _VERDICTS]
    seen.append((now, Status.FAIL))
    passed = [place for place, (_, status) in enumerate(seen) if status is Status.PASS]
    failing = seen[passed[-1] + 1 :] if passed else seen
    verdicts = [status in _FAILED for _, status in seen]
    flips = sum(before != after for before, after in pairwise(verdicts))
    if len(seen) < 2:
        return None
    return RuleHistory(
        failing_since=failing[0][0],
        failing_builds=len(failing),
        flips=flips,
        builds=len(seen),
        last_passed=seen[passed[-1]][0] if passed else None,
        source=source,
        verdicts=tuple(_runs(seen[:-1])),
    )


def _runs(seen: Sequence[tuple[datetime, Status]]) -> Iterator[PastVerdict]:
    """Equal verdicts that follow each other as one."""
    for status, group in groupby(seen, key=lambda one: one[1]):
        times = [at for at, _ in group]
        yield PastVerdict(at=times[0], status=status, builds=len(times))
