"""Whatever stands in the texts of a report, each registered format stays valid, in its limits and harmless."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aegis.domain.report import Report, Sample
from aegis.domain.results import Status
from aegis.report import FORMATS, Options, render
from tests.unit.report.checks import CHECKS, everywhere
from tests.unit.report.filled import everything, filled
from tests.unit.report.test_markdown import MARK

PIECES = [
    "`", "``", "```", "\n```\n/close\n", "~~~", "\n", "\r", "\t", "@octocat", "@here", "<!channel>", "<@U024BE7LH>",
    "<https://e.example|x>", "#general", "![x](http://e.example/a.png)", "[x](javascript:y)", "[x](1)", "{0}", "{",
    "}}",
    "<b>", "</details>", "<!--", "-->", "]]>", "<![CDATA[", "<script>alert(1)</script>", "\"><img src=x onerror=y>",
    "</script>", "' onclick='x", "&lt;", "&#64;", "&", "|", "\\", "%0A", "%25", ":", ",", "=",
    "::error::", "\n::warning file=a,line=1::x", "##[group]", "##vso[task.x]y", "::set-output name=a::b",
    "\x1b[2J", "\x1b]8;;http://e.example\x07", "\x9b31m", "\u202e", "\u2066", "\u200b", "\ufeff", "\ufffe", "\x00",
    "\x08", "\x7f", "\x85", "\u2028", "\ud800", "\U0001f600", "\U000e0041", "../../etc/passwd", "/etc/passwd:1",
    "C:\\x", "file:///x", "é", "四", " ", "x", "https://e.example", "rules/a.yml:14",
]  # fmt: skip
hostile = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map(
    lambda parts: "".join(parts) + MARK + "".join(reversed(parts))
)


@cache
def base() -> Report:
    return everything()


def checked(name: str, report: Report, options: Options) -> str:
    text = render(report, name, options)
    everywhere(text)
    CHECKS[name](text)
    return text


def test_every_registered_format_has_a_check() -> None:
    assert set(FORMATS) <= set(CHECKS), "say in checks.py what a valid and harmless text of the format is"


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=25, deadline=None)
@given(text=hostile, links=st.booleans())
@example(text="".join(PIECES) + MARK, links=False)
@example(text=MARK, links=True)
@example(text="", links=False)
@example(text="\n \t", links=True)
@example(text=f"rules/{MARK}.yml:14", links=False)
def test_hostile_text_means_nothing_in_any_format(name: str, text: str, links: bool) -> None:
    report = filled(base(), text, links=links)
    checked(name, report, Options(report_path=text or "x"))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("piece", ["x", "a\x1b[2J\n"], ids=["one word", "escapes"])
def test_a_cell_of_a_megabyte_costs_no_format_its_limits(name: str, piece: str) -> None:
    text = (piece * 1_000_000)[:1_000_000]
    report = base()
    first = report.findings[0]
    result = first.result.model_copy(
        update={**dict.fromkeys(("message", "expected", "observed"), text), "failing_keys": (text,)}
    )
    sample = Sample(columns=("a",), rows=((text,),), query="select 1")
    broken = next(one for one in report.results if one.status is Status.ERROR).model_copy(update={"message": text})
    finding = first.model_copy(update={"result": result, "sample": sample})
    report = report.model_copy(
        update={"findings": (finding, *report.findings[1:]), "results": (result, broken, *report.results[2:])}
    )
    shown = checked(name, report, Options())
    assert len(shown) < (30_000_000 if name == "json" else 200_000)


@pytest.mark.parametrize("name", FORMATS)
def test_every_example_is_valid(name: str, reports: dict[str, Report]) -> None:
    for report in reports.values():
        checked(name, report, Options())
