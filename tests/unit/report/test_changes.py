"""What changed between two reports, and the message that tells it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aegis.domain.report import Cause, Report
from aegis.domain.results import Result, Status
from aegis.domain.severity import Level, Severity
from aegis.report.changes import changes
from aegis.report.slack import message_of_changes
from tests.unit.report.build import a_finding, a_report, a_result
from tests.unit.report.checks import CHECKS, everywhere
from tests.unit.report.filled import everything, filled
from tests.unit.report.test_markdown import MARK

PASS, FAIL, WARN, ERROR, SKIPPED = Status.PASS, Status.FAIL, Status.WARN, Status.ERROR, Status.SKIPPED


def run(*results: Result, causes: tuple[Cause, ...] = ()) -> Report:
    findings = [a_finding(number, one) for number, one in enumerate((one for one in results if one.failed), 1)]
    return a_report(results, findings).model_copy(update={"causes": causes})


def rule(status: Status | None, **fields: Any) -> Report:
    return run() if status is None else run(a_result("r", status=status, **fields))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (PASS, FAIL, "began"),
        (None, WARN, "began"),
        (ERROR, FAIL, "began runs_again"),
        (FAIL, PASS, "fixed"),
        (WARN, PASS, "fixed"),
        (FAIL, ERROR, "unknown"),
        (FAIL, SKIPPED, "unknown"),
        (FAIL, None, "unknown"),
        (FAIL, FAIL, "still"),
        (FAIL, WARN, "still"),
        (PASS, ERROR, "broke"),
        (PASS, SKIPPED, "broke"),
        (ERROR, PASS, "runs_again"),
        (PASS, PASS, ""),
        (ERROR, ERROR, ""),
        (PASS, None, ""),
    ],
)
def test_what_became_of_a_rule_follows_from_its_two_statuses(
    before: Status | None, after: Status | None, told: str
) -> None:
    found = changes(rule(before), rule(after))
    names = {"began", "worse", "fixed", "still", "unknown", "broke", "runs_again"}
    assert {name for name in names if getattr(found, name)} == set(told.split())
    assert found.any == (told not in ("", "still"))


def test_more_rows_are_no_change_and_a_higher_severity_is() -> None:
    before = rule(FAIL, rows_failed=1, severity=Severity.LOW)
    assert message_of_changes(before, rule(FAIL, rows_failed=99, severity=Severity.LOW)) is None
    assert changes(before, rule(FAIL, severity=Severity.HIGH)).worse
    assert message_of_changes(before, rule(FAIL, severity=Severity.HIGH)) is not None


def test_drafts_are_no_news() -> None:
    assert message_of_changes(rule(PASS), rule(FAIL, level=Level.NONE)) is None
    assert message_of_changes(rule(FAIL, level=Level.NONE), rule(PASS)) is None


def test_a_shared_test_of_another_name_is_the_same_rule() -> None:
    before, after = (rule(FAIL, unique_id=uid) for uid in ("test.aegis_orders", "test.aegis_shared_1"))
    assert message_of_changes(before, after) is None


def cause(origin: str, *finding_ids: str) -> Cause:
    return Cause(id="C1", title=f"bad {origin}", severity=Severity.HIGH, finding_ids=finding_ids, origin=origin)


def test_a_cause_is_fixed_when_all_that_it_explains_passes() -> None:
    failing = [a_result(name, status=FAIL) for name in ("a", "b")]
    before = run(*failing, causes=(cause("raw", "F1", "F2"),))
    half = run(a_result("a"), failing[1])
    assert changes(before, half).fixed_causes == ()
    assert changes(before, run(a_result("a"), a_result("b"))).fixed_causes == before.causes


def test_a_new_cause_is_told_unless_none_was_looked_for_before() -> None:
    failing = a_result("a", status=FAIL)
    after = run(failing, causes=(cause("stg", "F1"),))
    assert changes(run(failing, causes=(cause("raw", "F1"),)), after).new_causes == after.causes
    assert changes(run(failing), after).new_causes == ()


def test_all_healed_is_said_at_once() -> None:
    text = message_of_changes(rule(FAIL), rule(PASS))
    assert text is not None
    CHECKS["slack"](text)
    assert json.loads(text)["text"] == "`shop`: ✅ Fixed: 1 finding, nothing else fails"
    began = message_of_changes(rule(PASS), rule(FAIL))
    assert began is not None and "❌ 1 new" in began and "Began to fail" in began


def test_hostile_text_means_nothing_in_a_message_of_changes() -> None:
    hostile = f"{MARK}<!channel> @here `<@U1>` <https://e.example|x>\n::error::x\x1b[2J" * 9
    before, after = everything(), run(*(a_result(one.rule_id) for one in everything().results))
    for one, other in ((before, after), (after, before)):
        text = message_of_changes(filled(one, hostile), filled(other, hostile))
        assert text is not None
        everywhere(text)
        CHECKS["slack"](text)
