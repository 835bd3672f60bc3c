"""Fixes that need no model: one function per kind, by the type of the rule that fails. Each is a guess to be tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aegis.investigate.query_budget import to_count
from aegis.investigate.remediate.target import failing_rows, is_text
from aegis.investigate.spelling import CLOSE, alike
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
    """A fix that was not tried yet. ``failing_only``: it changes none but rows that fail."""

    sql: str
    confidence: float
    caveat: str
    failing_only: bool = False


def drafts(target: FixTarget) -> Iterator[FixCandidate]:
    """Fixes to try, the surest first; once one is verified the rest is not needed.

    Raises:
        BudgetExceeded: No more may be asked of the warehouse.
        WarehouseError: The wrong values cannot be read.
    """
    for kind in target.fixes:
        yield from _BY_KIND[kind](target)


def _scope(target: FixTarget, word: str = "and") -> str:
    return f" {word} ({target.symptom.where})" if target.symptom.where else ""


def _row_id(target: FixTarget) -> str | None:
    """What tells equal rows apart; None where a column of the table has taken the name."""
    found = row_id(target.adapter)
    return None if found in _folded(tuple(target.columns)) else found


def _exact_copies(target: FixTarget) -> Iterator[FixCandidate]:
    """All but one of the rows that are equal in every column, where there are any among those that fail: a look is
    cheaper than a trial."""
    row = _row_id(target)
    if row is None or not _has_copies(target):
        return
    yield FixCandidate(
        f"delete from {target.relation} where {row} in (select {row} from (select {row}, row_number() over (partition "
        f"by {_every(target)} order by {row}) as aegis_number from {target.relation}{_scope(target, 'where')}) "
        "as numbered where aegis_number > 1)",
        0.95,
        "Rows that are equal in every column are one row. Load the source without them, or they come again.",
        failing_only=True,
    )


def _has_copies(target: FixTarget) -> bool:
    count = failing_rows(target)
    if count.rows_sql is None:
        return True
    several = f"select 1 from ({count.rows_sql}) as failing group by {_every(target)} having count(*) > 1"
    return bool(target.bench.budget.ask(several, "are some of the failing rows copies?", 1).rows)


def _every(target: FixTarget) -> str:
    return ", ".join(map(target.quoted, target.columns))


def _one_per_key(target: FixTarget) -> Iterator[FixCandidate]:
    """All but the latest row of a key. The rows differ: which one is right, nobody here knows."""
    row = _row_id(target)
    if row is None:
        return
    key = ", ".join(map(target.quoted, target.symptom.columns))
    latest = _time_column(target)
    order = f"{target.quoted(latest)} desc, {row} desc" if latest else row
    known = "" if target.symptom.type == CompositeUnique.type else f" and {key} is not null"
    kept = f"the latest by {latest}" if latest else "the first one"
    yield FixCandidate(
        f"delete from {target.relation} where {row} in (select {row} from (select {row}, row_number() over (partition "
        f"by {key} order by {order}) as aegis_number from {target.relation}{_scope(target, 'where')}) "
        f"as numbered where aegis_number > 1){known}",
        0.4 if latest else 0.2,
        f"The rows of a key differ, and {kept} is kept. Look at them first, and move the others aside: the undo keeps "
        "them.",
        failing_only=True,
    )


def _time_column(target: FixTarget) -> str | None:
    """A column that says which row is the newer one."""
    times = [name for name, kind in target.columns.items() if kind.startswith(("timestamp", "date"))]
    ranked = [name for word in ("updated", "modified", "loaded", "synced") for name in times if word in name.lower()]
    return ranked[0] if ranked else None


def _spelling(target: FixTarget) -> Iterator[FixCandidate]:
    """Wrong values that are accepted ones but for blanks and case; then also those that are close to one."""
    column = target.symptom.columns[0]
    accepted = [value for value in target.symptom.parameters.get("values") or () if isinstance(value, str)]
    if not accepted or target.personal(column):
        return
    sure: dict[str, str] = {}
    close: dict[str, str] = {}
    for value in _wrong_values(target):
        same = [one for one in accepted if one.strip().casefold() == value.strip().casefold()]
        near = [one for one in accepted if alike(value, one)]
        if len(same) == 1:
            sure[value] = same[0]
        elif not same and len(near) == 1:
            close[value] = near[0]
    if sure:
        yield _mapping(target, sure, 0.9, "Only blanks and case change.")
    if close:
        told = ", ".join(f"'{old}' to '{new}'" for old, new in list(close.items())[:3])
        yield _mapping(target, {**sure, **close}, 0.7, f"By spelling ({CLOSE:.0%} alike or more): {told}.")


def _mapping(target: FixTarget, meant: Mapping[str, str], confidence: float, caveat: str) -> FixCandidate:
    column = target.quoted(target.symptom.columns[0])
    ways = " ".join(f"when {target.literal(old)} then {target.literal(new)}" for old, new in meant.items())
    wrong = ", ".join(map(target.literal, meant))
    return FixCandidate(
        f"update {target.relation} set {column} = case {column} {ways} end where {column} in ({wrong}){_scope(target)}",
        confidence,
        caveat,
        failing_only=True,
    )


def _wrong_values(target: FixTarget) -> list[str]:
    """Texts of the failing rows, the most frequent first."""
    count = failing_rows(target)
    if count.rows_sql is None:
        return []
    column = target.quoted(target.symptom.columns[0])
    sql = f"select {column}, count(*) from ({count.rows_sql}) as failing group by {column} order by 2 desc, 1"
    rows = target.bench.budget.ask(sql, "the values to repair", MOST_VALUES).rows
    return [row[0] for row in rows if isinstance(row[0], str)]


def _trimmed(target: FixTarget) -> Iterator[FixCandidate]:
    """Blanks around a value, where there are any: a look is cheaper than a copy of the table."""
    column = target.quoted(target.symptom.columns[0])
    if not _is_text(target):
        return
    wrong = f"{column} <> trim({column})"
    failing = failing_rows(target).rows_sql
    among = target.relation if failing is None else f"({failing}) as failing"
    sql = f"select count(*) from {among} where {wrong}{_scope(target)}"
    [[rows]] = target.bench.budget.ask(sql, "values with blanks around them", 1).rows
    if to_count(rows):
        yield FixCandidate(
            f"update {target.relation} set {column} = trim({column}) where {wrong}{_scope(target)}",
            0.8,
            "Only blanks around values change.",
        )


def _blank_to_null(target: FixTarget) -> Iterator[FixCandidate]:
    """Where a value may be missing, a blank text is a missing one."""
    column = target.symptom.columns[0]
    required = any(
        one.type == NotNull.type and one.node == target.symptom.node and _folded(one.columns) == _folded((column,))
        for one in target.others.values()
    )
    if required or not _is_text(target):
        return
    name = target.quoted(column)
    yield FixCandidate(
        f"update {target.relation} set {name} = null where trim({name}) = ''{_scope(target)}",
        0.7,
        "No rule says that the column is never NULL; whoever reads it may think otherwise.",
    )


def _unmatched(target: FixTarget) -> Iterator[FixCandidate]:
    """Rows whose value has no partner, moved aside: the table that lacks the partners may be the one at fault."""
    reference = target.symptom.reference
    there = target.bench.manifest.find(reference.node) if reference is not None else None
    if reference is None or there is None or not there.relation_name:
        return
    column = target.quoted(target.symptom.columns[0])
    referenced = target.quoted(reference.column)
    yield FixCandidate(
        f"delete from {target.relation} where {column} is not null and {column} not in "
        f"(select {referenced} from {there.relation_name} where {referenced} is not null)"
        f"{_scope(target)}",
        0.3,
        "Move the rows aside first (the undo keeps them): the rows that they point at may only be late.",
        failing_only=True,
    )


def _without_value(target: FixTarget) -> Iterator[FixCandidate]:
    """Rows that lack a value which they must have, moved aside, if they are few: what it was, nobody here knows."""
    count = failing_rows(target)
    [[rows]] = target.bench.budget.ask(f"select count(*) from {target.relation}", "how many rows there are", 1).rows
    if count.failed is None or count.failed > MOST_MOVED * to_count(rows):
        return
    column = target.quoted(target.symptom.columns[0])
    yield FixCandidate(
        f"delete from {target.relation} where {column} is null{_scope(target)}",
        0.3,
        "Move the rows aside first (the undo keeps them), and ask their supplier for the values.",
        failing_only=True,
    )


def _is_text(target: FixTarget) -> bool:
    kinds = {name.lower(): kind for name, kind in target.columns.items()}
    kind = kinds.get(target.symptom.columns[0].lower(), "")
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
