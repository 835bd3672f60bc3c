"""In what the rows of one key differ: whether one of them is a copy, a later version, or another thing altogether."""

from __future__ import annotations

from aegis.domain.kinds import EvidenceKind
from aegis.domain.report import Evidence
from aegis.domain.text import listed, plural
from aegis.investigate.evidence.context import EvidenceContext, make_evidence
from aegis.investigate.query_budget import to_count
from aegis.rules.traits import Carry

_MOST_COLUMNS = 40
_SHOWN = 5
_NOT_COMPARED = ("struct", "map", "list", "json", "array", "record", "variant", "blob", "bytea")

_ORDERED = (
    "tinyint", "smallint", "int", "bigint", "decimal", "numeric", "double", "float", "real", "varchar", "character",
    "char", "text", "string", "date", "timestamp",
)  # fmt: skip


def differences(scene: EvidenceContext) -> list[Evidence]:
    """Of a rule about keys."""
    symptom = scene.symptom
    if symptom is None or scene.failing is None or symptom.carry is not Carry.UNIQUENESS:
        return []
    key = {column.lower() for column in symptom.columns}
    compared = [
        name for name, kind in scene.columns.items()
        if name.lower() not in key and not kind.startswith(_NOT_COMPARED) and not kind.endswith("]")
    ][:_MOST_COLUMNS]  # fmt: skip
    if not compared:
        return []
    every = len(compared) == len(scene.columns) - len(key)
    names = {name: scene.quoted(name) for name in compared}
    differs = (_differs(one, scene.columns[name]) for name, one in names.items())
    by = ", ".join(scene.quoted(column) for column in symptom.columns)
    columns = ", ".join(f"{what} as differs_{place}" for place, what in enumerate(differs))
    sums = ", ".join(f"sum(differs_{place})" for place in range(len(names)))
    whole = " + ".join(f"differs_{place}" for place in range(len(names)))
    sql = (
        f"select count(*), sum(case when {whole} = 0 then 1 else 0 end), {sums} "
        f"from (select {columns} from (\n{scene.failing}\n) as failing group by {by}) as by_key"
    )
    keys, equal, *counts = map(to_count, scene.budget.ask(sql, "in what do rows of one key differ?", 1).rows[0])
    differ_in = {name: many for name, many in zip(names, counts, strict=True) if many}
    said = _said(keys, equal, differ_in, every=every) if keys else None
    text = f"the rows of one {', '.join(symptom.columns)} {said}"
    return [make_evidence(EvidenceKind.SHAPE, text, sql)] if said is not None else []


def _differs(column: str, kind: str) -> str:
    """1 for a group of rows with two values, or a value and a NULL. Two values have a least and a greatest one, which
    costs a tenth of counting how many there are, where the type has an order in every database."""
    several = f"min({column}) <> max({column})" if kind.startswith(_ORDERED) else f"count(distinct {column}) > 1"
    return f"case when {several} or count({column}) between 1 and count(*) - 1 then 1 else 0 end"


def _said(keys: int, equal: int, differ_in: dict[str, int], *, every: bool) -> str | None:
    if not differ_in:
        return "are equal in every column" if every else None
    most = sorted(differ_in, key=lambda name: -differ_in[name])
    shown = [
        name if differ_in[name] == keys else f"{name} (of {differ_in[name]:,} of {plural(keys, 'key')})"
        for name in most[:_SHOWN]
    ]
    more = len(most) - _SHOWN
    shown += [plural(more, "other column")] if more > 0 else []
    alike = f"; those of {plural(equal, 'key')} are equal" if equal and every else ""
    return f"differ in {listed(shown)}{alike}"
