"""When it began, by the table's own clock: failing rows start late, and chance would not have them start so late."""

from __future__ import annotations

import math

from aegis.domain.kinds import EvidenceKind
from aegis.domain.report import Evidence
from aegis.investigate.evidence.context import EvidenceContext, make_evidence
from aegis.investigate.query_budget import to_count

_CHANCE = 1e-6
_MOST_COLUMNS = 6


def onset(scene: EvidenceContext) -> list[Evidence]:
    """The first failing row, where rows before it are enough to say that none of them fails."""
    if scene.failing is None or scene.checked is None:
        return []
    times = [name for name, kind in scene.columns.items() if kind.startswith(("timestamp", "date"))]
    times = [name for name in times if name.lower() not in scene.own][:_MOST_COLUMNS]
    if not times:
        return []
    names = [scene.quoted(name) for name in times]
    first = ", ".join(f"min({name}), max({name})" for name in names)
    sql = f"select count(*), {first} from (\n{scene.failing}\n) as failing"
    row = scene.budget.ask(sql, "when failing rows begin and end", 1).rows[0]
    failing = to_count(row[0])
    begins = [row[1 + 2 * index] for index in range(len(times))]
    before = [
        f"sum(case when {name} < {_moment(scene, begin)} then 1 else 0 end)"
        for name, begin in zip(names, begins, strict=True)
        if begin is not None
    ]
    if not before or not failing:
        return []
    query = f"select count(*), {', '.join(before)} from (\n{scene.checked}\n) as checked"
    counts = scene.budget.ask(query, "rows before the first failing one", 1).rows[0]
    rows = to_count(counts[0])
    told = [(name, begin) for name, begin in zip(times, begins, strict=True) if begin is not None]
    found = []
    for (name, begin), earlier in zip(told, counts[1:], strict=True):
        clean = to_count(earlier)
        if rows > failing and clean and clean * math.log1p(-min(0.999, failing / rows)) < math.log(_CHANCE):
            found.append((clean, name, begin))
    found.sort(key=lambda one: -one[0])
    return [
        make_evidence(
            EvidenceKind.ONSET, f"since '{begin}' by {name}: none of the {clean:,} rows before fails", query,
            {"column": name, "since": str(begin), "rows_before": clean}, values=[(name, begin)],
        )
        for clean, name, begin in found[:1]
    ]  # fmt: skip


def _moment(scene: EvidenceContext, value: object) -> str:
    text = str(value)
    kind = "date" if len(text) == 10 else "timestamp"
    return f"cast({scene.literal(text)} as {kind})"
