"""Since when a rule fails, and whether it flips: out of whatever past there is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest

from aegis.analysis.audit_past import AuditPast
from aegis.analysis.options import AnalyzeOptions
from aegis.analysis.past import Told, with_history
from aegis.analysis.pasts import FirstThatKnows
from aegis.audit import AuditTrail
from aegis.domain.past import PastBuild
from aegis.domain.report import Finding
from aegis.domain.results import Status
from aegis.report.words import so_far
from tests.unit.audit.support import MOMENT, a_report, a_result

HOUR = timedelta(hours=1)
SIGNS = {"p": Status.PASS, "f": Status.FAIL, "w": Status.WARN, "e": Status.ERROR, "s": Status.SKIPPED}


@dataclass
class Written:
    """A past as letters, one a build, the oldest first; ``-`` where the rule was not in it."""

    letters: str
    source: Literal["audit", "warehouse"] = "warehouse"
    asked: list[Collection[str]] = field(default_factory=list)

    def last(self) -> Told:
        statuses = [SIGNS[letter] for letter in self.letters if letter in SIGNS]
        return Told({"one": statuses[-1]} if statuses else {})

    def builds(self, rules: Collection[str]) -> tuple[PastBuild, ...]:
        self.asked.append(rules)
        return tuple(
            PastBuild(at=MOMENT + hour * HOUR, statuses={} if letter == "-" else {"one": SIGNS[letter]})
            for hour, letter in enumerate(self.letters)
        )


def a_finding() -> Finding:
    result = a_result("one", status=Status.FAIL)
    severity = result.severity
    return Finding(id="F1", rule_id="one", result=result, severity=severity, effective_severity=severity)


@pytest.mark.parametrize(
    ("letters", "told"),
    [
        ("", ""),
        ("p", ""),
        ("pppp", ""),
        ("f", "since 2026-11-20 12:00 UTC (2 builds, all that are known)"),
        ("pff", "since 2026-11-20 13:00 UTC (3 builds)"),
        ("pfe-sw", "since 2026-11-20 13:00 UTC (3 builds)"),
        ("pfp", "changed 3 times between passed and failed in 4 builds"),
        ("fpf", "since 2026-11-20 14:00 UTC (2 builds); changed 2 times between passed and failed in 4 builds"),
        ("-es", ""),
    ],
)
def test_since_when_a_rule_fails_and_how_often_it_flipped(letters: str, told: str) -> None:
    [finding] = with_history([a_finding()], Written(letters), MOMENT + 100 * HOUR)
    assert so_far(finding) == told
    runs = [] if finding.history is None else finding.history.verdicts
    before = [one.status for one in runs for _ in range(one.builds)]
    assert all(one.status is not other.status for one, other in pairwise(runs))
    assert before == [SIGNS[letter] for letter in letters if letter in "pfw"]


def test_where_nothing_failed_no_past_is_asked() -> None:
    past = Written("pff")
    assert with_history([], past, MOMENT) == () and past.asked == []


def test_the_second_past_is_asked_where_the_first_knows_nothing() -> None:
    both = FirstThatKnows(Written("", "audit"), Written("f"))
    assert both.last().statuses == {"one": Status.FAIL} and both.source == "warehouse"
    other = Written("f")
    both = FirstThatKnows(Written("p", "audit"), other)
    assert both.last().statuses == {"one": Status.PASS} and both.source == "audit"
    both.builds({"one"})
    assert other.asked == []


def test_the_trail_is_a_past_without_this_build_and_in_the_order_of_time(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    with AuditTrail.open(path) as trail:
        for run_id, hour, status in (("r_2", 2, Status.FAIL), ("r_1", 1, Status.PASS), ("r_3", 3, Status.FAIL)):
            moment = MOMENT + hour * HOUR
            trail.finish_run(a_report(run_id, (a_result("one", status=status),), started_at=moment, finished_at=moment))
    past = AuditPast(a_report("r_3").run, AnalyzeOptions(audit_db=path))
    assert past.last().statuses == {"one": Status.FAIL}
    [finding] = with_history([a_finding()], past, MOMENT + 4 * HOUR)
    assert so_far(finding) == "since 2026-11-20 14:00 UTC (2 builds)"
    assert AuditPast(a_report("r_3").run, AnalyzeOptions(audit_db=path, audit=False)).last() == Told({})
