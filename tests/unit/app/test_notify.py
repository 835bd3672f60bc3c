"""Runs that follow one another in a trail, and what is sent of them to a server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from aegis.app.notify import NotifyOptions, notify
from aegis.audit import AuditTrail
from aegis.domain.choices import NotifyOn
from aegis.domain.report import Report
from aegis.domain.results import Result, Status
from tests.unit.notify.server import Web, serving
from tests.unit.report.build import a_finding, a_report, a_result

DAY = timedelta(days=1)


@dataclass
class Runs:
    """One run after another, each recorded and then told."""

    web: Web
    trail: Path
    problems: list[str] = field(default_factory=list)
    number: int = 0

    def tell(
        self, *failing: str, urls: tuple[str, ...] = (), on: NotifyOn = "failures", quiet_for: timedelta | None = None,
        target: str = "dev", record: bool = True,
    ) -> list[str]:  # fmt: skip
        """The first words of what the server then got."""
        self.number += 1
        report = self.report(failing, target)
        if record:
            with AuditTrail.open(self.trail) as trail:
                trail.finish_run(report)
        self.web.got.clear()
        options = NotifyOptions(
            urls=urls or (self.web.slack(),), on=on, quiet_for=quiet_for, audit_db=self.trail, audit=True
        )
        self.problems = list(notify(report, options))
        return sorted((body.get("text") or body["title"]).partition(": ")[2] for body in self.web.bodies)

    def report(self, failing: tuple[str, ...], target: str) -> Report:
        results: list[Result] = [
            a_result(name, status=Status.FAIL if name in failing else Status.PASS) for name in ("a", "b")
        ]
        findings = [a_finding(number, one) for number, one in enumerate((one for one in results if one.failed), 1)]
        return a_report(results, findings, run_id=f"r_{self.number}", target=target)


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    with serving() as web:
        yield Runs(web, tmp_path / "trail.db")


def test_on_change_speaks_when_it_breaks_and_when_it_heals_and_not_between(runs: Runs) -> None:
    heard = [runs.tell(*failing, on="change") for failing in ("", "a", "a", "ab", "ab", "b", "", "")]
    said = [[], ["❌ 1 new"], [], ["❌ 1 new"], [], ["✅ 1 fixed"], ["✅ Fixed: 1 finding, nothing else fails"], []]
    assert heard == said
    assert not runs.problems


def test_the_first_run_of_a_target_tells_all_that_fails(runs: Runs) -> None:
    assert runs.tell("a", on="change") == ["⚠️ 1 finding"]
    assert runs.tell("a", on="change", target="prod") == ["⚠️ 1 finding"]


def test_a_cause_is_told_once_in_the_time_that_is_given(runs: Runs) -> None:
    assert runs.tell("a", quiet_for=DAY) == ["⚠️ 1 finding"]
    assert runs.tell("a", quiet_for=DAY) == []
    assert runs.tell("a", "b", quiet_for=DAY) == ["⚠️ 1 finding"]
    assert runs.tell("a", "b", quiet_for=DAY) == []
    assert runs.tell("a", quiet_for=DAY, target="prod") == ["⚠️ 1 finding"]
    assert runs.tell("a", quiet_for=timedelta(0)) == ["⚠️ 1 finding"]
    assert runs.tell("a") == ["⚠️ 1 finding"]
    assert runs.tell("a", quiet_for=DAY, on="all") == ["⚠️ 1 finding"]


def test_a_flapping_rule_is_told_once_and_that_it_is_fixed_each_time(runs: Runs) -> None:
    heard = [runs.tell(*failing, on="change", quiet_for=DAY) for failing in ("", "a", "", "a", "")]
    fixed = "✅ Fixed: 1 finding, nothing else fails"
    assert heard == [[], ["❌ 1 new"], [fixed], [], [fixed]]


def test_an_address_that_was_not_told_is_told(runs: Runs) -> None:
    """Slack refuses twice; the other address took it, and is left alone."""
    urls = (runs.web.slack("400"), runs.web.json())
    assert len(runs.tell("a", urls=urls, quiet_for=DAY)) == 2
    assert [line.split(":")[0] for line in runs.problems] == ["no notification was sent to slack+http"]
    runs.tell("a", urls=urls, quiet_for=DAY)
    assert [path.split("/")[1] for path, _ in runs.web.got] == ["400"]
    runs.tell("a", urls=(runs.web.slack(), runs.web.json()), quiet_for=DAY)
    assert [path.split("/")[1] for path, _ in runs.web.got] == ["200"]


def test_where_the_trail_cannot_tell_the_past_everything_is_told_and_that_is_said(runs: Runs) -> None:
    runs.trail.write_text("this is no trail, and is long enough not to be taken for a new one" * 99, encoding="utf-8")
    assert runs.tell("a", on="change", quiet_for=DAY, record=False) == ["⚠️ 1 finding"]
    assert [line.split(":")[0] for line in runs.problems] == [
        "notifications do not know what was told before",
        "what was told is not in the audit trail",
    ]


def test_what_was_told_keeps_the_chain_whole_and_holds_no_address(runs: Runs) -> None:
    runs.tell("a", urls=(runs.web.slack(), runs.web.json("500")))
    with AuditTrail.open(runs.trail) as trail:
        assert trail.verify().ok
        (row,) = trail._connection.execute("SELECT sent, unsent FROM notifications").fetchall()
    assert row == ('["slack+http://127.0.0.1"]', '["json://127.0.0.1"]')
