"""What a look at a bounded number of a table's rows tells: counts, ranges, and the few values of short texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from aegis.dbt.suites.columns import Execute, columns_of
from aegis.dbt.suites.render import RenderedRelation, macro, quoted

if TYPE_CHECKING:
    from pydantic import JsonValue

MOST_ROWS = 100_000
"""How many rows of a table are looked at; what is proposed is then run on all of them."""
MOST_VALUES = 12
_MOST_COLUMNS = 300
_AT_ONCE = 40
_COUNTED = frozenset({"number", "float", "text", "temporal", "boolean"})
_NUMBERS = frozenset({"number", "float"})


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column: its name, the family of its type, how many rows have a value, and how many different ones (None
    where they were not counted). ``low`` and ``high`` are of numbers, ``values`` the texts where they are few."""

    name: str
    family: str
    filled: int
    distinct: int | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableProfile:
    """``label`` is what rules call the table; ``rows`` how many were looked at."""

    label: str
    rows: int
    columns: tuple[ColumnProfile, ...]

    def column(self, name: str) -> ColumnProfile | None:
        return next((one for one in self.columns if one.name.lower() == name.lower()), None)


def profile(label: str, relation: RenderedRelation, dialect: str, execute: Execute) -> TableProfile:
    """Look at a table.

    Raises:
        WarehouseError: It is not there, or may not be read.
    """
    family = macro(dialect, "type_family")
    found = [
        (column["name"], str(family(column["type"], column.get("kind"))))
        for column in columns_of(dialect, relation, execute)[:_MOST_COLUMNS]
    ]
    rows_sql = f"(select * from {relation} limit {MOST_ROWS}) as profiled"
    rows, measured = 0, []
    for some in _some_at_once(found):
        [answer] = execute(f"select {', '.join(_measures(some, dialect))} from {rows_sql}", 1).dicts()
        values = iter(answer.values())
        rows = _count(next(values))
        measured += [_measured(name, kind, values) for name, kind in some]
    columns = [_with_values(one, rows, rows_sql, dialect, execute) for one in measured]
    return TableProfile(label, rows, tuple(columns))


def _some_at_once(columns: Sequence[tuple[str, str]]) -> Iterator[Sequence[tuple[str, str]]]:
    for start in range(0, len(columns), _AT_ONCE):
        yield columns[start : start + _AT_ONCE]


def _measures(columns: Sequence[tuple[str, str]], dialect: str) -> Iterator[str]:
    yield "count(*) as n"
    for place, (name, kind) in enumerate(columns):
        sql = quoted(dialect, name)
        yield f"count({sql}) as filled_{place}"
        if kind in _COUNTED:
            yield f"count(distinct {sql}) as distinct_{place}"
        if kind in _NUMBERS:
            yield f"min({sql}) as low_{place}, max({sql}) as high_{place}"


def _measured(name: str, kind: str, values: Iterator[JsonValue]) -> ColumnProfile:
    filled = _count(next(values))
    distinct = _count(next(values)) if kind in _COUNTED else None
    low, high = (_number(next(values)), _number(next(values))) if kind in _NUMBERS else (None, None)
    return ColumnProfile(name, kind, filled, distinct, low, high)


def _with_values(one: ColumnProfile, rows: int, rows_sql: str, dialect: str, execute: Execute) -> ColumnProfile:
    if one.family != "text" or not one.distinct or one.distinct > MOST_VALUES or rows < 2 * one.distinct:
        return one
    sql = quoted(dialect, one.name)
    answer: list[dict[str, Any]] = execute(
        f"select distinct {sql} as value from {rows_sql} where {sql} is not null", MOST_VALUES + 1
    ).dicts()
    return replace(one, values=tuple(sorted(str(row["value"]) for row in answer)))


def _count(value: JsonValue) -> int:
    return int(value) if isinstance(value, int | float | str) else 0


def _number(value: JsonValue) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
