"""The report for reading in a terminal: numbers first, worst first, one screen for a usual run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

from aegis.domain.report import Cause, Report
from aegis.domain.results import Result
from aegis.domain.text import count, plural
from aegis.report.accounts import (
    NAMED,
    built,
    drafts_failed,
    left_out,
    next_step,
    no_verdict,
    not_run,
    nothing_checked,
    rules_asked,
    verdict,
)
from aegis.report.ansi import Paint, painter
from aegis.report.blocks import INDENT, failures_to_run, finding_lines, notice, result_line, severities
from aegis.report.causes import cause_lines
from aegis.report.layout import Depth, Layout, everything, fitted, fitted_causes, worst_first
from aegis.report.options import Options
from aegis.report.text import cut, duration, one_line, sanitize_commands, width_of, wrap
from aegis.report.words import about, cost, masking, reason

#: Reasons for not running that a usual screen shows.
ERRORS_SHOWN = 3
#: Lines left for the command above and the prompt below.
PROMPT = 2
SHOW_ALL = "   -v shows all"
_DEFAULT = Options()


def render(report: Report, options: Options = _DEFAULT) -> str:
    """``report`` as text for a terminal.

    Nothing in it that came from data reaches the terminal as a control character, an escape sequence or a
    command to a continuous integration log.
    """
    paint = painter(options.color)
    width = options.columns
    head = _head(report, width, paint)
    failed_to_run = no_verdict(report.results)
    tail = [
        *_errors(failed_to_run, width, paint, options),
        *_accounts(report, width, paint, options),
        *_notices(report, width, paint),
        *(_all_results(report, width, paint) if options.verbose else ()),
        *_foot(report, width, paint, options),
    ]
    room = options.height - PROMPT - len(head) - len(tail)
    show = _causes if report.causes else _findings
    body = show(report, options, paint, room)
    note = _note(report, [*body, *tail], width, paint)
    if note:
        # It takes lines of its own.
        body = show(report, options, paint, room - len(note))
    return sanitize_commands("\n".join([*head, *body, *tail[:-1], *note, *tail[-1:]])) + "\n"


def _note(report: Report, lines: Sequence[str], width: int, paint: Paint) -> list[str]:
    """Once for all masks on the screen: why, and how to see more."""
    text = masking(report, "\n".join(lines))
    return [paint(line, "dim") for line in wrap(text, width)] if text else []


def _head(report: Report, width: int, paint: Paint) -> list[str]:
    """What ran, how much of it, what came out, and how long it took."""
    run, summary = report.run, report.summary
    engine = " ".join(filter(None, [f"dbt {run.dbt_version}" if run.dbt_version else None, run.adapter]))
    took = duration((run.finished_at - run.started_at).total_seconds())
    counts = [
        plural(summary.results, "result"),
        plural(summary.findings, "finding") if summary.findings else "no findings",
        plural(summary.causes, "cause") if summary.causes else "",
        f"{count(summary.errors)} could not run" if summary.errors else "",
    ]
    # The counts are what matters: on a narrow screen the versions go first.
    for names in ([f"aegis {run.aegis_version}", engine], [f"aegis {run.aegis_version}"], []):
        text = one_line("  ·  ".join(filter(None, [*names, *counts])))
        if width_of(text) <= width - width_of(took) - 2:
            break
    text = cut(text, width - width_of(took) - 2)
    gap = " " * (width - width_of(text) - width_of(took))
    lines = [f"{paint(text, 'bold')}{gap}{paint(took, 'dim')}"]
    lines += [paint(cut(one_line(of), width), "dim") for of in [built(report)] if of]
    doubts = [line for item in report.reservations for line in notice(item, width, paint)]
    return [*lines, *(["", *doubts] if doubts else [])]


def _accounts(report: Report, width: int, paint: Paint, options: Options) -> list[str]:
    """How many rules were asked for and what became of them, where not all of them gave a verdict."""
    lines = [line for text in [rules_asked(report)] if text for line in wrap(text, width)]
    most = None if options.verbose else NAMED
    for group in left_out(report):
        text = (
            f"{count(len(group.rule_ids))} {group.why}, {group.text}: {', '.join(group.names(most))}{group.more(most)}"
        )
        lines += [f"{' ' * 2}{line}" for line in wrap(one_line(text), width - 2)]
    lines += [line for text in [drafts_failed(report)] if text for line in wrap(text, width)]
    return ["", *lines] if lines else []


def _causes(report: Report, options: Options, paint: Paint, room: int) -> list[str]:
    """Causes, worst first, each with what it explains; then findings that none explains."""
    findings = {finding.id: finding for finding in worst_first(report)}
    explained = {
        cause.id: [findings[name] for name in cause.finding_ids if name in findings] for cause in report.causes
    }
    causes = sorted((cause for cause in report.causes if explained[cause.id]), key=lambda cause: -cause.severity.rank)

    def block(cause: Cause, depth: Depth) -> list[str]:
        own = explained[cause.id]
        return cause_lines(cause, own, depth, options.columns, paint, verbose=options.verbose)

    blocks = [block(cause, Depth.FULL) for cause in causes] if options.verbose else fitted_causes(causes, block, room)
    lines: list[str] = []
    before = 2
    for own in blocks:
        # Lines by themselves stand together.
        lines += ["", *own] if len(own) > 1 or before > 1 else own
        before = len(own)
    left = len(causes) - len(blocks)
    lines += ["", paint(f"+ {plural(left, 'more cause')}{SHOW_ALL}", "bold")] if left else []
    told = {name for cause in report.causes for name in cause.finding_ids}
    rest = [finding for name, finding in findings.items() if name not in told]
    if options.verbose:
        rest = list(findings.values())
        lines += ["", paint("All findings", "bold")]
    for finding in rest:
        own = finding_lines(
            finding, Depth.FULL if options.verbose else Depth.LINE, options.columns, paint, verbose=options.verbose
        )
        lines += ["", *own] if options.verbose else own
    return lines


def _findings(report: Report, options: Options, paint: Paint, room: int) -> list[str]:
    findings = worst_first(report)
    if not findings:
        return _nothing_failed(report, options.columns, paint)
    block = partial(finding_lines, width=options.columns, paint=paint, verbose=options.verbose)
    layout = everything(findings, block) if options.verbose else fitted(findings, block, room)
    totals = Counter(about(finding.result) for finding in findings)
    lines: list[str] = []
    for table, blocks in layout.groups.items():
        lines += ["", _table(table, totals[table], options.columns, paint)]
        for number, block_lines in enumerate(blocks):
            lines += ["", *block_lines] if options.verbose and number else block_lines
    return lines + _hidden(layout, options.columns, paint)


def _nothing_failed(report: Report, width: int, paint: Paint) -> list[str]:
    if nothing_checked(report):
        text = f"Nothing was checked: no rule and no test gave a verdict. {next_step(report)}"
        return ["", *(paint(line, "note") for line in wrap(one_line(text), width))]
    if report.summary.exit_code:
        return []
    return ["", paint("✔ Everything that ran passed.", "good")]


def _table(table: str, findings: int, width: int, paint: Paint) -> str:
    total = f"  {plural(findings, 'finding')}" if findings > 1 else ""
    return paint(cut(one_line(table), width - len(total)), "bold") + paint(total, "dim")


def _hidden(layout: Layout, width: int, paint: Paint) -> list[str]:
    if not layout.hidden:
        return []
    tables = {about(finding.result) for finding in layout.hidden}
    worst = layout.hidden[0].effective_severity
    more = f"+ {plural(len(layout.hidden), 'more finding')} in {plural(len(tables), 'table')}, {worst} at worst"
    return ["", f"{paint(cut(more, width - len(SHOW_ALL)), 'bold')}{paint(SHOW_ALL, 'dim')}"]


def _errors(results: Sequence[Result], width: int, paint: Paint, options: Options) -> list[str]:
    """What could not run, apart from the findings: it says nothing about the data."""
    if not results:
        return []
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(reason(result), []).append(result)
    shown = list(groups.values())[: None if options.verbose else ERRORS_SHOWN]
    title = cut(not_run(results), width)
    tail = cut("   nothing is known about this data", width - width_of(title))
    lines = ["", paint(title, "error") + paint(tail, "dim")]
    for group in shown:
        lines += failures_to_run(group, width, paint, verbose=options.verbose)
    left = len(results) - sum(map(len, shown))
    return [*lines, paint(f"{' ' * INDENT}+ {count(left)} more, shown by -v", "dim")] if left else lines


def _notices(report: Report, width: int, paint: Paint) -> list[str]:
    lines = [line for item in report.errors for line in notice(item, width, paint)]
    return ["", *lines] if lines else []


def _all_results(report: Report, width: int, paint: Paint) -> list[str]:
    if not report.results:
        return []
    return ["", paint("All results", "bold"), *(result_line(result, width, paint) for result in report.results)]


def _foot(report: Report, width: int, paint: Paint, options: Options) -> list[str]:
    """What passed, what the run comes to, and where to read on."""
    summary = report.summary
    counts = [f"{count(summary.passed)} passed"]
    counts += [f"{count(summary.skipped)} skipped"] if summary.skipped else []
    if summary.findings:
        counts.append(severities(summary.by_severity))
    style = "good" if summary.exit_code == 0 else "bold"
    where = [f"report: {options.report_path}"] if options.report_path else []
    totals = wrap(one_line("  ·  ".join([*counts, verdict(report)])), width)
    spent = [cost(report.usage, report.run.llm)] if report.run.llm else []
    lines = wrap(one_line("   ".join([*where, f"run {report.run.run_id}", *spent])), width)
    foot = [*(paint(line, style) for line in totals), *(paint(line, "dim") for line in lines)]
    if report.causes and not options.verbose:
        first = report.causes[0].id
        # To paste: a report from somebody's file may call its causes anything.
        steps = [f"aegis show {first}"] if options.recorded and first.isalnum() and first.isascii() else []
        foot.append(paint("next: " + "  ·  ".join([*steps, "-v shows all"]), "bold"))
    return ["", *foot]
