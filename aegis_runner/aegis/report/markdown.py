"""The report as Markdown, for a pull request or a page: what failed first, the rest folded away.

Everything that came from data stands in a code span or a fenced block, and nowhere else. There, neither CommonMark
nor GitHub nor GitLab makes anything of it: no mention, link, image, HTML, reference or emphasis. The delimiters are
made longer than any run of backticks inside, so they cannot be closed from within (CommonMark 0.31, 4.5 and 6.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aegis.domain.privacy import MASK
from aegis.domain.proposals import Proposal
from aegis.domain.report import Cause, Finding, Notice, Report
from aegis.domain.results import Result, Status
from aegis.domain.text import count, plural
from aegis.report.accounts import (
    built,
    drafts_failed,
    left_out,
    next_step,
    no_verdict,
    not_run,
    nothing_checked,
    rules_asked,
)
from aegis.report.blocks import severities
from aegis.report.causes import FACT_KINDS, fix, how_sure, origin, unseen
from aegis.report.causes import told as told_of
from aegis.report.layout import worst_first
from aegis.report.markdown_text import TEXT_LIMIT, code, fence, fenced
from aegis.report.options import Options
from aegis.report.sql import diff_lines, sql_lines
from aegis.report.text import duration, one_line, sanitize_commands
from aegis.report.words import (
    about,
    breaks,
    effects,
    expectation,
    hinted_tables,
    how_many,
    key_text,
    masking,
    reason,
    so_far,
    tried,
    usual_causes,
    what_failed,
    why,
)
from aegis.rules.lookup import rows_on_the_way

_DEFAULT = Options()
_GUIDANCE = (("Usually", usual_causes), ("Upstream", hinted_tables))
#: Findings that are told in full, and results that are listed at all, before only their number is given.
FULL = 20
LISTED = 100
#: The longest SQL and message that are quoted, in characters.
SQL_LIMIT = 4_000


def render(report: Report, options: Options = _DEFAULT) -> str:
    """``report`` as Markdown of at most ``options.limit`` characters, saying what had to be left out."""
    findings = worst_first(report)
    failed_to_run = no_verdict(report.results)
    head, foot = "\n\n".join([_title(report), *_doubts(report)]), _foot(report, options)
    full = findings if options.verbose else findings[:FULL]
    blocks = [
        *(_Block(_cause(number, cause, findings)) for number, cause in enumerate(report.causes, 1)),
        *(_Block(_notice(item)) for item in report.errors),
        *(_finding(number, finding) for number, finding in enumerate(full, 1)),
        *map(_Block, [*_rest(findings[len(full) :]), *_not_run(failed_to_run), *_accounts(report)]),
    ]
    kept = _fitting(blocks, options.limit - len(head) - len(foot) - 200)
    why_masked = masking(report, "\n".join(kept), lambda mask: mask if mask == MASK else code(mask))
    note = [f"<sub>{why_masked}</sub>"] if why_masked else []
    return sanitize_commands("\n\n".join([head, *kept, *note, foot])) + "\n"


@dataclass(frozen=True, slots=True)
class _Block:
    """A part of the text: what cannot be missed, and what may be left out where room is short."""

    text: str
    more: str = ""

    @property
    def whole(self) -> str:
        return f"{self.text}\n\n{self.more}" if self.more else self.text


def _fitting(blocks: Sequence[_Block], room: int) -> list[str]:
    """The blocks that fit ``room`` characters, shortened from where they would not, and what was left out."""
    kept: list[str] = []
    shortened = 0
    for block in blocks:
        text = block.whole if not shortened and _size(block.whole) <= room else block.text
        if _size(text) > room:
            break
        shortened += text != block.whole
        room -= _size(text)
        kept.append(text)
    left = len(blocks) - len(kept)
    gone = [f"the details of {plural(shortened, 'finding')}"] if shortened else []
    gone += [f"{plural(left, 'part')} altogether"] if left else []
    return [*kept, f"**Left out** to keep this short enough: {' and '.join(gone)}."] if gone else kept


def _size(text: str) -> int:
    """Characters, with the blank line between blocks."""
    return len(text) + 2


def _title(report: Report) -> str:
    summary = report.summary
    silent = not_run(report.results)
    errors = f", {silent}" if silent else ""
    if summary.causes:
        causes = plural(summary.causes, "cause")
        return f"### ❌ {causes} behind {plural(summary.findings, 'finding')}{errors}"
    if summary.findings:
        mark = "❌" if summary.exit_code else "⚠️"
        counted = severities(summary.by_severity)
        return f"### {mark} {plural(summary.findings, 'finding')}{f' ({counted})' if counted else ''}{errors}"
    if silent:
        return f"### 🟣 {silent}, nothing else failed"
    return "### ⚪ Nothing was checked" if nothing_checked(report) else f"### ✅ {count(summary.passed)} passed"


def _doubts(report: Report) -> list[str]:
    """Of which build this is, what makes all of it doubtful, and what to do where nothing was checked."""
    of = built(report)
    empty = [code(next_step(report))] if nothing_checked(report) and not report.findings else []
    return [*([f"Of the {code(of)}."] if of else []), *empty, *(f"⚠️ {_notice(item)}" for item in report.reservations)]


def _accounts(report: Report) -> list[str]:
    """What became of the rules that were asked for, where not all of them gave a verdict."""
    lines = [f"**{text}**" for text in [rules_asked(report)] if text]
    for group in left_out(report):
        names = ", ".join(code(name) for name in group.names())
        lines.append(f"- {group.why}: {names}{group.more()} · {code(group.text)}")
    text = drafts_failed(report)
    return ["\n".join(lines)] * bool(lines) + [text] * bool(text)


def _cause(number: int, cause: Cause, findings: Sequence[Finding]) -> str:
    """What is wrong where it began, what failing rows share, the way down, and the findings that it explains."""
    ids = frozenset(cause.finding_ids)
    own = [finding for finding in findings if finding.id in ids]
    rows = next((told for finding in own if (told := how_many(finding.result, cause.path))), "")
    lines = [" · ".join(filter(None, [f"**Cause {number}** {code(cause.title)}", cause.severity.value, rows]))]
    lines += [f"Why: {code(cause.explanation)}"] if cause.explanation else []
    lines += [f"Origin: {code(text)}" for text in [origin(cause) or _if_unsure(cause)] if text]
    lines += [f"Unseen: {code(text)}" for text in [unseen(cause)] if text]
    for label, kind in FACT_KINDS.items():
        lines += [f"{label.capitalize()}: {code(item.text.removeprefix('since '))}" for item in told_of(own, kind)[:1]]
    lines += [f"{label}: {code(text)}" for label, said in _GUIDANCE if (text := said(own))]
    if len(cause.path) > 1:
        counts = ["" if seen is None else f" {count(seen)}" for seen in map(rows_on_the_way, cause.path)]
        hops = [code(hop.table) + rows for hop, rows in zip(cause.path, counts, strict=True)]
        lines.append(f"Path: {' → '.join(hops)}")
    lines += [f"Fix: {code(text)}" for text in [fix(own)] if text]
    lines.append(f"Explains: {_explained(own) or 'nothing that is listed'}")
    return "  \n".join(lines)


def _explained(own: Sequence[Finding]) -> str:
    """The findings of a cause: one that has thousands must not take the room of all else."""
    more = [f"and {count(len(own) - LISTED)} more"] if len(own) > LISTED else []
    return ", ".join([*(code(finding.rule_id, 120) for finding in own[:LISTED]), *more])


def _notice(item: Notice) -> str:
    where = f"{code(item.where)} " if item.where else ""
    hint = f"\n{code(item.hint)}" if item.hint else ""
    return f"{'**Failed**' if item.fatal else '**Note**'} {where}{code(item.what)}{hint}"


def _finding(number: int, finding: Finding) -> _Block:
    """One finding: a line that says what is wrong, the facts, and folded away what one needs to look into it."""
    result = finding.result
    facts = [finding.effective_severity.value, how_many(result)]
    facts += ["warning"] if result.status is Status.WARN else []
    title = f"**{number} · {code(about(result))}** {what_failed(result, code)} · {' · '.join(filter(None, facts))}"
    lines = [title, *(f"{label}: {text}" for label, text in _facts(finding) if text)]
    return _Block("  \n".join(lines), "\n\n".join(_details(finding)))


def _facts(finding: Finding) -> Iterable[tuple[str, str]]:
    result = finding.result
    words = why(finding)
    yield "Why", code(words) if words else ""
    label, text = expectation(result, code)
    yield label.capitalize(), text
    for label, said in _GUIDANCE:
        text = said([finding])
        yield label, code(text) if text else ""
    yield "Raised", _raise(finding)
    yield "Failing", so_far(finding)
    yield "Breaks", breaks(finding.blast_radius, code)
    yield "Owner", code(result.owner) if result.owner else ""
    yield "Runbook", code(result.runbook) if result.runbook else ""
    yield "Rule", " in ".join(code(part) for part in (result.rule_id, result.path) if part)


def _raise(finding: Finding) -> str:
    reasons = ", ".join(code(item.text) for item in finding.reasons)
    if finding.severity == finding.effective_severity:
        return reasons
    return f"from {finding.severity}{f', because {reasons}' if reasons else ''}"


def _details(finding: Finding) -> list[str]:
    """Failing keys and rows, the SELECT, and the proposals, each only if there is one."""
    result, parts = finding.result, []
    if result.failing_keys:
        parts.append(f"Keys: {', '.join(code(key_text(key), 80) for key in result.failing_keys[:10])}")
    if finding.sample is not None and finding.sample.rows:
        table = [", ".join(finding.sample.columns), *(", ".join(map(key_text, row)) for row in finding.sample.rows)]
        parts.append(fence("\n".join(one_line(row)[:TEXT_LIMIT] for row in table)))
    if result.failing_rows_sql:
        parts.append(_sql(result.failing_rows_sql))
    folded = [_folded("Failing rows", parts)] if parts else []
    folded += [_proposal(proposal) for proposal in finding.proposals]
    return folded


def _proposal(proposal: Proposal) -> str:
    """A fix to read and to paste: what its trial gave, its text, what to think of before, and what takes it back."""
    text = code(proposal.sql) if proposal.kind.language is None else _sql(proposal.sql, proposal.kind.language)
    caveat = [code(proposal.caveat)] if proposal.caveat else []
    below = [f"Below: {code(effects(proposal.trial.below))}"] if proposal.trial.below else []
    undo = ["Undo:", _sql(proposal.trial.undo)] if proposal.trial.undo else []
    parts = [code(tried(proposal.trial)), text, *caveat, *below, *undo]
    return _folded(f"Proposed fix ({proposal.trial.verdict})", parts)


def _sql(sql: str, language: str = "sql") -> str:
    """SQL to paste: whole or not at all."""
    if len(sql) > SQL_LIMIT:
        return f"({count(len(sql))} characters of {language}: see the full report)"
    lines = diff_lines(sql) if language == "diff" else sql_lines(sql)
    if lines is None:
        return "(SQL with signs that a page cannot show as they are: see the JSON report)"
    return fenced("\n".join(lines), "" if sql.startswith(MASK) else language)


def _folded(summary: str, parts: Sequence[str]) -> str:
    """A block that opens on a click. The blank lines end the HTML, so that the parts are read as Markdown."""
    return "\n\n".join([f"<details><summary>{summary}</summary>", *parts, "</details>"])


def _rest(findings: Sequence[Finding]) -> list[str]:
    """Findings after the first ones, a line each; then only how many."""
    if not findings:
        return []
    lines = [
        f"- {finding.effective_severity} · {code(about(finding.result))} {what_failed(finding.result, code)}"
        f"{f' · {rows}' if (rows := how_many(finding.result)) else ''}"
        for finding in findings[:LISTED]
    ]
    if len(findings) > LISTED:
        lines.append(f"- and {count(len(findings) - LISTED)} more")
    return [_folded(plural(len(findings), "more finding"), ["\n".join(lines)])]


def _not_run(results: Sequence[Result]) -> list[str]:
    if not results:
        return []
    lines = [
        f"- {code(result.rule_id)} on {code(about(result))}: {code(reason(result) or 'no message was given')}"
        for result in results[:FULL]
    ]
    if len(results) > FULL:
        lines.append(f"- and {count(len(results) - FULL)} more")
    title = f"#### 🟣 {not_run(results)}\n\nNothing is known about this data."
    return ["\n\n".join([title, "\n".join(lines)])]


def _foot(report: Report, options: Options) -> str:
    run, summary = report.run, report.summary
    took = duration((run.finished_at - run.started_at).total_seconds())
    skipped = f" · {count(summary.skipped)} skipped" if summary.skipped else ""
    where = f" · report {code(options.report_path)}" if options.report_path else ""
    return (
        f"<sub>aegis {code(run.aegis_version)} · run {code(run.run_id)} · {count(summary.passed)} passed{skipped} · "
        f"model: {code(run.llm or 'none')} · {took}{where} · {run.finished_at:%Y-%m-%d %H:%M} UTC</sub>"
    )


def _if_unsure(cause: Cause) -> str:
    doubt = how_sure(cause)
    return f"{cause.table or cause.origin} ({doubt}): {cause.kind_text}" if doubt and cause.kind_text else ""
