"""What stands on the page, in its words: a report as the templates read it. Nothing here is HTML."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from aegis.domain.kinds import ProposalKind, Verdict
from aegis.domain.proposals import Proposal
from aegis.domain.report import Cause, Finding, Report
from aegis.domain.results import Result, Status
from aegis.domain.text import count, plural
from aegis.report.accounts import built, no_verdict, not_run, nothing_checked
from aegis.report.causes import facts, fix
from aegis.report.html.charts import charts
from aegis.report.html.graph import Drawing, draw
from aegis.report.html.model import CauseView, Code, FindingView, FixView, Page, Query, RowView, SampleView
from aegis.report.layout import worst_first
from aegis.report.markdown_text import TEXT_LIMIT
from aegis.report.sql import diff_lines, sql_lines
from aegis.report.text import one_line
from aegis.report.words import (
    about,
    breaks,
    effects,
    expectation,
    how_many,
    key_text,
    proposed,
    reason,
    tried,
    what_failed,
    why,
)

if TYPE_CHECKING:
    from pydantic import JsonValue

SQL_LIMIT = 6_000
CELL_LIMIT = 160
KEYS, SAMPLE_ROWS, QUERIES = 20, 5, 12
#: Characters of details (queries, samples, SQL) of a whole page, before findings are told without.
DETAILS = 250_000
#: Causes that are told in full; of more, the list has a line each.
FULL = 120
_ELSEWHERE = ("fix", "path", "findings", "rule", "model")


def page(report: Report) -> Page:
    """Everything on the page. Once the details reach `DETAILS`, causes are told without queries and samples."""
    findings = worst_first(report)
    room = _Room(DETAILS)
    by_id = {finding.id: finding for finding in findings}
    causes, index = [], []
    for place, cause in enumerate(report.causes):
        own = [by_id[one] for one in cause.finding_ids if one in by_id]
        if own:
            index.append((cause.id, cause.severity, cause.title, _rows(cause, own), place < FULL))
        if own and place < FULL:
            failing = {finding.result.node for finding in own if finding.result.node}
            causes.append(_cause(cause, own, draw(cause, report.lineage, failing), room))
    told = {one for cause in report.causes for one in cause.finding_ids}
    loose = tuple(_finding(finding, room) for finding in findings if finding.id not in told)
    mark, tone, title = _verdict(report)
    return Page(
        title=title, tone=tone, mark=mark, of=_of(report), counts=_counts(report),
        index=tuple(index), causes=tuple(causes), loose=loose,
        silent=tuple((one.rule_id, about(one), reason(one)[:TEXT_LIMIT]) for one in no_verdict(report.results)),
        results=tuple(_row(result) for result in sorted(report.results, key=_by_badness)), shortened=room.refused,
    )  # fmt: skip


class _Room:
    """How many characters of details are left, and how often there was no room."""

    def __init__(self, left: int) -> None:
        self.left, self.refused = left, 0

    def takes(self, size: int) -> bool:
        if size > self.left:
            self.refused += 1
            return False
        self.left -= size
        return True


def _verdict(report: Report) -> tuple[str, str, str]:
    """Sign, tone and headline."""
    summary, silent = report.summary, not_run(report.results)
    if summary.findings:
        findings = plural(summary.findings, "finding")
        causes = f"{plural(summary.causes, 'cause')} behind {findings}" if summary.causes else findings
        return "✖", "bad", f"{causes}{f', {silent}' if silent else ''}"
    if silent:
        return "✖", "odd", f"{silent}, nothing else failed"
    if nothing_checked(report):
        return "○", "odd", "Nothing was checked"
    return "✔", "good", f"{count(summary.passed)} passed"


def _of(report: Report) -> str:
    run = report.run
    parts = [run.project, f"target {run.target}" if run.target and not built(report) else None, built(report) or None]
    return "  ·  ".join(part for part in parts if part)


def _counts(report: Report) -> tuple[tuple[str, str, str], ...]:
    """Label, number and tone, of what there is."""
    summary = report.summary
    numbers = (
        ("passed", summary.passed, "good"), ("failed", summary.failed, "bad"), ("warned", summary.warned, "warn"),
        ("could not run", summary.errors, "odd"), ("skipped", summary.skipped, "plain"),
    )  # fmt: skip
    return tuple((label, count(number), tone) for label, number, tone in numbers if number)


def _cause(cause: Cause, findings: Sequence[Finding], drawing: Drawing | None, room: _Room) -> CauseView:
    lead = findings[0]
    said = tuple(
        (label, text[:TEXT_LIMIT]) for label, text in facts(cause, findings) if text and label not in _ELSEWHERE
    )
    owner = next((finding.result.owner for finding in findings if finding.result.owner), "")
    said += (("owner", owner),) if owner else ()
    fixes = [_fix(proposal) for finding in findings for proposal in finding.proposals][:3]
    return CauseView(
        id=cause.id, title=cause.title, severity=cause.severity, by=cause.explanation_by or "",
        rows=_rows(cause, findings), facts=said,
        fixes=tuple(fixes), no_fix="" if fixes else fix(findings), drawing=drawing, charts=tuple(charts(findings)),
        findings=tuple(_finding(finding, room, bare=finding is not lead) for finding in findings),
        queries=tuple(_queries(findings, room)),
    )  # fmt: skip


def _rows(cause: Cause, findings: Sequence[Finding]) -> str:
    return next((rows for one in findings if (rows := how_many(one.result, cause.path))), "")


def _finding(finding: Finding, room: _Room, *, bare: bool = False) -> FindingView:
    """A finding; a ``bare`` one stands behind another of the same cause and shows no sample of its own."""
    result = finding.result
    label, wanted = expectation(result)
    said = (
        (label, wanted), ("why", why(finding)), ("breaks", breaks(finding.blast_radius)), ("owner", result.owner or ""),
        ("runbook", result.runbook or ""), ("rule", " in ".join(filter(None, (result.rule_id, result.path)))),
        ("raised", "" if finding.severity == finding.effective_severity else _raised(finding)),
    )  # fmt: skip
    sample = None if bare or finding.sample is None else _sample(finding, room)
    asked = result.failing_rows_sql if result.failing_rows_sql and not sample else None
    return FindingView(
        id=finding.id, title=f"{about(result)}: {what_failed(result)}", severity=finding.effective_severity,
        rows=how_many(result), facts=tuple((name, text[:TEXT_LIMIT]) for name, text in said if text),
        keys=tuple(key_text(key)[:CELL_LIMIT] for key in result.failing_keys[:KEYS]), sample=sample,
        failing=code(asked, "sql") if asked and room.takes(_size(asked)) else None,
    )  # fmt: skip


def _raised(finding: Finding) -> str:
    return f"from {finding.severity}: {'; '.join(reason.text for reason in finding.reasons)}"


def _sample(finding: Finding, room: _Room) -> SampleView | None:
    sample = finding.sample
    if sample is None or not sample.rows:
        return None
    rows = tuple(tuple(key_text(value)[:CELL_LIMIT] for value in row) for row in sample.rows[:SAMPLE_ROWS])
    size = sum(len(cell) + 9 for row in rows for cell in row) + _size(sample.query)
    return SampleView(sample.columns, rows, code(sample.query, "sql")) if room.takes(size) else None


def _queries(findings: Sequence[Finding], room: _Room) -> list[Query]:
    found = []
    for item in [item for finding in findings for item in finding.evidence][:QUERIES]:
        if room.takes(len(item.text) + _size(item.query)):
            found.append(Query(item.id, item.text[:TEXT_LIMIT], code(item.query, "sql") if item.query else None))
    return found


def _fix(proposal: Proposal) -> FixView:
    trial, language = proposal.trial, proposal.kind.language
    tone = "good" if trial.verdict is Verdict.VERIFIED else "warn" if trial.verdict is Verdict.PARTIAL else "plain"
    return FixView(
        title=proposed(proposal), tone=tone, caveat=proposal.caveat or "", below=effects(trial.below),
        tried="" if proposal.kind is ProposalKind.UPSTREAM_ACTION else tried(trial),
        code=code(proposal.sql, language) if language else None, undo=code(trial.undo, "sql") if trial.undo else None,
        figures=tuple(_figures(trial.before, trial.after)),
    )  # fmt: skip


def _figures(before: JsonValue, after: JsonValue) -> list[tuple[str, str, str]]:
    """What a trial measured, before and after."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    return [(name, _number(before.get(name)), _number(after.get(name))) for name in dict.fromkeys([*before, *after])]


def _number(value: JsonValue) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        return "" if value is None else json.dumps(value, ensure_ascii=False)[:CELL_LIMIT]
    return count(value)


def code(text: str, language: str) -> Code:
    """SQL or a diff to copy."""
    if len(text) > SQL_LIMIT:
        return Code(language, (), f"{count(len(text))} characters of {language}: see the JSON report")
    lines = diff_lines(text) if language == "diff" else sql_lines(text)
    if lines is None:
        return Code(language, (), "it has signs that a page cannot show as they are: see the JSON report")
    return Code(language, tuple(lines))


def _size(sql: str | None) -> int:
    """About how many characters of the page a query takes: one that is too long is only counted."""
    return 160 + (0 if sql is None or len(sql) > SQL_LIMIT else len(sql))


_ORDER = {status: place for place, status in enumerate(("fail", "warn", "error", "skipped", "pass"))}


def _by_badness(result: Result) -> tuple[int, int, str]:
    return _ORDER[result.status], -result.severity.rank, result.rule_id


def _row(result: Result) -> RowView:
    return RowView(
        rule=result.rule_id, status=result.status, severity=result.severity, about=about(result),
        column=result.column or "", rows=how_many(result), failed=result.rows_failed or 0,
        seconds="" if result.seconds is None else f"{max(0.0, result.seconds):.2f}",
        text="" if result.status is Status.PASS else one_line(reason(result))[:CELL_LIMIT],
    )  # fmt: skip
