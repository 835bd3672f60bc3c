"""Which runs send a message, and what is in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from aegis.domain.choices import NotifyOn
from aegis.domain.identity import ResultKey, cause_key, result_key
from aegis.domain.notified import Told
from aegis.domain.report import Finding, Report
from aegis.domain.results import Result
from aegis.domain.severity import Level, Severity
from aegis.domain.text import plural, plural_of
from aegis.notify import text
from aegis.report import slack
from aegis.report.accounts import no_verdict
from aegis.report.changes import Changes, changes


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a user wants to hear of: which runs, from which severity on (what could not run is always told), and what
    was ``told`` a short while ago and need not be told again. ``all`` tells everything of every run."""

    on: NotifyOn = "failures"
    least: Severity = Severity.INFO
    told: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One message in both its forms: ``slack`` is the body of an incoming webhook, ``title`` and ``text`` are plain
    text in which nothing means anything. ``told`` is what it tells."""

    title: str
    text: str
    slack: str
    told: tuple[Told, ...]


def compose(report: Report, wanted: Wanted, before: Report | None = None) -> Message | None:
    """The message of a run, ``before`` being the last one of the same project and target; None where there is nothing
    to tell. Drafts fail no run and are not told, except by ``all``."""
    units = tuple(_units(report))
    if wanted.on == "all":
        return _whole(report, units, ())
    again = _explained(unit for unit in units if any(one.covers(unit) for one in wanted.told))
    if wanted.on == "change" and before is not None:
        return _changed(before, report, wanted, again, units)
    keep = _loud([report], wanted.least) - again
    shown = _narrowed(report, keep)
    if not shown.findings and not no_verdict(shown.results):
        return None
    told = tuple(unit for unit in units if keep & set(unit.findings))
    return _whole(shown, told, _left_out(report, wanted, again))


def _whole(report: Report, told: tuple[Told, ...], notes: Sequence[str]) -> Message:
    return Message(text.title(report), text.body(report, notes), slack.message(report, notes=notes), told)


def _changed(
    before: Report, after: Report, wanted: Wanted, again: frozenset[ResultKey], units: Sequence[Told]
) -> Message | None:
    """A finding that was, or is, severe enough is looked at in both reports: one that became milder is not gone."""
    keep = _loud([before, after], wanted.least) - again
    then, now = _narrowed(before, keep), _narrowed(after, keep)
    payload = slack.message_of_changes(then, now)
    if payload is None:
        return None
    found = changes(then, now)
    news = _news(found)
    told = tuple(unit for unit in units if news & set(unit.findings))
    return Message(text.title_of_changes(now, found), text.body_of_changes(now, found), payload, told)


def _news(found: Changes) -> frozenset[ResultKey]:
    findings = (*found.began, *found.worse)
    causes = {finding_id for cause in found.new_causes for finding_id in cause.finding_ids}
    of_causes = [one for one in (*findings, *found.still) if one.id in causes]
    return frozenset(map(result_key, [*(one.result for one in (*findings, *of_causes)), *found.broke]))


def _units(report: Report) -> Iterable[Told]:
    """Causes, findings without one, and what could not run; no drafts."""
    by_id = {finding.id: finding for finding in report.findings if not _is_draft(finding)}
    for cause in report.causes:
        own = tuple(result_key(by_id.pop(one).result) for one in cause.finding_ids if one in by_id)
        if own:
            yield Told(key=("cause", *cause_key(cause)), severity=cause.severity, findings=own)
    seen = set()
    for finding in by_id.values():
        key = result_key(finding.result)
        seen.add(key)
        yield Told(key=("finding", *key), severity=finding.effective_severity, findings=(key,))
    for result in no_verdict(report.results):
        key = result_key(result)
        if key not in seen:
            yield Told(key=("could not run", *key), severity=result.severity, findings=(key,))


def _is_draft(finding: Finding) -> bool:
    return finding.result.level is Level.NONE


def _explained(units: Iterable[Told]) -> frozenset[ResultKey]:
    return frozenset(key for unit in units for key in unit.findings)


def _loud(reports: Collection[Report], least: Severity) -> frozenset[ResultKey]:
    """What is severe enough in one of the reports, and what could not run in one."""
    keys: set[ResultKey] = set()
    for report in reports:
        keys |= {result_key(one) for one in no_verdict(report.results)}
        keys |= {
            result_key(one.result)
            for one in report.findings
            if one.effective_severity.rank >= least.rank and not _is_draft(one)
        }
    return frozenset(keys)


def _narrowed(report: Report, keep: frozenset[ResultKey]) -> Report:
    """The report with these findings only, and of what could not run with these results only. Results that gave a
    verdict stay: whether something is fixed is seen from them."""
    findings = tuple(one for one in report.findings if result_key(one.result) in keep and not _is_draft(one))
    ids = {one.id for one in findings}
    causes = tuple(cause for cause in report.causes if ids & set(cause.finding_ids))
    silent = set(map(_identity, no_verdict(report.results)))
    results = tuple(one for one in report.results if _identity(one) not in silent or result_key(one) in keep)
    counts = {level: sum(one.effective_severity is level for one in findings) for level in Severity}
    summary = report.summary.model_copy(
        update={"findings": len(findings), "causes": len(causes), "by_severity": counts}
    )
    return report.model_copy(update={"findings": findings, "causes": causes, "results": results, "summary": summary})


def _identity(result: Result) -> tuple[str, ResultKey]:
    return result.unique_id, result_key(result)


def _left_out(report: Report, wanted: Wanted, again: frozenset[ResultKey]) -> tuple[str, ...]:
    """One sentence each on what a message does not list."""
    keys = [result_key(one.result) for one in report.findings if not _is_draft(one)]
    mild = len(set(keys) - _loud([report], wanted.least))
    notes = [
        (mild, f"{plural(mild, 'finding')} below {wanted.least} {plural_of(mild, 'is', 'are')} not listed."),
        (
            len(again),
            f"{plural(len(again), 'check')} that {plural_of(len(again), 'was', 'were')} told before "
            f"{plural_of(len(again), 'is', 'are')} not listed again.",
        ),
    ]
    return tuple(text for number, text in notes if number)
