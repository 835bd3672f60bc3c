"""Numbers of a cause as bars: what failing rows share, which values they have, since when, and in earlier runs.

The figures come from the evidence's ``data``, which a report that somebody changed may have in any form: what cannot be
drawn is left to the evidence's text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Any

from aegis.domain.kinds import EvidenceKind
from aegis.domain.past import PastVerdict
from aegis.domain.report import Evidence, Finding
from aegis.domain.results import PastResult, Status
from aegis.domain.text import count, percent, plural
from aegis.report.words import key_text

_SEGMENTS, _VALUES, _RUNS = 3, 8, 30


@dataclass(frozen=True, slots=True)
class Bar:
    """``share`` of the longest bar (0 to 1), a label before it and a number behind it; ``tone`` is a class name."""

    label: str
    share: float
    number: str
    tone: str

    @property
    def percent(self) -> int:
        """Of the room, whole, and at least one where it is not nothing."""
        share = min(1.0, self.share)
        return max(1, round(100 * share)) if share > 0 else 0


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars under a heading; ``told`` is the same in a sentence. Where they are ``upright``, they are runs in order."""

    heading: str
    told: str
    bars: tuple[Bar, ...]
    upright: bool = False


def charts(findings: Sequence[Finding]) -> list[Chart]:
    """The charts of a cause: those of its findings' evidence, each text once, then the history of its worst rule."""
    items = {item.text: item for finding in findings for item in finding.evidence}
    drawn = [
        chart
        for kind, make in _CHARTS.items()
        for chart in [make(item) for item in items.values() if item.kind is kind][: _MOST[kind]]
        if chart is not None
    ]
    known = (_history(one, one.history.verdicts) for one in findings if one.history and one.history.verdicts)
    return [*drawn, *islice(known, 1)]


def _segment(item: Evidence) -> Chart | None:
    numbers = _numbers(item.data, "failing", "failing_total", "all", "all_total")
    if numbers is None or not numbers[1] or not numbers[3]:
        return None
    failing, failing_total, everywhere, total = numbers
    bars = (
        Bar("of failing rows", failing / failing_total, percent(failing, failing_total), "bad"),
        Bar("of all rows", everywhere / total, percent(everywhere, total), "plain"),
    )
    columns = item.data.get("columns") if isinstance(item.data, dict) else None
    names = ", ".join(map(key_text, columns)) if isinstance(columns, list) else ""
    return Chart(f"What failing rows share{f': {names}' if names else ''}", item.text, bars)


def _values(item: Evidence) -> Chart | None:
    data = item.data if isinstance(item.data, dict) else {}
    values = data.get("values")
    if not isinstance(values, list):
        return None
    counted = [
        (key_text(pair[0]), pair[1])
        for pair in values
        if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[1], int) and pair[1] > 0
    ][:_VALUES]
    if len(counted) < 2:
        return None
    most = max(number for _, number in counted)
    bars = tuple(Bar(label, number / most, count(number), "bad") for label, number in counted)
    return Chart(f"Values of failing rows: {key_text(data.get('column'))}", item.text, bars)


def _onset(item: Evidence) -> Chart | None:
    data = item.data if isinstance(item.data, dict) else {}
    before, since = data.get("rows_before"), data.get("since")
    if not isinstance(before, int) or since is None:
        return None
    bars = (
        Bar(f"before {key_text(since)}", 1.0, f"{plural(before, 'row')}, none fails", "good"),
        Bar("since then", 1.0, "every failing row", "bad"),
    )
    return Chart(f"Since when: {key_text(data.get('column'))}", item.text, bars)


_CHARTS: Mapping[EvidenceKind, Callable[[Evidence], Chart | None]] = MappingProxyType(
    {EvidenceKind.ONSET: _onset, EvidenceKind.SEGMENTS: _segment, EvidenceKind.SHAPE: _values}
)
_MOST = MappingProxyType({EvidenceKind.ONSET: 1, EvidenceKind.SEGMENTS: _SEGMENTS, EvidenceKind.SHAPE: 1})


def _history(finding: Finding, past: Sequence[PastVerdict]) -> Chart:
    """What one rule gave in earlier builds and in this one."""
    verdicts = [
        (f"from {one.at:%Y-%m-%d %H:%M} UTC", one.status) for one in past for _ in range(min(one.builds, _RUNS))
    ]
    verdicts = [*verdicts[-_RUNS:], ("this build", finding.result.status)]
    bars = tuple(Bar(when, *_TONES.get(status, (0.0, status.value, "plain"))) for when, status in verdicts)
    failed = sum(status in (Status.FAIL, Status.WARN) for _, status in verdicts[:-1])
    told = f"{finding.rule_id} failed in {count(failed)} of {plural(len(verdicts) - 1, 'earlier build')}"
    return Chart(f"{finding.rule_id} in {plural(len(verdicts), 'build')}", told, bars, upright=True)


def of_past(rule_id: str, past: Sequence[PastResult]) -> Chart:
    """The same of earlier runs alone, oldest first."""
    failed = sum(one.status in (Status.FAIL, Status.WARN) for one in past)
    told = f"{rule_id} failed in {count(failed)} of {plural(len(past), 'run')}"
    return Chart(f"Failing rows in {plural(len(past), 'run')}", told, _runs([*map(_past, past)]), upright=True)


def _past(one: PastResult) -> tuple[str, Status, int | None]:
    return f"{one.at:%Y-%m-%d %H:%M} UTC", one.status, one.rows_failed


def _runs(results: Sequence[tuple[str, Status, int | None]]) -> tuple[Bar, ...]:
    """A bar for each run: when it was, what the rule gave, and how many rows failed."""
    most = max((rows for _, _, rows in results if rows), default=0)
    return tuple(_run(when, status, rows, most) for when, status, rows in results)


def _run(when: str, status: Status, rows: int | None, most: int) -> Bar:
    failed = status in (Status.FAIL, Status.WARN)
    share = rows / most if failed and rows and most else 1.0 if failed else 0.0
    number = plural(rows, "row") if failed and rows is not None else status.value
    return Bar(when, share, number, "bad" if failed else "good" if status is Status.PASS else "plain")


_TONES = MappingProxyType(
    {
        Status.PASS: (0.35, "passed", "good"), Status.FAIL: (1.0, "failed", "bad"), Status.WARN: (1.0, "warned", "bad"),
    }
)  # fmt: skip


def _numbers(data: Any, *names: str) -> Sequence[float] | None:
    values = [data.get(name) for name in names] if isinstance(data, dict) else []
    numbers = [float(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    return [max(0.0, number) for number in numbers] if len(numbers) == len(names) else None
