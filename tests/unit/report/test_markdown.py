"""The Markdown report: nothing from data is read as Markdown, HTML, a mention or a command."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from aegis.domain.kinds import EvidenceKind, OriginKind, ProposalKind, Verdict
from aegis.domain.proposals import Effect, Proposal, Trial
from aegis.domain.report import BlastRadius, Cause, Evidence, Exposure, Finding, Hop, Notice, Reason, Report, Sample
from aegis.domain.results import Result, Status
from aegis.domain.severity import Severity
from aegis.report.markdown import render
from aegis.report.markdown_text import code, fence
from aegis.report.options import Options

# What GitHub has beyond CommonMark: tables, strikethrough; bare addresses are looked for below.
PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
MARK = "Qz7"
OWN_HTML = re.compile(r"</?details>|<summary>[^<>]*</summary>|</?sub>|<br>")
ALLOWED = {
    "inline", "text", "softbreak", "hardbreak", "code_inline", "fence", "html_block", "html_inline",
    "heading_open", "heading_close", "paragraph_open", "paragraph_close", "strong_open", "strong_close",
    "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close",
}  # fmt: skip
QUOTED = {"code_inline", "fence"}

PIECES = [
    "`", "``", "```", "~~~", "\n", "\n\n", "\r", "\t", "    ", "@octocat", "#1", "GH-1", "![x](y)", "[x](y)", "<b>",
    "</details>", "<!--", "-->", "<script>", "\\", "|", "---", "# ", "- ", "> ", "1. ", "*", "_", "**", "~~", "&lt;",
    "&#64;", "https://e.example", "www.e.example", "a@e.example", "::error::", "##[error]", "$x$", "$`", ":smile:",
    "\x00", "\x1b[2J", "\u202e", "\u2028", "\x85", "\ud800", "é", "四", " ", "x",
]  # fmt: skip
hostile_texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=14).map(
    lambda parts: "".join(parts) + MARK + "".join(reversed(parts))
)


def flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from flat(token.children or [])


def assert_harmless(markdown: str) -> None:
    """Every token is one that the renderer makes itself, and data stands in code only."""
    for token in flat(PARSER.parse(markdown)):
        assert token.type in ALLOWED, token
        if token.type in {"html_block", "html_inline"}:
            assert not OWN_HTML.sub("", token.content).strip(), token
        if token.type not in QUOTED and token.type != "inline":
            assert MARK not in token.content, token
            assert not re.search(r"@|https?:|www\.|\w#\d|\s#\d", token.content), token
    assert not re.search(r"(?m)^\s*::", markdown)
    assert not re.search(r"##\w*\[", markdown)
    assert all(char.isprintable() for char in markdown.replace("\n", ""))


def full_of(text: str, result_of: Any, finding_of: Any, report_of: Any) -> Report:
    """A report in which every text is ``text``."""
    everywhere: dict[str, Any] = dict.fromkeys(
        ["table", "column", "observed", "expected", "message", "owner", "description", "runbook", "path", "node"], text
    )
    result = result_of(
        text,
        unique_id=text,
        rule_type=text,
        status=Status.FAIL,
        rows_failed=1,
        failing_keys=(text, [text], {text: text}),
        failing_rows_sql=text,
        **everywhere,
    )
    finding = finding_of(
        1,
        result,
        effective_severity=Severity.CRITICAL,
        reasons=(Reason(what=text, value=text, raised_by=1, text=text),),
        blast_radius=BlastRadius(models=(text,), exposures=(Exposure(name=text, owner=text),)),
        sample=Sample(columns=(text,), rows=((text,),), query=text),
        evidence=tuple(Evidence(id=kind, kind=kind, text=text, query=text) for kind in EvidenceKind),
        proposals=tuple(
            Proposal(
                sql=text,
                kind=kind,
                table=text,
                caveat=text,
                trial=Trial(
                    verdict=Verdict.PARTIAL,
                    undo=text,
                    why=text,
                    below=(
                        Effect(node=text, table=text, sums={text: (1, 2)}, rows_after=1),
                        Effect(node=text, table=text, why=text),
                    ),
                ),
            )
            for kind in ProposalKind
        ),
        diagnosis=text,
        diagnosis_by=text,
    )
    broken = result_of(text, status=Status.ERROR, table=text, message=text)
    run = dict.fromkeys(["run_id", "aegis_version", "llm", "adapter", "project"], text)
    report: Report = report_of([result, broken], [finding] * 25, [Notice(what=text, where=text, hint=text)], **run)
    hop = Hop(node=text, table=text, column=text, rows_failed=3, asked=text)
    cause = Cause(
        id=text, title=text, severity=Severity.LOW, finding_ids=(finding.id,), origin=text, table=text,
        kind=OriginKind.LOGIC,
        kind_text=text, path=(hop, hop), confidence=0.5, explanation=text, explanation_by=text,
    )  # fmt: skip
    return report.model_copy(update={"causes": (cause,)})


@settings(max_examples=80, deadline=None)
@given(text=hostile_texts)
@example(text=MARK)
@example(text=f"```\n{MARK}\n```\n<details>@octocat")
@example(text=f"`{MARK}`")
@example(text=f"::error::{MARK}\n::{MARK}")
def test_hostile_text_stays_in_code(
    text: str,
    result_of: Callable[..., Result],
    finding_of: Callable[..., Finding],
    report_of: Callable[..., Report],
) -> None:
    report = full_of(text, result_of, finding_of, report_of)
    markdown = render(report, Options(report_path=text))
    assert markdown.count(MARK) > 25
    assert_harmless(markdown)


@pytest.mark.parametrize("name", ["empty", "all_pass", "usual", "causes", "not_run", "hostile", "thousand"])
def test_every_report_is_harmless(reports: dict[str, Report], name: str) -> None:
    assert_harmless(render(reports[name]))


def test_the_check_itself_sees_what_is_not_harmless() -> None:
    for text in ["[a](b)", "![a](b)", "<b>", "@octocat", MARK, "`a` https://e.example", "~~a~~", "::error::x"]:
        with pytest.raises(AssertionError):
            assert_harmless(text)


@given(st.text())
def test_a_code_span_holds_all_of_its_text_and_nothing_else(text: str) -> None:
    inline = PARSER.parse(f"a {code(text)} b")[1].children or []
    assert [token.type for token in inline] == ["text", "code_inline", "text"]
    assert inline[0].content == "a "


@given(st.text())
def test_a_fence_holds_all_of_its_text_and_nothing_else(text: str) -> None:
    assert [token.type for token in PARSER.parse(fence(text))] == ["fence"]


def test_a_report_fits_a_comment_and_says_what_was_left_out(
    result_of: Callable[..., Result], finding_of: Callable[..., Finding], report_of: Callable[..., Report]
) -> None:
    sql = "select " + ", ".join(f"column_{number}" for number in range(280))
    results = [
        result_of(f"rule_{number}", status=Status.FAIL, rows_failed=1, failing_rows_sql=sql, message="é" * 900)
        for number in range(300)
    ]
    report = report_of(results, [finding_of(number, result) for number, result in enumerate(results, 1)])
    whole = render(report, Options(verbose=True, limit=10**7))
    assert len(whole) > 65_536
    for limit in (65_536, 20_000, 3_000):
        text = render(report, Options(verbose=True, limit=limit))
        assert len(text) <= limit
        assert "Left out" in text
        assert "rule_0" in text
        assert_harmless(text)
    assert "Left out" not in whole


def test_a_folded_block_is_closed(reports: dict[str, Report]) -> None:
    for name in ("usual", "thousand", "hostile"):
        text = "".join(token.content for token in flat(PARSER.parse(render(reports[name]))) if "html" in token.type)
        assert text.count("<details>") == text.count("</details>") > 0


@pytest.mark.parametrize(("name", "title"), [("empty", "⚪"), ("all_pass", "✅"), ("not_run", "🟣"), ("usual", "❌")])
def test_the_first_line_tells_the_outcome(reports: dict[str, Report], name: str, title: str) -> None:
    assert render(reports[name]).startswith(f"### {title} ")
