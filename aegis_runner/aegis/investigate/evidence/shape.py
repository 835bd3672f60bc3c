"""The wrong values themselves: how many different ones, the most frequent, what they look like, what was meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from pydantic import JsonValue

from aegis.domain.kinds import EvidenceKind
from aegis.domain.report import Evidence
from aegis.domain.text import percent
from aegis.investigate.evidence.context import EvidenceContext, make_evidence
from aegis.investigate.query_budget import to_count

SHOWN = 5
_LOOKED_AT = 50


def shape(scene: EvidenceContext) -> list[Evidence]:
    """Of a rule on one column."""
    symptom = scene.symptom
    if symptom is None or scene.failing is None or len(symptom.columns) != 1:
        return []
    if symptom.traits is None or symptom.traits.uniform:
        return []
    column = scene.quoted(symptom.columns[0])
    sql = (
        f"select {column}, count(*), count(*) over (), sum(count(*)) over () from (\n{scene.failing}\n) as failing "
        f"group by {column} order by 2 desc, 1"
    )
    rows = scene.budget.ask(sql, "the wrong values", _LOOKED_AT).rows
    if not rows:
        return []
    values = [(row[0], to_count(row[1])) for row in rows]
    distinct, total = to_count(rows[0][2]), to_count(rows[0][3])
    top = values[:SHOWN]
    covered = sum(count for _, count in top)
    shown = ", ".join(f"{_shown(value)} {count:,}×" for value, count in top)
    many = f"{distinct:,} different values" if distinct > 1 else "one value"
    rest = f" ({percent(covered, total)} of them)" if distinct > len(top) else ""
    name = symptom.columns[0]
    data: dict[str, JsonValue] = {
        "column": name, "distinct": distinct, "values": [[value, count] for value, count in values[:20]],
    }  # fmt: skip
    text = f"the failing rows have {many} in {name}: {shown}{rest}"
    told = [make_evidence(EvidenceKind.SHAPE, text, sql, data, values=[(name, value) for value, _ in top])]
    patterns = {_pattern(value) for value, _ in values if isinstance(value, str)}
    if len(values) > 2 and len(patterns) == 1:
        told.append(make_evidence(EvidenceKind.SHAPE, f"all look like {patterns.pop()}", sql))
    told += _near_misses(scene, name, values, sql)
    return told


def _near_misses(
    scene: EvidenceContext, name: str, values: Sequence[tuple[JsonValue, int]], sql: str
) -> list[Evidence]:
    accepted = scene.symptom.parameters.get("values") if scene.symptom else None
    if not isinstance(accepted, list):
        return []
    known = {str(value).strip().casefold(): str(value) for value in accepted}
    meant = []
    for value, count in values[:20]:
        text = str(value).strip().casefold()
        near = [text] if text in known else get_close_matches(text, list(known), n=1, cutoff=0.75)
        if near:
            meant.append((str(value), known[near[0]], count))
    return [
        make_evidence(
            EvidenceKind.SHAPE,
            f"'{wrong}' ({count:,}×) is close to '{right}'",
            sql,
            {"wrong": wrong, "meant": right, "rows": count},
        )
        for wrong, right, count in meant[:SHOWN]
    ]


def _shown(value: object) -> str:
    """Every value in apostrophes: so the redactor finds it."""
    return "NULL" if value is None else f"'{value}'"


def _pattern(value: str) -> str:
    """Letters as A or a, digits as 9, runs once: ``N725MQ`` is A9A."""
    masked = re.sub(r"[A-Z]+", "A", re.sub(r"[a-z]+", "a", re.sub(r"\d+", "9", value)))
    return masked[:40] or "nothing at all"
