"""What was asked and what came back, in words that every renderer for people shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aegis.domain.report import Report
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Level
from aegis.domain.text import count, plural

#: Rules that are named of those that one reason leaves out, before only their number is given.
NAMED = 3


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rules that one reason leaves out: ``disabled``, ``deselected`` or ``deprecated``, by what, and which."""

    why: str
    text: str
    rule_ids: tuple[str, ...]

    def names(self, most: int | None = NAMED) -> list[str]:
        return list(self.rule_ids[:most])

    def more(self, most: int | None = NAMED) -> str:
        left = len(self.rule_ids) - len(self.names(most))
        return f" and {count(left)} more" if left else ""


def left_out(report: Report) -> list[LeftOut]:
    """The rules that were not to run, by reason, in the report's order."""
    groups: dict[tuple[str, str], list[str]] = {}
    for omission in report.omitted:
        groups.setdefault((omission.why, omission.text), []).append(omission.rule_id)
    return [LeftOut(why, text, tuple(ids)) for (why, text), ids in groups.items()]


def rules_asked(report: Report) -> str:
    """``20 rules: 12 checked, 2 could not run, 3 disabled``, which adds up; empty where none was left out."""
    summary = report.summary
    rules = [result for result in report.results if result.kind is ResultKind.RULE]
    answered = [result for result in rules if result.status in (Status.PASS, Status.FAIL, Status.WARN)]
    broken = [result for result in rules if result.status is Status.ERROR]
    counts = [
        (len(answered), "checked"),
        (len(broken), "could not run"),
        (len(rules) - len(answered) - len(broken), "skipped"),
        (summary.disabled, "disabled"),
        (summary.deselected, "deselected"),
        (summary.deprecated, "deprecated"),
    ]
    if not report.omitted:
        return ""
    parts = [f"{count(number)} {word}" for number, word in counts if number]
    return f"{plural(summary.rules, 'rule')}: {', '.join(parts)}"


def drafts_failed(report: Report) -> str:
    """One line about drafts that did not pass; empty where there are none."""
    failed, drafts = report.summary.drafts_failed, report.summary.drafts
    if not failed:
        return ""
    which = plural(failed, "draft") if failed == drafts else f"{count(failed)} of {plural(drafts, 'draft')}"
    return f"{which} did not pass; drafts fail no run"


def nothing_checked(report: Report) -> bool:
    """Whether no rule and no test gave a verdict on data. Reports of before do not say; then results say it."""
    summary = report.summary
    return not (summary.results if summary.checked is None else summary.checked)


def next_step(report: Report) -> str:
    """What to do where nothing was checked, as far as the report tells."""
    summary, command = report.summary, report.run.dbt_command
    if report.summary.errors or report.summary.skipped:
        return "What could not run says why below."
    if summary.deselected and command in (None, "build", "test"):
        return "The selection leaves every rule out: widen it."
    if summary.disabled:
        return "What there is to check is disabled in this target: enable it in the project's settings."
    if command not in (None, "build", "test"):
        return f"`dbt {command}` runs no tests: run `dbt build`, then analyze again."
    if summary.deprecated:
        return "Every rule is deprecated: make one active."
    return "There is no rule and no test in this run: write rules, or look at dbt's own output."


def built(report: Report) -> str:
    """Which build a report is of that looked at one that was there: ``dbt build of 2026-11-29 18:30 UTC``."""
    run = report.run
    if run.command == "run" or run.dbt_generated_at is None:
        return ""
    target = f", target {run.target}" if run.target else ""
    return f"dbt {run.dbt_command or 'run'} of {run.dbt_generated_at:%Y-%m-%d %H:%M} UTC{target}"


def no_verdict(results: Sequence[Result]) -> list[Result]:
    """What was to give a verdict and gave none, with its reason: errors, and rules that dbt skipped."""
    return [
        result
        for result in results
        if result.status is Status.ERROR
        or (result.status is Status.SKIPPED and result.kind is ResultKind.RULE and result.level is not Level.NONE)
    ]


def not_run(results: Sequence[Result]) -> str:
    """``2 could not run, 1 skipped``; empty where everything gave a verdict."""
    silent = no_verdict(results)
    skipped = sum(result.status is Status.SKIPPED for result in silent)
    counts = ((len(silent) - skipped, "could not run"), (skipped, "skipped"))
    return ", ".join(f"{count(number)} {word}" for number, word in counts if number)


def verdict(report: Report) -> str:
    """``exit 3 (could not run)``: what the run comes to, and by what."""
    summary = report.summary
    reasons = {
        1: f"fails on {summary.fail_on}",
        3: "nothing was checked" if nothing_checked(report) else "could not run",
    }
    reason = reasons.get(summary.exit_code)
    return f"exit {summary.exit_code}" + (f" ({reason})" if reason else "")
