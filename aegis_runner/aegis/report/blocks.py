"""One finding, result or failure to run as terminal lines. Text starts in one column, labels stand before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from aegis.domain.kinds import ProposalKind
from aegis.domain.privacy import MASK
from aegis.domain.proposals import Proposal
from aegis.domain.report import Finding, Notice, Sample
from aegis.domain.results import Result, Status
from aegis.domain.severity import Level, Severity
from aegis.domain.text import plural
from aegis.report.ansi import Paint
from aegis.report.layout import Depth
from aegis.report.sql import diff_lines, sql_lines
from aegis.report.text import cut, duration, one_line, width_of, wrap
from aegis.report.words import (
    about,
    breaks,
    effects,
    expectation,
    hinted_tables,
    how_many,
    key_text,
    proposed,
    reason,
    so_far,
    tried,
    usual_causes,
    what_failed,
    why,
)

#: The column in which all text starts: a mark, the longest severity, two spaces.
INDENT = 12
#: What a finding shows in a usual run; ``-v`` shows all.
SQL_LINES = 6
SQL_LINES_BRIEF = 2
SAMPLE_ROWS = 3
KEYS = 8
#: The widest observation that stands at the right edge.
SEEN = 32

_MARKS = {Status.PASS: "✔", Status.FAIL: "●", Status.WARN: "▲", Status.ERROR: "✖", Status.SKIPPED: "○"}


_SAID_BY_CAUSE = frozenset({"breaks", "runbook", "why", "usually", "upstream"})


def headline(finding: Finding, width: int, paint: Paint) -> str:
    """What failed; how many rows at the right edge."""
    result = finding.result
    right = how_many(result) or _seen(result)
    words = what_failed(result) + softness(result.level)
    return title_line(_MARKS[result.status], finding.effective_severity, words, right, result, width, paint)


def title_line(mark: str, severity: Severity, words: str, right: str, result: Result, width: int, paint: Paint) -> str:
    """Mark, severity and words; at the right edge what was seen, or only the rows of ``result`` where room is short."""
    room = width - INDENT
    has_share = result.rows_checked is not None and how_many(result)
    if width_of(words) + width_of(right) + 2 > room and result.rows_failed and has_share:
        right = plural(result.rows_failed, "row")
    words = cut(words, room - (width_of(right) + 2 if right else 0))
    gap = " " * (room - width_of(words) - width_of(right)) if right else ""
    label = paint(f"{mark} {severity.upper():<8}", severity)
    return f"{label}  {paint(words, 'bold')}{gap}{right}"


def _seen(result: Result) -> str:
    """What was seen, where it is short and says more than a number of rows."""
    seen = one_line(result.observed or "")
    return seen if width_of(seen) <= SEEN else ""


def softness(level: Level) -> str:
    return " (draft)" if level is Level.NONE else ""


def finding_lines(
    finding: Finding, depth: Depth, width: int, paint: Paint, *, verbose: bool, under_cause: bool = False
) -> list[str]:
    """A finding at a depth: its headline, and under it what helps to act on it; under its cause, what that leaves
    out."""
    lines = [] if under_cause else [headline(finding, width, paint)]
    if depth is Depth.LINE:
        return lines
    for label, text, least in _facts(finding):
        if under_cause and label in _SAID_BY_CAUSE:
            continue
        if text and least <= depth:
            lines += labelled(label, wrap(one_line(text), width - INDENT, most=None if verbose else 3), paint)
    if finding.sample is not None and depth is Depth.FULL:
        lines += _sample(finding.sample, width, paint, None if verbose else SAMPLE_ROWS)
    if finding.result.failing_rows_sql:
        most = None if verbose else SQL_LINES if depth is Depth.FULL else SQL_LINES_BRIEF
        sql = _sql(finding.result.failing_rows_sql, width - INDENT, most)
        lines += labelled("select", sql, paint)
    if verbose and depth is Depth.FULL and (under_cause or finding.cause_id is None):
        for proposal in finding.proposals:
            lines += _proposal(proposal, width, paint)
    return lines


def _proposal(proposal: Proposal, width: int, paint: Paint) -> list[str]:
    """A fix to read and to paste: what its trial gave, its text, what to think of before, and what takes it back."""
    room = width - INDENT
    lines = ["", *labelled("fix", wrap(f"{proposed(proposal)}   {tried(proposal.trial)}", room), paint)]
    if proposal.kind is not ProposalKind.UPSTREAM_ACTION:
        text = diff_lines(proposal.sql) if proposal.kind is ProposalKind.MODEL_FIX else _sql(proposal.sql, room, None)
        lines += labelled("", text, paint)
    if proposal.caveat:
        lines += labelled("mind", wrap(one_line(proposal.caveat), room), paint)
    if below := effects(proposal.trial.below):
        lines += labelled("below", wrap(one_line(below), room), paint)
    return lines + (labelled("undo", _sql(proposal.trial.undo, room, None), paint) if proposal.trial.undo else [])


def _facts(finding: Finding) -> Iterable[tuple[str, str, Depth]]:
    """Label, text and the least depth that shows it, in the order in which they are read."""
    result = finding.result
    yield "why", why(finding), Depth.FULL
    yield *expectation(result, said="" if how_many(result) else _seen(result)), Depth.BRIEF
    yield "usually", usual_causes([finding]), Depth.BRIEF
    yield "upstream", hinted_tables([finding]), Depth.FULL
    yield "raised", _raise(finding), Depth.BRIEF
    yield "failing", so_far(finding), Depth.BRIEF
    yield "breaks", breaks(finding.blast_radius), Depth.BRIEF
    yield "keys", _keys(result), Depth.BRIEF
    warns = "warns only" if result.level is Level.WARN else ""
    named = "model" if result.status is Status.ERROR else "rule"
    yield named, "  ·  ".join(filter(None, [result.rule_id, warns, result.path])), Depth.FULL
    yield "owner", result.owner or "", Depth.FULL
    yield "runbook", result.runbook or "", Depth.FULL


def _raise(finding: Finding) -> str:
    reasons = "; ".join(item.text for item in finding.reasons)
    if finding.severity == finding.effective_severity:
        return reasons
    return f"from {finding.severity}: {reasons}" if reasons else f"from {finding.severity}"


def _keys(result: Result) -> str:
    keys = [key_text(key) for key in result.failing_keys[:KEYS]]
    more = result.rows_failed is not None and result.rows_failed > len(keys)
    if keys and set(keys) == {MASK}:
        return f"{MASK} ({plural(len(keys), 'key')})"
    return ", ".join([*keys, "…"]) if keys and more else ", ".join(keys)


def labelled(label: str, lines: list[str], paint: Paint) -> list[str]:
    """``lines`` in the text column, ``label`` before the first."""
    head = f"  {paint(f'{label:<{INDENT - 2}}', 'dim')}"
    return [f"{head if number == 0 else ' ' * INDENT}{line}" for number, line in enumerate(lines)]


def _sql(sql: str, width: int, most: int | None) -> list[str]:
    """SQL to paste: whole or not at all, for half a statement is no use."""
    lines = sql_lines(sql, width)
    if lines is None:
        return ["SQL with signs that a terminal cannot show as they are: see --json"]
    if most is not None and len(lines) > most:
        return [f"{plural(len(lines), 'line')} of SQL, shown by -v"]
    return lines


def _sample(sample: Sample, width: int, paint: Paint, most: int | None) -> list[str]:
    """Failing rows as a small table: as many columns as fit, each cell at most 24 wide."""
    rows = [[cut(_cell(value), 24) for value in row] for row in sample.rows[:most]]
    if not rows:
        return []
    head = [cut(one_line(name), 24) for name in sample.columns]
    widths = [max(map(width_of, column)) for column in zip_longest(head, *rows, fillvalue="")]
    shown, used = 0, 0
    while shown < len(widths) and used + widths[shown] <= width - INDENT - 4:
        used += widths[shown] + 2
        shown += 1
    rest = ["…"] if shown < len(widths) else []
    table = ["  ".join([*map(_padded, row, widths[:shown]), *rest]).rstrip() for row in [head, *rows]]
    return labelled("rows", [paint(table[0], "dim"), *table[1:]], paint)


def _cell(value: object) -> str:
    """A value on one line; in quotes where blanks would not be seen."""
    text = key_text(value)
    return one_line(f"'{text}'" if (isinstance(value, str) and text != text.strip()) or value == "" else text)


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - width_of(cell))


def failures_to_run(results: Sequence[Result], width: int, paint: Paint, *, verbose: bool) -> list[str]:
    """Results without a verdict that have one reason: which, about what, and why."""
    first = results[0]
    more = f", +{len(results) - 1:,}" if len(results) > 1 else ""
    names = f"  ·  {about(first)}" if first.table and first.table != first.rule_id else ""
    title = cut(one_line(first.rule_id + more + names), width - INDENT)
    style = "dim" if first.status is Status.SKIPPED else "error"
    lines = [f"{paint(f'{_MARKS[first.status]} {first.status:<8}', style)}  {title}"]
    body = wrap(one_line(reason(first) or "no message was given"), width - INDENT, most=None if verbose else 2)
    return lines + [f"{' ' * INDENT}{line}" for line in body]


def notice(item: Notice, width: int, paint: Paint) -> list[str]:
    """Something to know that is not a result, with what to do about it."""
    text = f"{item.where}: {item.what}" if item.where else item.what
    mark = paint(f"{'failed' if item.fatal else 'note':<{INDENT}}", "error" if item.fatal else "note")
    body = [line for part in (text, item.hint) if part for line in wrap(one_line(part), width - INDENT)]
    return [f"{mark if number == 0 else ' ' * INDENT}{line}" for number, line in enumerate(body)]


def result_line(result: Result, width: int, paint: Paint) -> str:
    """One result on one line, for ``-v``."""
    style = {Status.PASS: "good", Status.ERROR: "error", Status.SKIPPED: "dim"}.get(result.status, result.severity)
    mark = paint(f"{_MARKS[result.status]} {result.status:<8}", style)
    tail = how_many(result) if result.failed else _checked(result)
    took = " " * 8 if result.seconds is None else f"{_took(result.seconds):>8}"
    right = f"{tail}  {took}"
    name = cut(one_line(result.rule_id), width - INDENT - width_of(right) - 2)
    gap = " " * (width - INDENT - width_of(name) - width_of(right))
    return f"{mark}  {name}{gap}{right}".rstrip()


def _took(seconds: float) -> str:
    return f"{max(0.0, seconds):.2f} s" if seconds < 1 else duration(seconds)


def _checked(result: Result) -> str:
    return "" if result.rows_checked is None else plural(result.rows_checked, "row")


def severities(by_severity: dict[Severity, int]) -> str:
    """``2 critical, 1 low``."""
    return ", ".join(f"{by_severity[name]:,} {name}" for name in Severity if by_severity.get(name))
