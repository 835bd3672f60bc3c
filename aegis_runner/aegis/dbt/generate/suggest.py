"""Rules that contracts, names, types and a profile suggest. They are guesses: each is run before anybody sees it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from aegis.dbt.artifacts.schema import Node
from aegis.dbt.generate.names import entity, key_stem, layer, words
from aegis.dbt.generate.profile import ColumnProfile, TableProfile
from aegis.rules import AcceptedValues, Between, ForeignKey, NotNull, Unique
from aegis.rules.model import Rule

LEAST_ROWS = 20
"""Fewer rows say nothing about which values there can be."""
_LONGEST_VALUE = 60

_PERCENT = frozenset({"pct", "percent", "percentage"})
_SHARE = frozenset({"rate", "ratio", "share", "proportion", "probability"})
_NEVER_NEGATIVE = frozenset({"count", "quantity", "qty", "age", "duration", "size", "weight", "length", "height"})
_SELDOM_NEGATIVE = frozenset({"amount", "price", "cost", "total", "revenue", "fee", "tax", "number"})
_GRADES = frozenset({"rating", "score", "stars", "level", "grade", "priority", "rank"})


@dataclass(frozen=True, slots=True)
class Idea:
    """A rule that may hold, and why one would think so."""

    cls: type[Rule]
    values: Mapping[str, Any]
    why: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the table: all profiles, its node, the columns (in lower case) that are promised to be
    unique, and whether a column of the table holds personal data."""

    profiles: Mapping[str, TableProfile]
    node: Node
    unique: Collection[str]
    personal: Callable[[str], bool]


def suggest(table: TableProfile, known: Known) -> Iterator[Idea]:
    """What might be asked of a table, by column."""
    for column in table.columns:
        partner = _partner(table, column, known)
        yield from _filled(table, column, known)
        yield from _unique(table, column, known, partner)
        if partner is not None:
            other, name = partner
            values = {"column": column.name, "reference_table": other.label, "reference_column": name}
            yield Idea(ForeignKey, values, f"named after {other.label}")
        if table.rows >= LEAST_ROWS and not known.personal(column.name):
            yield from _listed(column)
            yield from _bounded(column)


def _is_own_key(table: TableProfile, column: ColumnProfile) -> bool:
    stem = key_stem(column.name)
    return stem is not None and stem in ("", entity(table.label))


def _filled(table: TableProfile, column: ColumnProfile, known: Known) -> Iterator[Idea]:
    if _constrained(known.node, column.name):
        yield Idea(NotNull, {"column": column.name}, "its contract says so")
    elif _is_own_key(table, column) and table.rows:
        yield Idea(NotNull, {"column": column.name}, "named like the table's key")
    elif key_stem(column.name) is not None and column.filled == table.rows > 0:
        yield Idea(NotNull, {"column": column.name}, f"named like a key, no NULL in {table.rows:,} rows")


def _constrained(node: Node, column: str) -> bool:
    kinds = {"not_null", "primary_key"}
    declared = [one for one in (node.columns or {}).values() if (one.name or "").lower() == column.lower()]
    return any(constraint.type in kinds for one in declared for constraint in one.constraints or ())


def _unique(
    table: TableProfile, column: ColumnProfile, known: Known, partner: tuple[TableProfile, str] | None
) -> Iterator[Idea]:
    if column.name.lower() in known.unique:
        yield Idea(Unique, {"column": column.name}, "the project promises it")
    elif _is_own_key(table, column) and table.rows:
        yield Idea(Unique, {"column": column.name}, "named like the table's key")
    elif partner is None and key_stem(column.name) and column.distinct == table.rows >= LEAST_ROWS:
        yield Idea(Unique, {"column": column.name}, f"named like a key, no duplicate in {table.rows:,} rows")


def _partner(table: TableProfile, column: ColumnProfile, known: Known) -> tuple[TableProfile, str] | None:
    """The table that ``x_id`` points at: the one about x, of the same layer if there are several."""
    stem = key_stem(column.name)
    if not stem or _is_own_key(table, column):
        return None
    found = []
    for other in known.profiles.values():
        if other.label == table.label or entity(other.label) != stem:
            continue
        there = [other.column(name) for name in (column.name, "id")]
        names = [one.name for one in there if one is not None and one.family == column.family]
        if names:
            found.append((other, names[0]))
    same = layer(table.label)
    found.sort(key=lambda one: (layer(one[0].label) != same, layer(one[0].label) != "dim", one[0].label))
    return found[0] if found else None


def _listed(column: ColumnProfile) -> Iterator[Idea]:
    few = column.values and column.filled >= 5 * len(column.values) and key_stem(column.name) is None
    if few and all(value.strip() and len(value) <= _LONGEST_VALUE for value in column.values):
        why = f"{len(column.values)} values in {column.filled:,} rows"
        yield Idea(AcceptedValues, {"column": column.name, "values": list(column.values)}, why)


def _bounded(column: ColumnProfile) -> Iterator[Idea]:
    low, high, named = column.low, column.high, words(column.name)
    if low is None or high is None or key_stem(column.name) is not None:
        return
    span: dict[str, Any] = {}
    if named & _PERCENT or named & _SHARE:
        span = {"min_value": 0, "max_value": 1 if high <= 1 or (named & _SHARE and high <= 2) else 100}
        if named & _SHARE and not 0 <= high <= 100:
            return
    elif named & _GRADES and (column.distinct or 0) <= 12 and low >= 0 and low < high:
        span = {"min_value": _plain(low), "max_value": _plain(high)}
    elif named & _NEVER_NEGATIVE or (named & _SELDOM_NEGATIVE and low >= 0):
        span = {"min_value": 0}
    if span:
        yield Idea(Between, {"column": column.name, **span}, f"by its name, and {_told(low)} to {_told(high)} so far")


def _plain(number: Decimal) -> int | Decimal:
    return int(number) if number == number.to_integral_value() else number


def _told(number: Decimal) -> str:
    return f"{_plain(number):,}"
