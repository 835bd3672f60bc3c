"""Laws of the terminal rendering."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aegis.domain.kinds import OriginKind, ProposalKind, Verdict
from aegis.domain.proposals import Proposal, Trial
from aegis.domain.report import Cause, Finding, Hop, Report
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Severity
from aegis.report import FORMATS
from aegis.report import render as render_as
from aegis.report.options import Options
from aegis.report.terminal import render
from aegis.report.text import one_line, sanitize_commands, width_of, wrap
from aegis.report.words import what_failed

ANSI = re.compile(r"\x1b\[[0-9;]+m")


@pytest.mark.parametrize("name", ["empty", "all_pass", "usual", "not_run", "thousand"])
def test_a_run_fits_a_screen_of_forty_lines_with_its_command_and_prompt(reports: dict[str, Report], name: str) -> None:
    assert len(render(reports[name], Options(report_path="target/aegis/report.json")).splitlines()) <= 38


@pytest.mark.parametrize("name", ["usual", "not_run", "hostile", "thousand"])
@pytest.mark.parametrize("width", [20, 60, 61, 80, 100, 160, 500])
@pytest.mark.parametrize("verbose", [False, True])
def test_no_line_is_wider_than_the_screen(reports: dict[str, Report], name: str, width: int, verbose: bool) -> None:
    columns = max(60, min(160, width))
    options = Options(width=width, verbose=verbose, report_path="target/aegis/report.json")
    assert max(map(width_of, render(reports[name], options).splitlines())) <= columns


@pytest.mark.parametrize("name", ["usual", "not_run", "thousand"])
def test_colour_changes_nothing_but_escapes(reports: dict[str, Report], name: str) -> None:
    plain = render(reports[name])
    colored = render(reports[name], Options(color=True))
    assert colored != plain
    assert ANSI.sub("", colored) == plain
    assert "\x1b" not in plain


@pytest.mark.parametrize("verbose", [False, True])
def test_nothing_hostile_reaches_the_terminal(reports: dict[str, Report], verbose: bool) -> None:
    text = render(reports["hostile"], Options(verbose=verbose))
    assert all(char.isprintable() for char in text.replace("\n", ""))
    assert "[red]bold[/red]" in text  # shown as it is: no markup is read
    assert not re.search(r"(?m)^\s*::", text)
    assert "##[" not in text
    assert "##vso[" not in text


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(), max_size=200))
def test_any_text_is_harmless_on_one_line(text: str) -> None:
    line = sanitize_commands(one_line(text))
    assert line.isprintable()
    assert not line.lstrip().startswith("::")
    assert all(width_of(row) <= 60 for row in wrap(line, 60))


def test_wrapping_loses_no_word() -> None:
    text = "one two  three " + "x" * 150 + " 四五六" * 40
    assert "".join(wrap(text, 60)).replace(" ", "") == text.replace(" ", "")


def test_verbose_shows_what_was_seen_without_the_suspected_rows(reports: dict[str, Report]) -> None:
    proof = "proof     without the 1,230 failing rows of raw.orders, orders has 0 failing rows"
    assert proof in render(reports["causes"], Options(width=120, verbose=True))
    assert "proof " not in render(reports["causes"], Options(width=120))


def test_verbose_shows_every_result_and_every_finding(reports: dict[str, Report]) -> None:
    text = render(reports["thousand"], Options(verbose=True))
    assert all(f"_rule_{number} " in text for number in range(1_000))
    assert text.count("select    select * from") == 100


def test_what_is_not_shown_is_counted(reports: dict[str, Report]) -> None:
    text = render(reports["thousand"])
    shown = len(re.findall(r"(?m)^● ", text))
    assert f"+ {100 - shown} more findings" in text
    assert "-v shows all" in text


def test_what_could_not_run_stands_apart_from_what_failed(reports: dict[str, Report]) -> None:
    text = render(reports["usual"], Options(color=True))
    findings, _, rest = text.partition("could not run\x1b[0m   ")[0].rpartition("\n")
    assert "customers_vat_regex" not in findings + rest
    assert "\x1b[1;35m✖ error" in text
    assert "\x1b[1;31m● CRITICAL" in text


def test_failures_of_one_reason_are_told_once(
    result_of: Callable[..., Result], report_of: Callable[..., Report]
) -> None:
    results = [result_of(f"r{number}", status=Status.ERROR, message="no such table") for number in range(20)]
    text = render(report_of(results))
    assert text.count("no such table") == 1
    assert "r0, +19" in text


def test_dbt_s_words_around_a_message_are_left_out(
    result_of: Callable[..., Result], report_of: Callable[..., Report]
) -> None:
    message = "Database Error in test a (tests/a.sql)\n  Binder Error: no column x\n  compiled code at target/a.sql"
    text = render(report_of([result_of("a", status=Status.ERROR, message=message)]))
    assert "Binder Error: no column x" in text
    assert "compiled code" not in text
    assert "Database Error" not in text


def test_sql_is_pasteable_or_not_there(
    result_of: Callable[..., Result], finding_of: Callable[..., Finding], report_of: Callable[..., Report]
) -> None:
    sql = "select a, b from t where name = 'two  spaces and a very long literal that goes on and on and on' " * 3
    result = result_of("r", status=Status.FAIL, rows_failed=1, failing_rows_sql=sql)
    text = render(report_of([result], [finding_of(1, result)]))
    pasted = " ".join(line.strip() for line in text.partition("  select    ")[2].partition("\n\n")[0].splitlines())
    assert pasted.split() == sql.split()
    assert "'two  spaces and a very long literal that goes on and on and on'" in pasted


def test_a_comment_in_sql_is_not_broken(
    result_of: Callable[..., Result], finding_of: Callable[..., Finding], report_of: Callable[..., Report]
) -> None:
    line = "select 1 -- " + "a comment " * 20
    result = result_of("r", status=Status.FAIL, rows_failed=1, failing_rows_sql=line + "\nfrom t")
    assert line.rstrip() in render(report_of([result], [finding_of(1, result)]))


def test_causes_come_first(reports: dict[str, Report]) -> None:
    cause = Cause(id="C1", title="raw.orders arrived broken", severity=Severity.HIGH, finding_ids=("F1", "F3"))
    text = render(reports["usual"].model_copy(update={"causes": (cause,)}))
    findings = {finding.id: finding for finding in reports["usual"].findings}
    rest = [what_failed(finding.result) for name, finding in findings.items() if name not in ("F1", "F3")]
    assert all(text.index("raw.orders arrived broken") < text.index(words) for words in rest if words in text)
    assert f"2: {findings['F1'].rule_id}, {findings['F3'].rule_id}" in text


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_a_cause_is_told_in_six_lines_and_no_word_of_it_is_cut(reports: dict[str, Report], width: int) -> None:
    report = reports["causes"]
    text = render(report, Options(width=width, height=200))
    blocks = re.split(r"^[●▲] \w+ +(?=C\d)", text, flags=re.MULTILINE)[1:]
    assert [block[:2] for block in blocks] == [cause.id for cause in report.causes]
    whole = set(render(report, Options(width=160, verbose=True)).replace(",", " ").split())
    for block in blocks:
        told = block.split("\n\n")[0].splitlines()
        told = told[: next((place for place, line in enumerate(told) if place and line[0] in "●▲"), len(told))]
        assert 2 <= len(told) <= 6
        words = " ".join(told[1:]).replace(",", " ").split()
        assert [word for word in words if word not in whole and word not in ("…", "·", "owner:", "rule")] == []


@pytest.mark.parametrize("format_", ["terminal", "markdown"])
def test_where_the_origin_is_unknown_what_could_not_be_looked_at_is_told(
    reports: dict[str, Report], format_: str
) -> None:
    report, why = reports["usual"], "id of raw.orders: permission denied"
    cause = Cause(
        id="C1", title="orders: duplicate id", severity=Severity.HIGH, finding_ids=("F1",), kind=OriginKind.UNKNOWN,
        kind_text="could not be traced further", table="orders", confidence=0.2, unchecked=(why, "and another"),
    )  # fmt: skip
    told = render_as(report.model_copy(update={"causes": (cause,)}), format_, Options(width=120))
    assert f"{why} (and 1 more)" in told
    sure = cause.model_copy(update={"kind": OriginKind.JOIN, "confidence": 0.95})
    assert why not in render_as(report.model_copy(update={"causes": (sure,)}), format_, Options(width=120))


def test_proposals_that_did_no_good_say_why(reports: dict[str, Report]) -> None:
    refused = Proposal(
        sql="delete from t", kind=ProposalKind.DATA_FIX, trial=Trial(verdict=Verdict.REFUSED, why="it has no WHERE")
    )
    cause = Cause(id="C1", title="raw.orders arrived broken", severity=Severity.HIGH, finding_ids=("F1",))
    said = {1: "1 proposal tried, none did any good: it", 2: "2 proposals tried, none did any good; the first: it"}
    for many, told in said.items():
        first, *rest = reports["usual"].findings
        findings = (first.model_copy(update={"rejected": (refused,) * many, "cause_id": "C1"}), *rest)
        report = reports["usual"].model_copy(update={"causes": (cause,), "findings": findings})
        assert f"none: {told} has no WHERE" in render(report, Options(width=120))


def test_values_that_a_test_counted_are_told_as_the_rows_that_have_them(
    result_of: Callable[..., Result], report_of: Callable[..., Report], finding_of: Callable[..., Finding]
) -> None:
    result = result_of("status_known", status=Status.FAIL, rows_failed=2, rows_checked=None, node="model.shop.orders")
    hops = tuple(
        Hop(node=f"model.shop.{name}", table=name, rows_failed=12, asked="the same fault") for name in ("raw", "orders")
    )
    cause = Cause(id="C1", title="raw arrived broken", severity=Severity.HIGH, finding_ids=("F1",), path=hops)
    report = report_of([result], [finding_of(1, result)]).model_copy(update={"causes": (cause,)})
    for title in (cause.title, "raw arrived with a word too many for any screen of its time" * 2):
        told = render(report.model_copy(update={"causes": (cause.model_copy(update={"title": title}),)}))
        assert re.search(r"C1 .* 12 rows$", told, flags=re.MULTILINE)
    counted = result.model_copy(update={"rows_checked": 60})
    report = report_of([counted], [finding_of(1, counted)]).model_copy(update={"causes": (cause,)})
    assert "2 of 60 rows" in render(report)


def test_the_last_line_says_how_to_read_on(reports: dict[str, Report]) -> None:
    def last(**options: Any) -> str:
        return render(reports["causes"], Options(**options)).splitlines()[-1]

    assert last() == "next: aegis show C1  ·  -v shows all"
    assert last(recorded=False) == "next: -v shows all"
    assert not last(verbose=True).startswith("next:")


def test_a_failed_model_is_told_as_a_model(
    result_of: Callable[..., Result], report_of: Callable[..., Report], finding_of: Callable[..., Finding]
) -> None:
    result = result_of("model.shop.a", status=Status.FAIL, kind=ResultKind.MODEL, rule_type="model", rows_failed=3)
    text = render(report_of([result], [finding_of(1, result)]))
    assert "the model failed" in text
    assert "3 of" not in text


def test_the_module_is_cheap_to_import() -> None:
    code = "import sys, aegis.report.terminal; print(sorted({m.partition('.')[0] for m in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "'rich'" not in loaded
    assert "'sqlglot'" not in loaded


def test_a_thousand_results_take_less_than_a_tenth_of_a_second(reports: dict[str, Report]) -> None:
    render(reports["thousand"])
    times = []
    for _ in range(3):
        start = time.process_time()
        render(reports["thousand"])
        times.append(time.process_time() - start)
    assert min(times) < 0.1


@pytest.mark.parametrize("piece", ["\n", " ", "\x00 ", "(", "x", "四", "::", "##[", "compiled code at\n", "`", "''"])
@pytest.mark.parametrize("verbose", [False, True])
def test_no_text_makes_a_renderer_slow(
    result_of: Callable[..., Result],
    finding_of: Callable[..., Finding],
    report_of: Callable[..., Report],
    piece: str,
    verbose: bool,
) -> None:
    text = "Database Error in " + piece * (100_000 // len(piece))
    result = result_of("r", status=Status.FAIL, rows_failed=1, message=text, failing_rows_sql=text, description=text)
    broken = result_of("b", status=Status.ERROR, message=text)
    report = report_of([result, broken], [finding_of(1, result)])
    start = time.process_time()
    for style in FORMATS:
        render_as(report, style, Options(verbose=verbose))
    assert time.process_time() - start < 3
