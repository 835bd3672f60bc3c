"""What failing rows have in common: values of other columns that are far more frequent among them than among all rows.

The failing rows by each column of few values, read where they are few and else grouped by the warehouse, then one scan
of sums: all rows by the values that stood out. A value, or a few values of one column together, is named if it holds
most failing rows, is rare enough otherwise, and chance would not have it so (likelihood ratio test, G = 2 Σ O ln(O/E),
one degree of freedom, corrected for the number of values looked at; Dunning, Computational Linguistics 19/1, 1993). Two
columns together are named where they say more than one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from pydantic import JsonValue

from aegis.dbt.suites.render import text_type
from aegis.domain.kinds import EvidenceKind
from aegis.domain.report import Evidence
from aegis.domain.text import percent
from aegis.investigate.evidence.context import EvidenceContext, make_evidence
from aegis.investigate.query_budget import to_count

MOST_COLUMNS = 30
MOST_VALUES = 200
"""A column with more different values among failing rows is not looked into."""
MOST_READ = 1_000
"""So many failing rows and more are grouped by the warehouse; fewer are read."""
PER_COLUMN = 8
TOGETHER = 5
"""Values of one column that are named together; more say little."""
LEAST_ROWS = 8
"""Fewer failing rows have nothing in common that chance could not give."""
LEAST_COVERAGE = 0.3
LEAST_LIFT = 1.5
CHANCE = 0.001
NAMED = 3


@dataclass(frozen=True, slots=True)
class Attribute:
    """Something that can be asked of a row: a column, or a part of one."""

    label: str
    sql: str
    column: str


_Counts = dict[Attribute, list[tuple[str | None, int]]]
"""By attribute, how many rows have which value, the most frequent first."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Rows with one of these values, among the failing ones and among all."""

    attribute: Attribute
    values: tuple[str | None, ...]
    failing: int
    all: int

    def text(self) -> str:
        shown = ["NULL" if value is None else f"'{value}'" for value in self.values]
        if len(shown) == 1:
            return (
                f"{self.attribute.label} is NULL" if self.values[0] is None else f"{self.attribute.label} = {shown[0]}"
            )
        return f"{self.attribute.label} in ({', '.join(shown)})"


def segments(scene: EvidenceContext) -> list[Evidence]:
    """The strongest segments, if there are any."""
    if scene.failing is None or scene.checked is None:
        return []
    attributes = list(_attributes(scene))[:MOST_COLUMNS]
    if not attributes:
        return []
    total, counts = _by_row(scene, attributes) or _by_value(scene, attributes)
    if total < LEAST_ROWS:
        return []
    kept = [one for one in counts if _may_stand_out([n for _, n in counts[one]], total)]
    if not kept:
        return []
    rows, singles, query = _among_all(scene, kept, counts)
    if not rows or rows <= total:
        return []
    tested = sum(len(values) for values in counts.values()) or 1
    found = [one for group in singles for one in _merged(group, total, rows) if _stands_out(one, total, rows, tested)]
    found.sort(key=lambda one: -_g(one.failing, one.all, total, rows))
    pair = _pair(scene, found[:3], total, rows)
    told = [_evidence(both, failing, of_all, total, rows, query) for both, failing, of_all in pair]
    told += [_evidence((one,), one.failing, one.all, total, rows, query) for one in found]
    return told[:NAMED]


def _attributes(scene: EvidenceContext) -> Iterable[Attribute]:
    for name, kind in scene.columns.items():
        if name.lower() in scene.own or scene.personal(name):
            continue
        column = scene.quoted(name)
        if kind.startswith(("timestamp", "datetime")):
            yield Attribute(f"the day of {name}", f"cast({column} as date)", name)
            yield Attribute(f"the hour of {name}", f"extract(hour from {column})", name)
        elif kind.startswith(("double", "float", "real", "decimal", "numeric")):
            # A measurement is no category.
            continue
        elif kind.startswith(("struct", "map", "list", "json", "blob", "array", "record")) or kind.endswith("[]"):
            continue
        else:
            yield Attribute(name, column, name)


def _of_few_values(scene: EvidenceContext, attributes: Sequence[Attribute]) -> tuple[int, list[Attribute]]:
    """How many rows fail, and the attributes of which these rows have few values."""
    counts = ", ".join(f"count(distinct {one.sql})" for one in attributes)
    sql = f"select count(*), {counts} from (\n{scene.failing}\n) as failing"
    row = scene.budget.ask(sql, "columns in which failing rows have few values", 1).rows[0]
    total = to_count(row[0])
    fits = [one for one, distinct in zip(attributes, row[1:], strict=True) if _few(to_count(distinct), total)]
    return total, fits


def _by_row(scene: EvidenceContext, attributes: Sequence[Attribute]) -> tuple[int, _Counts] | None:
    """How many rows fail, and these rows by the values of each attribute of which they have few; None where they are
    not few themselves: it costs less to read some rows than to have them grouped."""
    if (scene.finding.result.rows_failed or MOST_READ) >= MOST_READ:
        return None
    values = ", ".join(f"cast({one.sql} as {text_type(scene.budget.dialect)})" for one in attributes)
    sql = f"select {values} from (\n{scene.failing}\n) as failing"
    # Of rows that share a key, each but one fails, and all are read.
    rows = scene.budget.ask(sql, "the failing rows", 2 * MOST_READ).rows
    if len(rows) == 2 * MOST_READ:
        return None
    counts = {one: Counter(row[place] for row in rows) for place, one in enumerate(attributes)}
    few = {one: counted for one, counted in counts.items() if _few(len(counted.keys() - {None}), len(rows))}
    return len(rows), {one: _sorted([(_text(value), n) for value, n in found.items()]) for one, found in few.items()}


def _sorted(counts: Sequence[tuple[str | None, int]]) -> list[tuple[str | None, int]]:
    """The most frequent first."""
    return sorted(counts, key=lambda pair: (-pair[1], str(pair[0])))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _few(distinct: int, total: int) -> bool:
    return distinct <= MOST_VALUES and (distinct <= 3 or distinct * 3 <= total)


def _by_value(scene: EvidenceContext, attributes: Sequence[Attribute]) -> tuple[int, _Counts]:
    """As `_by_row`, by the warehouse."""
    total, attributes = _of_few_values(scene, attributes)
    if not attributes:
        return total, {}
    names = [f"a{index}" for index in range(len(attributes))]
    inner = ", ".join(f"{one.sql} as {name}" for one, name in zip(attributes, names, strict=True))
    marks = ", ".join(f"grouping({name})" for name in names)
    values = ", ".join(f"cast({name} as {text_type(scene.budget.dialect)})" for name in names)
    sets = ", ".join(f"({name})" for name in names)
    sql = (
        f"select count(*), {marks}, {values} from (select {inner} from (\n{scene.failing}\n) as failing) as parts "
        f"group by grouping sets ({sets})"
    )
    found: _Counts = {one: [] for one in attributes}
    width = len(attributes)
    for row in scene.budget.ask(sql, "failing rows by value", MOST_COLUMNS * MOST_VALUES + 100).rows:
        place = next(index for index in range(width) if not to_count(row[1 + index]))
        found[attributes[place]].append((_text(row[1 + width + place]), to_count(row[0])))
    return total, {one: _sorted(counts) for one, counts in found.items()}


def _may_stand_out(counts: Sequence[int], total: int) -> bool:
    """Whether values of one column, by how many failing rows have each, can hold enough of these rows: if not, how many
    of all rows have them need not be asked."""
    return sum(sorted(counts)[-TOGETHER:]) >= LEAST_COVERAGE * total


def _among_all(
    scene: EvidenceContext, attributes: Sequence[Attribute], counts: _Counts
) -> tuple[int, list[list[Segment]], str]:
    """How many rows there are, and each value that stood out with how many of all rows have it."""
    wanted = [(one, value, n) for one in attributes for value, n in counts[one][:PER_COLUMN]]
    sums = ["count(*)", *(f"sum(case when {_is(scene, one, value)} then 1 else 0 end)" for one, value, _ in wanted)]
    row = _counted(scene, sums)
    groups: dict[Attribute, list[Segment]] = {one: [] for one in attributes}
    for (one, value, n), whole in zip(wanted, row[1:], strict=True):
        groups[one].append(Segment(one, (value,), n, whole))
    return row[0], list(groups.values()), _of_all_rows(scene, sums)


def _of_all_rows(scene: EvidenceContext, sums: Sequence[str]) -> str:
    return f"select {', '.join(sums)} from (\n{scene.checked}\n) as checked"


def _counted(scene: EvidenceContext, sums: Sequence[str]) -> list[int]:
    """Sums of all rows. Several findings of a table ask about the same values: each is counted once."""
    counted = scene.counted.setdefault(scene.checked or "", {})
    unknown = [one for one in sums if one not in counted]
    if unknown:
        sql = _of_all_rows(scene, unknown)
        row = scene.budget.ask(sql, "all rows by the values of failing ones", 1).rows[0]
        counted |= dict(zip(unknown, map(to_count, row), strict=True))
    return [counted[one] for one in sums]


def _is(scene: EvidenceContext, attribute: Attribute, value: str | None) -> str:
    if value is None:
        return f"{attribute.sql} is null"
    return f"cast({attribute.sql} as {text_type(scene.budget.dialect)}) = {scene.literal(value)}"


def _merged(group: Sequence[Segment], total: int, rows: int) -> list[Segment]:
    """The best value of one column, or the best few together: those that fail much more often than rows do at all."""
    ranked = sorted((one for one in group if one.all), key=lambda one: -one.failing / one.all)
    often = [one for one in ranked if one.failing / one.all > 2 * total / rows] or ranked[:1]
    best: Segment | None = None
    for count in range(1, min(len(often), TOGETHER) + 1):
        chosen = sorted(often[:count], key=lambda one: (-one.failing, str(one.values[0])))
        joined = Segment(
            chosen[0].attribute,
            tuple(one.values[0] for one in chosen),
            sum(one.failing for one in chosen),
            sum(one.all for one in chosen),
        )
        if best is None or _g(joined.failing, joined.all, total, rows) > _g(best.failing, best.all, total, rows):
            best = joined
    return [best] if best is not None else []


def _stands_out(one: Segment, total: int, rows: int, tested: int) -> bool:
    coverage, share = one.failing / total, one.all / rows
    if coverage < LEAST_COVERAGE or coverage < LEAST_LIFT * share:
        return False
    return _chance(_g(one.failing, one.all, total, rows)) * tested < CHANCE


def _g(failing: int, whole: int, total: int, rows: int) -> float:
    """The likelihood ratio statistic of the table failing or not × in the segment or not; 0 if it has less than its
    share."""
    if failing * rows <= whole * total:
        return 0.0
    cells = (
        (failing, whole * total / rows),
        (total - failing, (rows - whole) * total / rows),
        (whole - failing, whole * (rows - total) / rows),
        (rows - whole - total + failing, (rows - whole) * (rows - total) / rows),
    )
    return 2 * sum(seen * math.log(seen / expected) for seen, expected in cells if seen > 0 and expected > 0)


def _chance(statistic: float) -> float:
    """The upper tail of chi squared with one degree of freedom."""
    return math.erfc(math.sqrt(max(0.0, statistic) / 2))


def _pair(
    scene: EvidenceContext, found: Sequence[Segment], total: int, rows: int
) -> list[tuple[tuple[Segment, ...], int, int]]:
    """Two columns together, where they say clearly more than the better one alone."""
    pairs = list(combinations(found, 2))
    if not pairs or found[0].failing == found[0].all:
        return []
    both = [f"({_any(scene, one)}) and ({_any(scene, other)})" for one, other in pairs]
    sums = ", ".join(f"sum(case when {condition} then 1 else 0 end)" for condition in both)
    failing = scene.budget.ask(f"select {sums} from (\n{scene.failing}\n) as failing", "pairs of columns", 1).rows[0]
    whole = scene.budget.ask(f"select {sums} from (\n{scene.checked}\n) as checked", "pairs of columns", 1).rows[0]
    alone = _g(found[0].failing, found[0].all, total, rows)
    best: tuple[float, tuple[Segment, ...], int, int] = (alone, (), 0, 0)
    for (one, other), inside, outside in zip(pairs, failing, whole, strict=True):
        n, m = to_count(inside), to_count(outside)
        statistic = _g(n, m, total, rows)
        if n / total >= LEAST_COVERAGE and statistic > 1.15 * best[0]:
            best = (statistic, (one, other), n, m)
    return [best[1:]] if best[1] else []


def _any(scene: EvidenceContext, segment: Segment) -> str:
    return " or ".join(_is(scene, segment.attribute, value) for value in segment.values)


def _evidence(what: Sequence[Segment], failing: int, whole: int, total: int, rows: int, query: str) -> Evidence:
    text = " and ".join(one.text() for one in what)
    said = (
        f"{failing:,} of {total:,} failing rows ({percent(failing, total)}) have {text}; "
        f"{percent(whole, rows)} of all rows do"
    )
    data: dict[str, JsonValue] = {
        "columns": [one.attribute.column for one in what],
        "failing": failing, "failing_total": total, "all": whole, "all_total": rows,
    }  # fmt: skip
    values = [(one.attribute.column, value) for one in what for value in one.values]
    return make_evidence(EvidenceKind.SEGMENTS, said, query, data, values=values)
