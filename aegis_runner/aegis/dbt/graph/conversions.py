"""Where a query turns values of a table into another type, and which rows of that table can be turned so.

A database stops at the first value that it cannot convert. Its message tells the value, not the row; the SQL tells the
column, and a conversion that gives NULL instead of an error tells the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aegis.dbt.graph.select_parts import groups, selects

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.optimizer.scope import Scope

_DEEPEST = 50
"""Levels of queries in queries."""
_NEVER_FAIL = frozenset({"VARCHAR", "TEXT", "CHAR", "NCHAR", "NVARCHAR", "JSON", "VARIANT"})


@dataclass(frozen=True, slots=True)
class Conversion:
    """One conversion: the table whose values are converted, the columns, a condition that rows meet whose values can be
    converted (or are NULL), and which rows are converted at all."""

    node: str
    columns: tuple[str, ...]
    holds: str
    where: str | None


@dataclass(frozen=True, slots=True)
class _Filter:
    """A condition on rows, in the columns of ``node``."""

    node: str
    sql: str


@dataclass(frozen=True, slots=True)
class _Place:
    """A column of a table of the project, and the filters on the way to it."""

    node: str
    column: str
    filters: tuple[_Filter, ...]


class _Unclear(Exception):
    """The rows or the columns are not those of one table any more."""


def conversions_of(
    scope: Scope, node_of: Callable[[exp.Table], str | None], dialect: str | None
) -> Iterator[Conversion]:
    """Those of a whole query, each once. What stands in a CASE is converted under a condition, and is left out."""
    reader = _Reader(node_of, dialect)
    found: dict[Conversion, None] = {}
    for one in scope.traverse():
        for cast in _casts(one):
            try:
                found[reader.read(one, cast)] = None
            except _Unclear:
                continue
    yield from found


def _casts(scope: Scope) -> Iterator[exp.Expr]:
    from sqlglot import exp

    if not isinstance(scope.expression, exp.Select):
        return
    for cast in scope.find_all(exp.Cast, exp.StrToTime, exp.StrToDate):
        around = cast.find_ancestor(exp.Case, exp.If, exp.TryCast, exp.Select)
        if _is_safe(cast) or around is not scope.expression:
            continue
        if not isinstance(cast, exp.Cast) or cast.to.this.name not in _NEVER_FAIL:
            yield cast


def _is_safe(cast: exp.Expr) -> bool:
    """Whether it gives NULL instead of an error."""
    from sqlglot import exp

    return isinstance(cast, exp.TryCast) or bool(cast.args.get("safe"))


class _Reader:
    def __init__(self, node_of: Callable[[exp.Table], str | None], dialect: str | None) -> None:
        self._node_of = node_of
        self._dialect = dialect

    def read(self, scope: Scope, cast: exp.Expr) -> Conversion:
        """Raises _Unclear where the converted values are not those of one table."""
        from sqlglot import exp

        filtered = cast.find_ancestor(exp.Where, exp.Select)
        operand, places = self._of_table(scope, cast.this, 0, own_filter=not isinstance(filtered, exp.Where))
        filters = dict.fromkeys(one for place in places for one in place.filters)
        nodes = {place.node for place in places} | {one.node for one in filters}
        if len(nodes) != 1:
            raise _Unclear
        whole = cast.copy()
        whole.set("this", operand)
        return Conversion(
            node=nodes.pop(),
            columns=tuple(dict.fromkeys(place.column for place in places)),
            holds=f"({self._sql(operand)}) is null or {self._converts(whole)}",
            where=" and ".join(f"({one.sql})" for one in filters) or None,
        )

    def _converts(self, cast: exp.Expr) -> str:
        """That a value can be converted, in SQL that asks and does not fail."""
        from sqlglot import exp

        if self._dialect == "postgres" and isinstance(cast, exp.Cast):
            kind = self._sql(cast.to).replace("'", "''")
            return f"pg_input_is_valid(cast({self._sql(cast.this)} as text), '{kind}')"
        return f"{self._sql(_asking(cast))} is not null"

    def _of_table(
        self, scope: Scope, expression: exp.Expr, depth: int, *, own_filter: bool
    ) -> tuple[exp.Expr, list[_Place]]:
        """An expression of a scope in the columns of the table behind it, with the places of those. Conversions in it
        give NULL where they would fail: they are asked about by themselves."""
        from sqlglot import exp

        if expression.find(exp.Query, exp.Window, exp.AggFunc):
            raise _Unclear
        places = []
        holder = exp.Paren(this=expression.copy())
        for column in list(holder.find_all(exp.Column)):
            place = self._place(scope, column, depth, own_filter=own_filter)
            places.append(place)
            column.replace(exp.column(exp.to_identifier(place.column, quoted=True)))
        for cast in list(holder.find_all(exp.Cast, exp.StrToTime, exp.StrToDate)):
            cast.replace(_asking(cast))
        return holder.this, places

    def _place(self, scope: Scope, column: exp.Column, depth: int, *, own_filter: bool = True) -> _Place:
        from sqlglot import exp

        source = scope.sources.get(column.table or (next(iter(scope.sources)) if len(scope.sources) == 1 else ""))
        if source is None or depth > _DEEPEST:
            raise _Unclear
        filters = self._filters(scope, depth) if own_filter else ()
        if isinstance(source, exp.Table):
            node = self._node_of(source)
            if node is None:
                raise _Unclear
            return _Place(node, column.name, filters)
        if not isinstance(source.expression, exp.Select) or groups(source.expression):
            raise _Unclear
        made = next((one for one in selects(source.expression) if one.alias_or_name == column.name), None)
        inner = made.unalias() if made is not None else None
        if not isinstance(inner, exp.Column):
            raise _Unclear
        behind = self._place(source, inner, depth + 1)
        return _Place(behind.node, behind.column, (*behind.filters, *filters))

    def _filters(self, scope: Scope, depth: int) -> tuple[_Filter, ...]:
        """The filter of a scope in the columns of the table behind it. Joins that drop rows are filters too."""
        joins: Sequence[exp.Join] = scope.expression.args.get("joins") or ()
        where = scope.expression.args.get("where")
        if any((join.side or "").upper() != "LEFT" for join in joins):
            raise _Unclear
        if where is None:
            return ()
        condition, places = self._of_table(scope, where.this, depth + 1, own_filter=False)
        nodes = {place.node for place in places}
        if len(nodes) != 1:
            raise _Unclear
        return (*(one for place in places for one in place.filters), _Filter(nodes.pop(), self._sql(condition)))

    def _sql(self, expression: exp.Expr) -> str:
        return expression.sql(self._dialect)


def _asking(cast: exp.Expr) -> exp.Expr:
    """The conversion that gives NULL where the other fails."""
    from sqlglot import exp

    if isinstance(cast, exp.Cast):
        return exp.TryCast(this=cast.this.copy(), to=cast.to.copy())
    copy = cast.copy()
    copy.set("safe", True)
    return copy
