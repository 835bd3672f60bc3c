"""Runs, rules and calls of models in the words of the pages; nothing here is HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from aegis.domain.results import Status
from aegis.domain.severity import Severity
from aegis.domain.text import plural
from aegis.report.html.model import Code
from aegis.report.text import lines_of
from aegis.rules.lookup import counts_rows

if TYPE_CHECKING:
    from aegis.audit.compare import Side
    from aegis.audit.models import RunRow
    from aegis.domain.results import Result

NOT_THERE = "not there"
HEIGHT = 100
_EXIT_WORDS: Mapping[int, tuple[str, str, str]] = MappingProxyType(
    {0: ("✔", "good", "passed"), 1: ("✖", "bad", "failed"), 3: ("✖", "odd", "could not run")}
)


def address(*parts: object, **query: object) -> str:
    """The path of a page with its query; what is ``None`` is left out."""
    path = "/" + "/".join(quote(str(part), safe="", errors="replace") for part in parts)
    given = {name: value for name, value in query.items() if value is not None}
    return path + (f"?{urlencode(given, errors='replace')}" if given else "")


def usd(amount: float | None) -> str:
    """Dollars; what is not known is not nothing."""
    if amount is None:
        return "unknown"
    return "under $0.0001" if 0 < amount < 0.0001 else f"${amount:,.4f}"


def when(moment: datetime) -> str:
    """To the minute, in UTC as all times of the trail."""
    return f"{moment:%Y-%m-%d %H:%M}"


def place(project: str | None, target: str | None) -> str:
    """``shop/prod``."""
    return "/".join(filter(None, (project, target))) or "no project"


def verdict(run: RunRow) -> tuple[str, str, str]:
    """Sign, tone and words for how a run ended."""
    summary = run.summary
    if summary is None:
        return "○", "odd", "did not finish"
    if summary.exit_code == 3 and not summary.errors:
        return "○", "odd", "nothing checked"
    if summary.exit_code == 0 and summary.findings:
        return "▲", "warn", "below the threshold"
    return _EXIT_WORDS.get(summary.exit_code, ("✖", "odd", f"exit code {summary.exit_code}"))


def severities(run: RunRow) -> list[tuple[Severity, int]]:
    """How many findings of each severity, the worst first."""
    by_severity = run.summary.by_severity if run.summary else {}
    return sorted(((one, n) for one, n in by_severity.items() if n), key=lambda pair: -pair[0].rank)


@dataclass(frozen=True, slots=True)
class Stack:
    """The findings of one run as parts of a bar, the worst at the bottom: tone, top and height of each."""

    run_id: str
    told: str
    parts: tuple[tuple[str, float, float], ...]


def stacks(runs: Sequence[RunRow]) -> tuple[Stack, ...]:
    """A bar for each run, oldest first, as high as its findings are of the most."""
    most = max((run.summary.findings for run in runs if run.summary), default=0)
    return tuple(_stack(run, max(most, 1)) for run in reversed(runs))


def _stack(run: RunRow, most: int) -> Stack:
    top, parts = float(HEIGHT), []
    for severity, number in severities(run):
        height = min(top, HEIGHT * number / most)
        top -= height
        parts.append((severity.value, round(top, 2), round(height, 2)))
    if not parts:
        parts.append((verdict(run)[1], HEIGHT - 4.0, 4.0))
    words = ", ".join(f"{n} {severity}" for severity, n in severities(run))
    told = f"{when(run.started_at)} UTC: {words or verdict(run)[2]}"
    return Stack(run.run_id, told, tuple(parts))


def strip_in_words(statuses: Sequence[Status | None]) -> str:
    """``3 × pass, fail, 2 × not there``, oldest first."""
    told = [(name, len(list(group))) for name, group in groupby(one or NOT_THERE for one in statuses)]
    return ", ".join(name if number == 1 else f"{number} × {name}" for name, number in told)


def rows_of(result: Result) -> str:
    """How many rows failed, where rows are counted."""
    return "" if result.rows_failed is None or not counts_rows(result) else plural(result.rows_failed, "row")


def grouped(items: Sequence[object], name: str) -> list[tuple[object, list[object]]]:
    """Items with the same value of an attribute, which stand together, in the order in which they are."""
    return [(key, list(group)) for key, group in groupby(items, key=lambda one: getattr(one, name))]


def change_of(before: Side | None, after: Side | None) -> tuple[str, str]:
    """Status and failing rows of a rule in two runs: ``fail → pass``, ``3 rows → 0 rows``."""
    sides = [side for side in (before, after) if side is not None]
    return (
        " → ".join(dict.fromkeys(side.status.value for side in sides)),
        " → ".join(dict.fromkeys(plural(side.rows_failed, "row") for side in sides if side.rows_failed is not None)),
    )


def text_block(text: str) -> Code:
    """A text of many lines as it is, signs that no page shows as escapes."""
    return Code("text", tuple(next(iter(lines_of(row)), "") for row in text.splitlines()) or ("",))
