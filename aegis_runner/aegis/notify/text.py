"""A message as plain text, for services that show it as text, as Markdown or as HTML: nothing in it means anything in
any of them.

Apprise turns plain text into what a service takes, escaping it for most. What it leaves as it is (mentions of Discord,
addresses that a client makes links of) is taken apart here: signs that can mean something are replaced by ones that
look like them. Texts are short, so that the services with the least room (2,000 characters) take them whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from aegis.domain.report import Report
from aegis.domain.text import count
from aegis.report import slack
from aegis.report.accounts import built
from aegis.report.changes import Changes
from aegis.report.items import NAME, Item, brief, items
from aegis.report.options import Options

#: Characters of a body, and of one fact.
MOST, FACT = 1_800, 200
#: Findings that are named of a cause.
NAMED = 3
_FACTS = ("origin", "seen", "path", "reason", "breaks", "owner", "runbook", "fix")
# ruff: noqa: RUF001
_HARMLESS = str.maketrans(
    {
        "@": "＠", "<": "‹", ">": "›", "&": "＆", "[": "［", "]": "］", "`": "ˋ", "*": "∗", "~": "∼", "#": "＃",
        "\\": "＼", "|": "¦",
    }
)  # fmt: skip
_WEB = re.compile(r"(?<=www)\.", re.IGNORECASE)


def title(report: Report) -> str:
    """``shop: ❌ 2 causes behind 9 findings``."""
    return _with_project(report, slack.title(report))


def title_of_changes(report: Report, found: Changes) -> str:
    """``shop: ❌ 2 new, 1 fixed``."""
    return _with_project(report, slack.title_of_changes(found))


def body(report: Report, notes: Sequence[str] = ()) -> str:
    """Every cause and finding in a few lines, as many as there is room for."""
    return _fitting(_blocks(report), [*notes, _place(report)])


def body_of_changes(report: Report, found: Changes) -> str:
    """What began to fail, what is fixed, and so on, by name."""
    lists = [_list(name, told) for name, told in slack.named(found)]
    still = [f"Still failing: {count(len(found.still))}"] if found.still else []
    return _fitting([*lists, *still], [_place(report)])


def _list(name: str, told: Sequence[str]) -> str:
    more = [f"• and {count(len(told) - slack.NAMED)} more"] if len(told) > slack.NAMED else []
    return "\n".join([f"{name}:", *(f"• {plain(one)}" for one in told[: slack.NAMED]), *more])


def plain(text: str, limit: int = FACT) -> str:
    """Text from data on one line of at most ``limit`` characters, without mentions, links and markup."""
    line = brief(text, limit).translate(_HARMLESS)
    return _WEB.sub("․", line.replace("://", ":⁄⁄"))


def _with_project(report: Report, words: str) -> str:
    return f"{plain(report.run.project, NAME)}: {words}" if report.run.project else words


def _place(report: Report) -> str:
    run = report.run
    where = f"target {run.target}" if run.target and not built(report) else ""
    return ", ".join(plain(part, NAME) for part in (built(report), where, f"run {run.run_id}") if part)


def _blocks(report: Report) -> Iterable[str]:
    found = items(report, Options())
    for notice in report.reservations:
        yield f"Note: {plain(notice.what)}"
    for cause in report.causes:
        own = [item for item in found if item.cause is not None and item.cause.id == cause.id]
        rows = next((item.rows for item in own if item.rows), "")
        names = ", ".join(plain(item.result.rule_id, NAME) for item in own[:NAMED])
        more = f" and {count(len(own) - NAMED)} more" if len(own) > NAMED else ""
        yield _block(f"{cause.severity}: {plain(cause.title)}", rows, own[:1], f"explains: {names}{more}")
    for item in found:
        if item.cause is None:
            lead = "unknown" if item.could_not_run else item.severity
            rule = "" if item.could_not_run else f"rule: {plain(item.result.rule_id, NAME)}"
            yield _block(f"{lead}: {plain(item.title)}", item.rows, [item], rule)


def _block(head: str, rows: str, told: Sequence[Item], tail: str) -> str:
    facts = [f"{label}: {plain(text)}" for item in told for label, text in item.facts() if text and label in _FACTS]
    return "\n  ".join([f"{head}: {plain(rows)}" if rows else head, *facts, *([tail] if tail else [])])


def _fitting(blocks: Iterable[str], feet: Sequence[str]) -> str:
    """As many blocks as fit before the last lines; of those that do not, their number."""
    every, foot = list(blocks), "\n".join(feet)
    room, kept = MOST - len(foot) - 60, list[str]()
    for block in every:
        room -= len(block) + 2
        if room < 0:
            break
        kept.append(block)
    left = len(every) - len(kept)
    more = [f"{count(left)} more left out to keep this short."] if left else []
    return "\n\n".join([*kept, *more, foot])
