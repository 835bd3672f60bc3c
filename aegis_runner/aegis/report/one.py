"""One cause or finding of a report, in full, for a terminal."""

from __future__ import annotations

from aegis.domain.report import Finding, Report
from aegis.errors import UsageError
from aegis.report.ansi import Paint, painter
from aegis.report.blocks import INDENT, finding_lines, labelled
from aegis.report.causes import cause_lines
from aegis.report.layout import Depth
from aegis.report.options import Options
from aegis.report.text import cut, one_line, sanitize_commands, wrap
from aegis.report.words import masking


def render_one(report: Report, name: str, options: Options) -> str:
    """The cause (``C1``) or finding (``F1``, or its rule's id) of that name, with everything that is known of it.

    Raises:
        UsageError: The report has none.
    """
    paint, width = painter(options.color), options.columns
    cause = next((one for one in report.causes if one.id.casefold() == name.casefold()), None)
    by_id = {finding.id: finding for finding in report.findings}
    if cause is not None:
        own = [by_id[one] for one in cause.finding_ids if one in by_id]
        lines = [_head(report, width, paint), "", *cause_lines(cause, own, Depth.FULL, width, paint, verbose=True)]
        return _text(report, lines, width)
    finding = next((one for one in report.findings if name.casefold() in _names(one)), None)
    if finding is None:
        known = ", ".join([*(one.id for one in report.causes), *by_id][:20]) or "none at all"
        raise UsageError(f"run {report.run.run_id} has no cause or finding {name!r}", hint=f"It has {known}.")
    lines = [_head(report, width, paint), ""]
    lines += finding_lines(finding.model_copy(update={"cause_id": None}), Depth.FULL, width, paint, verbose=True)
    for item in finding.evidence:
        lines += labelled(one_line(item.id), wrap(one_line(item.text), width - INDENT), paint)
    return _text(report, lines, width)


def _head(report: Report, width: int, paint: Paint) -> str:
    """Which run this is of: a trail holds those of all projects."""
    run = report.run
    place = " ".join(filter(None, [run.project, f"(target {run.target})" if run.target else ""]))
    when = f"{run.started_at:%Y-%m-%d %H:%M} UTC"
    return paint(cut(one_line("  ·  ".join(filter(None, [f"run {run.run_id}", place, when]))), width), "dim")


def _names(finding: Finding) -> tuple[str, str]:
    return finding.id.casefold(), finding.rule_id.casefold()


def _text(report: Report, lines: list[str], width: int) -> str:
    note = masking(report, "\n".join(lines))
    return sanitize_commands("\n".join([*lines, *(wrap(note, width) if note else ())])) + "\n"
