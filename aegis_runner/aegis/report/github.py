"""The report as GitHub Actions reads a log: workflow commands, which become annotations of the pull request.

``::error file=…,line=…,title=…::message`` (https://docs.github.com/actions/reference/workflow-commands-for-github-actions);
what a command cannot hold is escaped as GitHub's own toolkit does. A step shows ten annotations of a kind, so ten are
written: where there are more, the tenth says how many are left out. Everything from data is on its command's own line:
it can start no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aegis.domain.report import Report
from aegis.domain.results import Status
from aegis.domain.severity import Severity
from aegis.domain.text import count, plural
from aegis.report.accounts import nothing_checked
from aegis.report.items import Item, brief, items, shorten
from aegis.report.options import Options

_DEFAULT = Options()
#: Annotations of a kind that a step shows.
MOST = 10
#: The longest message and title, in characters. GitHub takes 64 KiB and 255 characters.
MESSAGE, TITLE = 2_000, 200
#: The largest summary of a step, in bytes.
SUMMARY_LIMIT = 1_048_576
_KINDS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning"}


def render(report: Report, options: Options = _DEFAULT) -> str:
    """``report`` as workflow commands, the worst first; what is left out is counted."""
    groups: dict[str, list[Item]] = {"error": [], "warning": [], "notice": []}
    for item in items(report, options):
        groups[_kind(item)].append(item)
    commands = [line for kind, group in groups.items() for line in _commands(kind, group)]
    # What makes the whole report doubtful, and a part of it that failed, stand in the log, not in somebody's file.
    notices = [*report.reservations, *(notice for notice in report.errors if notice.fatal)]
    doubts = [f"aegis: {brief(text)}" for text in (": ".join(filter(None, (n.where, n.what))) for n in notices)]
    return "\n".join([*doubts, *(commands or [_all_well(report)])]) + "\n"


def step_summary(report: Report, options: Options = _DEFAULT) -> str:
    """``report`` as Markdown for ``$GITHUB_STEP_SUMMARY``: of at most 1 MiB, which is counted in bytes."""
    from aegis.report.markdown import render as markdown

    limit = SUMMARY_LIMIT
    text = markdown(report, replace(options, limit=limit, verbose=True))
    while len(text.encode()) > SUMMARY_LIMIT:
        limit //= 2
        text = markdown(report, replace(options, limit=limit, verbose=True))
    return text


def _kind(item: Item) -> str:
    if item.draft:
        return "notice"
    if item.could_not_run:
        # It says nothing about the data, so it must not look like a small matter. A skip has its reason among these.
        return "warning" if item.result.status is Status.SKIPPED else "error"
    return _KINDS.get(item.severity, "notice")


def _commands(kind: str, group: Sequence[Item]) -> list[str]:
    shown = group if len(group) <= MOST else group[: MOST - 1]
    lines = [_command(kind, item) for item in shown]
    if left := len(group) - len(shown):
        more = f"{count(left)} more of this kind are left out: a step shows {MOST}. The report has them all."
        lines.append(f"::{kind} title=aegis::{escape_data(more)}")
    return lines


def _command(kind: str, item: Item) -> str:
    place = f"file={escape_property(item.place.file)},line={item.place.line}," if item.place.known else ""
    title = shorten(item.title if item.could_not_run else f"{item.severity} · {item.title}", TITLE)
    return f"::{kind} {place}title={escape_property(title)}::{escape_data(item.sentence(MESSAGE))}"


def _all_well(report: Report) -> str:
    if nothing_checked(report):
        return "::warning title=aegis::Nothing was checked."
    return f"::notice title=aegis::{plural(report.summary.passed, 'check')} passed."


def escape_data(text: str) -> str:
    """A message, as ``escapeData`` of the toolkit's ``command.ts``."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """A property, as ``escapeProperty`` of the toolkit's ``command.ts``."""
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")
