"""What the owner of a rule wrote for its failure stands in every report, and nothing in it is obeyed."""

from __future__ import annotations

import pytest

from aegis.domain.report import Guidance
from aegis.domain.results import Status
from aegis.report import render
from aegis.report.json import load_report
from aegis.report.options import Options
from tests.unit.report.build import a_finding, a_report, a_result

HOSTILE = "\x1b[31mred\n::error::x `</code> <script>alert(1)</script> @all"
GUIDANCE = Guidance(
    common_causes=("The form was sent twice", HOSTILE), lineage_hints={"raw_orders": ("id", "amount"), HOSTILE: ()}
)
FAILED = a_result("orders_id", status=Status.FAIL, rows_failed=3, column="id")
REPORT = a_report((FAILED,), (a_finding(1, FAILED, guidance=GUIDANCE),))


@pytest.mark.parametrize("format", ["terminal", "markdown", "json"])
def test_causes_and_tables_are_told(format: str) -> None:
    text = render(REPORT, format, Options(verbose=True, width=200))
    assert "The form was sent twice" in text and "raw_orders" in text and "amount" in text


@pytest.mark.parametrize("format", ["terminal", "markdown"])
def test_nothing_in_them_is_obeyed(format: str) -> None:
    text = render(REPORT, format, Options(verbose=True, width=200))
    assert "\x1b[31m" not in text
    assert not any(line.lstrip().startswith("::error") for line in text.splitlines())
    told = [line for line in text.splitlines() if "sent twice" in line]
    assert format == "terminal" or all(line.startswith("Usually: ``") for line in told)


def test_a_report_with_them_is_read_back_as_it_was() -> None:
    assert load_report(render(REPORT, "json")).findings[0].guidance is not None
