"""The report as a Slack message (Block Kit): one message a run, a section a cause.

Slack takes 50 blocks, 3,000 characters of a text and 150 of a header (https://docs.slack.dev/reference/block-kit); it
turns down a message whose blocks have more than about 13,000 characters together, which is documented nowhere, so that
`TOTAL` are written. What does not fit is counted.

Text from data stands in code spans, with ``&``, ``<`` and ``>`` as entities and backticks replaced, and every text is
``verbatim``: no mention, link, channel or emoji survives.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from pydantic import JsonValue

from aegis.domain.report import Cause, Finding, Report
from aegis.domain.results import Result
from aegis.domain.text import count, plural
from aegis.report.accounts import built, not_run, nothing_checked
from aegis.report.causes import path_of
from aegis.report.changes import Changes, changes
from aegis.report.items import NAME, Item, brief, items, shorten
from aegis.report.options import Options
from aegis.report.words import about, what_failed

_DEFAULT = Options()
BLOCKS, TEXT, HEADER = 50, 3_000, 150
#: Characters of all blocks together, as JSON.
TOTAL = 12_000
#: The longest fact, in characters.
FACT = 300
#: Findings that are named of a cause, and of what changed.
NAMED = 5
_FACTS = (
    "why",
    "origin",
    "unseen",
    "seen",
    "path",
    "expected",
    "message",
    "reason",
    "usually",
    "breaks",
    "runbook",
    "fix",
)
_MARKS = {"critical": "🔴", "high": "🟠", "medium": "🟡", "low": "🔵", "info": "⚪"}
_Object = dict[str, JsonValue]


def render(report: Report, options: Options = _DEFAULT) -> str:
    """``report`` as the body of an incoming webhook, or of ``chat.postMessage`` beside its ``channel``."""
    return message(report, options)


def message(report: Report, options: Options = _DEFAULT, notes: Sequence[str] = ()) -> str:
    """As `render`, with sentences of our own on what the message leaves out."""
    sections = [_section(text) for text in _sections(report, options)]
    return _message(report, title(report), sections, notes)


def message_of_changes(before: Report, after: Report, options: Options = _DEFAULT) -> str | None:
    """What changed since ``before``, shortly: what is fixed, what began to fail. None where nothing changed, so that a
    notifier can stay silent."""
    found = changes(before, after)
    if not found.any:
        return None
    lines = [line for line in _changed(found) if line]
    return _message(after, title_of_changes(found), [_section("\n".join(lines))])


def _message(report: Report, title: str, sections: Sequence[_Object], notes: Sequence[str] = ()) -> str:
    run = report.run
    place = [run.project, f"target {run.target}" if run.target else None, built(report) or None, f"run {run.run_id}"]
    foot = _context(" · ".join(_code(part, NAME) for part in place if part))
    header: _Object = {"type": "header", "text": {"type": "plain_text", "text": shorten(title, HEADER), "emoji": False}}
    beside = [_context(" ".join(notes))] if notes else []
    shown = _fitting(
        sections, BLOCKS - 3 - len(beside), TOTAL - _size(header) - _size(foot) - sum(map(_size, beside)) - 200
    )
    left = len(sections) - len(shown)
    more = [_context(f"{count(left)} more are left out to keep this short enough.")] if left else []
    name = f"{_code(run.project, NAME)}: " if run.project else ""
    payload: _Object = {
        "text": f"{name}{title}",
        "blocks": [header, *shown, *more, *beside, foot],
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return json.dumps(payload, ensure_ascii=False, indent=2) + "\n"


def _fitting(sections: Sequence[_Object], most: int, room: int) -> list[_Object]:
    kept: list[_Object] = []
    for section in sections[:most]:
        room -= _size(section)
        if room < 0:
            break
        kept.append(section)
    return kept


def _size(block: _Object) -> int:
    return len(json.dumps(block, ensure_ascii=False))


def title(report: Report) -> str:
    """``❌ 2 causes behind 9 findings``."""
    summary, silent = report.summary, not_run(report.results)
    tail = f", {silent}" if silent else ""
    if summary.findings:
        findings = plural(summary.findings, "finding")
        causes = f"{plural(summary.causes, 'cause')} behind {findings}" if summary.causes else findings
        return f"{'❌' if summary.exit_code else '⚠️'} {causes}{tail}"
    if silent:
        return f"🟣 {silent}, nothing else failed"
    return "⚪ Nothing was checked" if nothing_checked(report) else f"✅ {count(summary.passed)} passed"


def _sections(report: Report, options: Options) -> Iterable[str]:
    """A text for each cause, for each finding that has none, and one for all that could not run."""
    found = items(report, options)
    for notice in report.reservations:
        yield f"⚠️ {_code(notice.what)}"
    for cause in report.causes:
        own = [item for item in found if item.cause is not None and item.cause.id == cause.id]
        yield _cause(cause, own)
    yield from (_finding(item) for item in found if item.cause is None and not item.could_not_run)
    silent = [item for item in found if item.could_not_run and item.cause is None]
    if silent:
        lines = [f"• {_code(item.title)} {_code(dict(item.facts())['reason'])}" for item in silent[:NAMED]]
        yield "\n".join(["*Nothing is known about this data*", *lines, *_more(len(silent))])


def _cause(cause: Cause, own: Sequence[Item]) -> str:
    lead = next((_entities(item.rows) for item in own if item.rows), "")
    head = " · ".join(filter(None, [f"{_MARKS[cause.severity]} *{cause.severity}*", _code(cause.title), lead]))
    names = ", ".join(_code(item.result.rule_id, NAME) for item in own[:NAMED])
    more = f" and {count(len(own) - NAMED)} more" if len(own) > NAMED else ""
    facts = _facts(own[0]) if own else [f"path: {_code(path_of(cause))}"] * bool(path_of(cause))
    return "\n".join([head, *facts, *([f"explains: {names}{more}"] if names else [])])


def _finding(item: Item) -> str:
    head = [f"{_MARKS[item.severity]} *{item.severity}*", _code(item.title), _entities(item.rows)]
    return "\n".join([" · ".join(filter(None, head)), *_facts(item), f"rule: {_code(item.result.rule_id, NAME)}"])


def _facts(item: Item) -> list[str]:
    return [f"{label}: {_code(text)}" for label, text in item.facts() if text and label in _FACTS]


def _more(number: int) -> list[str]:
    return [f"and {count(number - NAMED)} more"] if number > NAMED else []


def title_of_changes(found: Changes) -> str:
    """``❌ 2 new, 1 fixed``."""
    if found.healed:
        return f"✅ Fixed: {plural(len(found.fixed), 'finding')}, nothing else fails"
    parts = [
        f"{count(len(found.began))} new" if found.began else "",
        f"{count(len(found.worse))} worse" if found.worse else "",
        f"{count(len(found.fixed))} fixed" if found.fixed else "",
        f"{count(len(found.broke))} could not run" if found.broke else "",
        f"{count(len(found.unknown))} unknown" if found.unknown else "",
        f"{count(len(found.runs_again))} can run again" if found.runs_again else "",
    ]
    told = ", ".join(filter(None, parts)) or plural(len(found.new_causes), "new cause")
    bad = found.began or found.worse or found.new_causes
    return f"{'❌' if bad else '🟣' if found.broke or found.unknown else '✅'} {told}"


def _changed(found: Changes) -> Iterable[str]:
    yield from (_list(name, texts) for name, texts in named(found))
    yield f"Still failing: {count(len(found.still))}" if found.still else ""


def named(found: Changes) -> list[tuple[str, list[str]]]:
    """What changed, by kind: a heading, and a line of text from data for each. Kinds without any are left out."""
    lists = [
        ("Fixed causes", [cause.title for cause in found.fixed_causes]),
        ("New causes", [cause.title for cause in found.new_causes]),
        ("Fixed", [_about(finding.result) for finding in found.fixed]),
        ("Began to fail", [_about(one) for one in _results(found.began)]),
        ("Worse than before", [_about(one) for one in _results(found.worse)]),
        ("Could not run", [result.rule_id for result in found.broke]),
        ("Failed before, unknown now", [_about(one) for one in _results(found.unknown)]),
        ("Can run again", [result.rule_id for result in found.runs_again]),
    ]
    return [(name, texts) for name, texts in lists if texts]


def _results(findings: Iterable[Finding]) -> Iterable[Result]:
    return (finding.result for finding in findings)


def _about(result: Result) -> str:
    return f"{brief(about(result), NAME)}: {what_failed(result, brief)}"


def _list(title: str, told: Sequence[str]) -> str:
    lines = [f"• {_code(text)}" for text in told[:NAMED]]
    return "\n".join([f"*{title}*", *lines, *_more(len(told))])


def _section(text: str) -> _Object:
    return {"type": "section", "text": _mrkdwn(text)}


def _context(text: str) -> _Object:
    return {"type": "context", "elements": [_mrkdwn(text)]}


def _mrkdwn(text: str) -> _Object:
    """Whole lines of ``text`` that fit."""
    kept, room = [], TEXT
    for line in text.split("\n"):
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return {"type": "mrkdwn", "text": "\n".join(kept), "verbatim": True}


def _code(text: str, limit: int = FACT) -> str:
    """Text from data as a code span of at most ``limit`` signs, in which nothing means anything."""
    line = brief(text, limit).replace("`", "\N{MODIFIER LETTER GRAVE ACCENT}") or " "
    return f"`{_entities(line)}`"


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
