"""Two runs side by side."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aegis.audit import AuditTrail
from aegis.audit.compare import Change, compare
from aegis.domain.kinds import OriginKind
from aegis.domain.report import Cause, Finding, Hop, Report, Usage
from aegis.domain.results import Result, Status
from aegis.domain.severity import Severity
from aegis.errors import AuditError, UsageError
from tests.unit.audit.support import MOMENT, a_report, a_result, a_start

PASS, FAIL, WARN, ERROR, SKIPPED = Status.PASS, Status.FAIL, Status.WARN, Status.ERROR, Status.SKIPPED


def run(run_id: str, *results: Result, **fields: object) -> Report:
    return a_report(run_id, results).model_copy(update=fields)


def cause(title: str, origin: str | None, kind: str | None, severity: Severity = Severity.HIGH) -> Cause:
    found = None if kind is None else OriginKind(kind)
    return Cause(id="C1", title=title, severity=severity, finding_ids=("F1",), origin=origin, kind=found)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (PASS, FAIL, Change.BEGAN),
        (PASS, WARN, Change.BEGAN),
        (FAIL, FAIL, Change.STILL),
        (FAIL, WARN, Change.STILL),
        (FAIL, PASS, Change.HEALED),
        (WARN, PASS, Change.HEALED),
        (FAIL, ERROR, Change.NOT_RUN),
        (PASS, SKIPPED, Change.NOT_RUN),
        (ERROR, FAIL, Change.NOT_RUN),
        (ERROR, ERROR, Change.NOT_RUN),
        (None, PASS, Change.NEW),
        (None, FAIL, Change.NEW),
        (FAIL, None, Change.GONE),
    ],
)
def test_what_became_of_a_rule_follows_from_its_two_statuses(
    before: Status | None, after: Status | None, change: Change
) -> None:
    sides = [() if status is None else (a_result("r", status=status),) for status in (before, after)]
    (found,) = compare(run("r_1", *sides[0]), run("r_2", *sides[1])).rules
    assert found.change is change
    assert (found.before and found.before.status, found.after and found.after.status) == (before, after)


def test_rules_that_passed_in_both_are_counted_only() -> None:
    passed = tuple(a_result(f"r{number}") for number in range(3))
    found = compare(run("r_1", *passed), run("r_2", *passed))
    assert (found.rules, found.passed) == ((), 3)


def test_what_failing_rules_say_is_how_bad_they_are_now_and_how_many_rows_more() -> None:
    bad = a_result("r", status=FAIL, rows_failed=40)
    worse = bad.model_copy(update={"rows_failed": 55})
    raised = Finding(id="F1", rule_id="r", result=worse, severity=Severity.HIGH, effective_severity=Severity.CRITICAL)
    (found,) = compare(run("r_1", bad), run("r_2", worse, findings=(raised,))).rules
    assert found.before is not None and found.after is not None
    assert (found.before.severity, found.after.severity) == (Severity.HIGH, Severity.CRITICAL)
    assert (found.before.rows_failed, found.after.rows_failed) == (40, 55)


def test_the_worst_comes_first_by_kind_then_severity_then_rows() -> None:
    def pair(name: str, before: Status, after: Status, severity: Severity, rows: int) -> tuple[Result, Result]:
        return (
            a_result(name, status=before, severity=severity),
            a_result(name, status=after, severity=severity, rows_failed=rows),
        )

    pairs = [
        pair("healed", FAIL, PASS, Severity.CRITICAL, 0),
        pair("still", FAIL, FAIL, Severity.CRITICAL, 9),
        pair("began low", PASS, FAIL, Severity.LOW, 99),
        pair("began few", PASS, FAIL, Severity.HIGH, 1),
        pair("began many", PASS, FAIL, Severity.HIGH, 7),
        pair("not run", PASS, ERROR, Severity.CRITICAL, 0),
    ]
    before, after = zip(*pairs, strict=True)
    found = compare(run("r_1", *before), run("r_2", *after))
    names = [one.rule_id for one in found.rules]
    assert names == ["began many", "began few", "began low", "still", "not run", "healed"]


def test_new_rules_that_fail_come_before_new_ones_that_pass() -> None:
    found = compare(run("r_1"), run("r_2", a_result("a"), a_result("b", status=WARN, severity=Severity.INFO)))
    assert [one.rule_id for one in found.rules] == ["b", "a"]


def test_of_two_results_of_one_rule_the_worse_counts() -> None:
    twice = (a_result("r", status=FAIL, rows_failed=2), a_result("r", unique_id="other"))
    for results in (twice, twice[::-1]):
        (found,) = compare(run("r_1", a_result("r")), run("r_2", *results)).rules
        assert (found.change, found.after and found.after.rows_failed) == (Change.BEGAN, 2)


def test_causes_of_one_origin_are_told_apart_by_their_column() -> None:
    bad = a_result("r", status=FAIL)
    finding = Finding(id="F1", rule_id="r", result=bad, severity=Severity.HIGH, effective_severity=Severity.HIGH)
    amount, status = (
        cause(column, "m.a", "logic").model_copy(
            update={"path": (Hop(node="m.a", table="a", column=column, asked="is it there?"),)}
        )
        for column in ("amount", "status")
    )
    found = compare(run("r_1", bad, findings=(finding,), causes=(amount, status)), run("r_2", causes=(amount,))).causes
    assert found is not None and [(one.change, one.title) for one in found] == [(Change.GONE, "status")]


def test_causes_are_the_same_by_origin_and_kind() -> None:
    bad = a_result("r", status=FAIL)
    finding = Finding(id="F1", rule_id="r", result=bad, severity=Severity.HIGH, effective_severity=Severity.HIGH)
    before = run("r_1", bad, findings=(finding,), causes=(cause("a", "m.a", "stale"), cause("b", "m.b", "join")))
    after = run(
        "r_2", bad, findings=(finding,), causes=(cause("other words", "m.a", "stale"), cause("b", "m.b", "stale"))
    )
    found = compare(before, after).causes
    assert found is not None
    assert [(one.change, one.origin, one.kind) for one in found] == [
        (Change.NEW, "m.b", "stale"),
        (Change.GONE, "m.b", "join"),
    ]


def test_where_a_run_looked_for_no_causes_none_is_new_or_gone() -> None:
    bad = a_result("r", status=FAIL)
    finding = Finding(id="F1", rule_id="r", result=bad, severity=Severity.HIGH, effective_severity=Severity.HIGH)
    looked = run("r_2", bad, findings=(finding,), causes=(cause("a", "m.a", "stale"),))
    assert compare(run("r_1", bad, findings=(finding,)), looked).causes is None
    nothing_failed = compare(run("r_1", a_result("r")), looked).causes
    assert nothing_failed is not None and [one.change for one in nothing_failed] == [Change.NEW]


def test_the_cost_of_each_run_is_told() -> None:
    usage = Usage(calls=2, input_tokens=10, output_tokens=3, cost_usd=None)
    found = compare(run("r_1"), run("r_2", usage=usage))
    assert (found.before.usage.cost_usd, found.after.usage) == (0.5, usage)


def test_previous_is_the_run_before_of_the_same_place_that_looked_at_another_build(trail: AuditTrail) -> None:
    for name, build, target in (
        ("r_1", "one", "dev"), ("r_2", "two", "dev"), ("r_3", "x", "prod"),
        ("r_4", "three", "dev"), ("r_5", "three", "dev"),
    ):  # fmt: skip
        trail.finish_run(a_report(name, (), dbt_invocation_id=build, target=target))
    assert trail.run_id("latest") == "r_5"
    assert trail.run_id("previous") == "r_2"
    assert trail.run_id("previous", other="r_2") == "r_1"
    found = trail.compare("previous", "r_4")
    assert (found.before.run_id, found.after.run_id) == ("r_2", "r_4")
    assert trail.show("previous").run.run_id == "r_2"


def test_runs_that_do_not_know_their_build_have_a_previous_one(trail: AuditTrail) -> None:
    for name in ("r_1", "r_2"):
        trail.finish_run(a_report(name, (), dbt_invocation_id=None))
    assert trail.compare("previous").before.run_id == "r_1"


def test_what_cannot_be_compared_is_told(trail: AuditTrail) -> None:
    with pytest.raises(AuditError, match="no run has finished yet"):
        trail.compare("previous")
    trail.finish_run(a_report("r_1", started_at=MOMENT, finished_at=MOMENT + timedelta(seconds=1)))
    with pytest.raises(UsageError, match="no run of this project and target finished"):
        trail.compare("previous")
    with pytest.raises(UsageError, match="previous to what"):
        trail.compare("previous", "previous")
    with pytest.raises(UsageError, match="begins with 'r_9'"):
        trail.compare("r_9")
    trail.start_run(a_start("r_2"))
    with pytest.raises(AuditError, match="did not finish"):
        trail.compare("r_2")
