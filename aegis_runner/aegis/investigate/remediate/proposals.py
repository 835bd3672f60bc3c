"""Fixes that need no model: one function per kind, by the type of the rule that fails. Each is a guess to be tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aegis.investigate.checks import CheckRunner
from aegis.investigate.query_budget import to_count
from aegis.investigate.remediate.safety import CLOSE, alike
from aegis.investigate.remediate.target import is_text
from aegis.rules.traits import FixKind
from aegis.rules.types.completeness import NotNull
from aegis.rules.types.uniqueness import CompositeUnique
from aegis.sql.row_ids import row_id

if TYPE_CHECKING:
    from aegis.investigate.remediate.target import FixTarget

MOST_VALUES = 50
"""So many different wrong values are put right by one statement, the most frequent first."""

MOST_MOVED = 0.05
"""The share of rows that are moved aside because they lack a value; more of them are no few."""


@dataclass(frozen=True, slots=True)
class FixCandidate:
    """A fix that was not tried yet."""

    sql: str
    confidence: float
    caveat: str


def drafts(case: FixTarget) -> Iterator[FixCandidate]:
    """Fixes to try, the surest first; once one is verified the rest is not needed.

    Raises:
        BudgetExceeded: No more may be asked of the warehouse.
        WarehouseError: The wrong values cannot be read.
    """
    for kind in case.fixes:
        yield from _BY_KIND[kind](case)


def _scope(case: FixTarget, word: str = "and") -> str:
    return f" {word} ({case.symptom.where})" if case.symptom.where else ""


def _row_id(case: FixTarget) -> str | None:
    """What tells equal rows apart; None where a column of the table has taken the name."""
    found = row_id(case.adapter)
    return None if found in _folded(tuple(case.columns)) else found


def _exact_copies(case: FixTarget) -> Iterator[FixCandidate]:
    """All but one of the rows that are equal in every column."""
    row = _row_id(case)
    if row is None:
        return
    every = ", ".join(map(case.quoted, case.columns))
    yield FixCandidate(
        f"delete from {case.relation} where {row} in (select {row} from (select {row}, row_number() over (partition "
        f"by {every} order by {row}) as aegis_number from {case.relation}{_scope(case, 'where')}) "
        "as numbered where aegis_number > 1)",
        0.95,
        "Rows that are equal in every column are one row. Load the source without them, or they come again.",
    )


def _one_per_key(case: FixTarget) -> Iterator[FixCandidate]:
    """All but the latest row of a key. The rows differ: which one is right, nobody here knows."""
    row = _row_id(case)
    if row is None:
        return
    key = ", ".join(map(case.quoted, case.symptom.columns))
    latest = _time_column(case)
    order = f"{case.quoted(latest)} desc, {row} desc" if latest else row
    known = "" if case.symptom.type == CompositeUnique.type else f" and {key} is not null"
    kept = f"the latest by {latest}" if latest else "the first one"
    yield FixCandidate(
        f"delete from {case.relation} where {row} in (select {row} from (select {row}, row_number() over (partition "
        f"by {key} order by {order}) as aegis_number from {case.relation}{_scope(case, 'where')}) "
        f"as numbered where aegis_number > 1){known}",
        0.4 if latest else 0.2,
        f"The rows of a key differ, and {kept} is kept. Look at them first, and move the others aside: the undo keeps "
        "them.",
    )


def _time_column(case: FixTarget) -> str | None:
    """A column that says which row is the newer one."""
    times = [name for name, kind in case.columns.items() if kind.startswith(("timestamp", "date"))]
    ranked = [name for word in ("updated", "modified", "loaded", "synced") for name in times if word in name.lower()]
    return ranked[0] if ranked else None


def _spelling(case: FixTarget) -> Iterator[FixCandidate]:
    """Wrong values that are accepted ones but for blanks and case; then also those that are close to one."""
    column = case.symptom.columns[0]
    accepted = [value for value in case.symptom.parameters.get("values") or () if isinstance(value, str)]
    if not accepted or case.personal(column):
        return
    sure: dict[str, str] = {}
    close: dict[str, str] = {}
    for value in _wrong_values(case):
        same = [one for one in accepted if one.strip().casefold() == value.strip().casefold()]
        near = [one for one in accepted if alike(value, one)]
        if len(same) == 1:
            sure[value] = same[0]
        elif not same and len(near) == 1:
            close[value] = near[0]
    if sure:
        yield _mapping(case, sure, 0.9, "Only blanks and case change.")
    if close:
        told = ", ".join(f"'{old}' to '{new}'" for old, new in list(close.items())[:3])
        yield _mapping(case, {**sure, **close}, 0.7, f"By spelling ({CLOSE:.0%} alike or more): {told}.")


def _mapping(case: FixTarget, meant: Mapping[str, str], confidence: float, caveat: str) -> FixCandidate:
    column = case.quoted(case.symptom.columns[0])
    ways = " ".join(f"when {case.literal(old)} then {case.literal(new)}" for old, new in meant.items())
    wrong = ", ".join(map(case.literal, meant))
    return FixCandidate(
        f"update {case.relation} set {column} = case {column} {ways} end where {column} in ({wrong}){_scope(case)}",
        confidence,
        caveat,
    )


def _wrong_values(case: FixTarget) -> list[str]:
    """Texts of the failing rows, the most frequent first."""
    [count] = CheckRunner(case.bench.manifest, case.bench.meter).ask([case.symptom])
    if count.rows_sql is None:
        return []
    column = case.quoted(case.symptom.columns[0])
    sql = f"select {column}, count(*) from ({count.rows_sql}) as failing group by {column} order by 2 desc, 1"
    rows = case.bench.meter.ask(sql, "the values to repair", MOST_VALUES).rows
    return [row[0] for row in rows if isinstance(row[0], str)]


def _trimmed(case: FixTarget) -> Iterator[FixCandidate]:
    """Blanks around a value, where there are any: a look is cheaper than a copy of the table."""
    column = case.quoted(case.symptom.columns[0])
    if not _is_text(case):
        return
    wrong = f"{column} <> trim({column})"
    sql = f"select count(*) from {case.relation} where {wrong}{_scope(case)}"
    [[rows]] = case.bench.meter.ask(sql, "values with blanks around them", 1).rows
    if to_count(rows):
        yield FixCandidate(
            f"update {case.relation} set {column} = trim({column}) where {wrong}{_scope(case)}",
            0.8,
            "Only blanks around values change.",
        )


def _blank_to_null(case: FixTarget) -> Iterator[FixCandidate]:
    """Where a value may be missing, a blank text is a missing one."""
    column = case.symptom.columns[0]
    required = any(
        one.type == NotNull.type and one.node == case.symptom.node and _folded(one.columns) == _folded((column,))
        for one in case.others.values()
    )
    if required or not _is_text(case):
        return
    name = case.quoted(column)
    yield FixCandidate(
        f"update {case.relation} set {name} = null where trim({name}) = ''{_scope(case)}",
        0.7,
        "No rule says that the column is never NULL; whoever reads it may think otherwise.",
    )


def _unmatched(case: FixTarget) -> Iterator[FixCandidate]:
    """Rows whose value has no partner, moved aside: the table that lacks the partners may be the one at fault."""
    reference = case.symptom.reference
    there = case.bench.manifest.find(reference.node) if reference is not None else None
    if reference is None or there is None or not there.relation_name:
        return
    column = case.quoted(case.symptom.columns[0])
    yield FixCandidate(
        f"delete from {case.relation} where {column} is not null and {column} not in (select "
        f"{case.quoted(reference.column)} from {there.relation_name} where {case.quoted(reference.column)} is not null)"
        f"{_scope(case)}",
        0.3,
        "Move the rows aside first (the undo keeps them): the rows that they point at may only be late.",
    )


def _without_value(case: FixTarget) -> Iterator[FixCandidate]:
    """Rows that lack a value which they must have, moved aside, if they are few: what it was, nobody here knows."""
    [count] = CheckRunner(case.bench.manifest, case.bench.meter).ask([case.symptom])
    [[rows]] = case.bench.meter.ask(f"select count(*) from {case.relation}", "how many rows there are", 1).rows
    if count.failed is None or count.failed > MOST_MOVED * to_count(rows):
        return
    column = case.quoted(case.symptom.columns[0])
    yield FixCandidate(
        f"delete from {case.relation} where {column} is null{_scope(case)}",
        0.3,
        "Move the rows aside first (the undo keeps them), and ask their supplier for the values.",
    )


def _is_text(case: FixTarget) -> bool:
    kinds = {name.lower(): kind for name, kind in case.columns.items()}
    kind = kinds.get(case.symptom.columns[0].lower(), "")
    return is_text(kind)


def _folded(columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(column.lower() for column in columns)


_BY_KIND: Mapping[FixKind, Callable[[FixTarget], Iterator[FixCandidate]]] = {
    FixKind.EXACT_COPIES: _exact_copies,
    FixKind.ONE_PER_KEY: _one_per_key,
    FixKind.SPELLING: _spelling,
    FixKind.TRIMMED: _trimmed,
    FixKind.WITHOUT_VALUE: _without_value,
    FixKind.BLANK_TO_NULL: _blank_to_null,
    FixKind.UNMATCHED: _unmatched,
}
