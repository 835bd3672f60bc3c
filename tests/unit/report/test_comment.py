"""The report as a comment: within its limit, harmless, and with what has changed since the last failing run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aegis.domain.failing import Failing
from aegis.domain.report import Report
from aegis.report.comment import comment, is_green
from aegis.report.options import Options
from tests.unit.report.conftest import HOSTILE
from tests.unit.report.test_markdown import assert_harmless

AT = datetime(2026, 11, 19, 7, 30, tzinfo=UTC)


def before(run_id: str = "r_1", findings: int = 9, causes: int = 2) -> Failing:
    return Failing(run_id=run_id, at=AT, findings=findings, causes=causes)


@pytest.mark.parametrize(
    ("earlier", "heading"),
    [
        (before(), "### ✅ 2 causes behind 9 findings fixed since run `r_1` (2026-11-19 07:30 UTC)"),
        (before(causes=0, findings=1), "### ✅ 1 finding fixed since run `r_1` (2026-11-19 07:30 UTC)"),
        (before(causes=0, findings=0), "### ✅ Fixed since run `r_1` (2026-11-19 07:30 UTC)"),
        (None, "### ✅ 48 passed"),
    ],
)
def test_a_green_report_says_what_was_fixed(reports: dict[str, Report], earlier: Failing | None, heading: str) -> None:
    text = comment(reports["all_pass"], earlier, Options())
    assert text.splitlines()[0] == heading
    assert text.count("48 passed") == 2  # in its line and in its foot


@pytest.mark.parametrize(
    ("earlier", "said"),
    [
        (before(), "2 → 3 causes, 9 → 6 findings since run `r_1`"),
        (before(causes=3, findings=6), "3 causes, 6 findings since run `r_1`"),
        (before(causes=0, findings=0), "0 → 3 causes, 0 → 6 findings since run `r_1`"),
    ],
)
def test_a_report_that_fails_still_says_what_has_changed(
    reports: dict[str, Report], earlier: Failing, said: str
) -> None:
    assert said in comment(reports["causes"], earlier, Options()).splitlines()[-1]


def test_a_report_is_not_compared_with_itself(reports: dict[str, Report]) -> None:
    report = reports["causes"]
    assert "since run" not in comment(report, before(report.run.run_id), Options())


def test_only_a_report_that_checked_something_and_found_nothing_is_green(reports: dict[str, Report]) -> None:
    assert [name for name, report in reports.items() if is_green(report)] == ["all_pass"]


@pytest.mark.parametrize("name", ["hostile", "all_pass", "thousand"])
def test_a_comment_is_harmless_and_fits_whatever_was_there_before(reports: dict[str, Report], name: str) -> None:
    for limit in (4_000, 20_000, 65_536):
        text = comment(reports[name], before(HOSTILE), Options(limit=limit))
        assert len(text) <= limit
        assert_harmless(text)


def test_a_cause_of_thousands_of_findings_leaves_room_for_them(reports: dict[str, Report]) -> None:
    first = reports["causes"].findings[0]
    many = tuple(
        first.model_copy(update={"id": f"F{at}", "rule_id": f"orders_{at}_" + "x" * 40}) for at in range(3_000)
    )
    cause = reports["causes"].causes[0].model_copy(update={"finding_ids": tuple(one.id for one in many)})
    text = comment(reports["causes"].model_copy(update={"causes": (cause,), "findings": many}), None, Options())
    assert "and 2,900 more" in text and "**20 ·" in text
