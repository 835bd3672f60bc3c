"""Tests as their compiled SQL tells: which rows of one table they select, as the rule that selects the same.

A singular test, or a generic test that nobody here knows, is often one SELECT with a WHERE, or a GROUP BY that looks
for duplicates. What is read here is exact; anything else is not understood.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aegis.dbt.graph.generic_tests import EquivalentRule
from aegis.dbt.graph.relations import table_key
from aegis.errors import RefusedError
from aegis.rules.types.completeness import NotNull
from aegis.rules.types.uniqueness import CompositeUnique, Unique
from aegis.rules.types.validity import SqlExpression
from aegis.sql.parse import MAX_LETTERS, one_query, printed

if TYPE_CHECKING:
    from sqlglot import exp

_CLAUSES = frozenset({"expressions", "from", "from_", "where", "with", "with_", "kind", "hint"})
_GROUPED = _CLAUSES | {"group", "having"}
_MORE = frozenset({"joins", "laterals", "pivots", "sample", "when", "version", "only"})
"""What may stand behind a table's name and make other rows of it."""
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class RowTest:
    """What a query asks: the table (`aegis.dbt.graph.relations.table_key`), and the rule."""

    relation: str
    rule: EquivalentRule
    counts_rows: bool
    """Whether the query gives one row for each that fails; else one for each group of them."""


def row_test(sql: str, dialect: str | None) -> RowTest | None:
    """The query as a rule on one table; None unless the whole of it is understood."""
    if len(sql) > MAX_LETTERS:
        return None
    try:
        found = _flat(one_query(sql.strip().rstrip(";"), dialect), {}, 0)
        return None if found is None else _rule(found, dialect)
    except RefusedError:
        return None


@dataclass(frozen=True, slots=True)
class _Flat:
    """A query over one table: the table, all conditions on its rows, and the outermost SELECT."""

    table: exp.Table
    conditions: tuple[exp.Expr, ...]
    select: exp.Select


def _flat(query: exp.Expr, outer: dict[str, exp.Expr], depth: int) -> _Flat | None:
    """Through subqueries and CTEs that only pass rows on."""
    from sqlglot import exp

    if depth > _DEEPEST or not isinstance(query, exp.Select):
        return None
    if {name for name, value in query.args.items() if value} - (_CLAUSES if depth else _GROUPED):
        return None
    known = dict(outer)
    for cte in query.ctes:
        known[cte.alias.lower()] = cte
    start = query.args.get("from_") or query.args.get("from")
    source = start.this if start is not None else None
    name = source.alias_or_name.lower() if source is not None else ""
    where = query.args.get("where")
    conditions = () if where is None else tuple(_parts(where.this))
    if not all(_of_one_row(one, name) for one in conditions):
        return None
    inner: exp.Expr | None = None
    if isinstance(source, exp.Subquery):
        inner = source
    elif isinstance(source, exp.Table) and not source.db:
        inner = known.pop(source.name.lower(), None)
    if inner is None:
        if not isinstance(source, exp.Table) or _MORE & _given(source) or source.alias_column_names:
            return None
        return _Flat(source, conditions, query)
    if source is None or _MORE & _given(source) or not _passes_on(inner):
        return None
    below = _flat(inner.this, known, depth + 1)
    return None if below is None else _Flat(below.table, (*below.conditions, *conditions), query)


def _given(tree: exp.Expr) -> set[str]:
    return {name for name, value in tree.args.items() if value}


def _passes_on(named: exp.Expr) -> bool:
    """Whether each output column of a CTE or subquery is one of its table's, by its own name."""
    from sqlglot import exp

    query = named.this
    if not isinstance(query, exp.Select) or named.alias_column_names:
        return False
    return all(
        not _given(one.this if isinstance(one, exp.Column) else one) if one.is_star else isinstance(one, exp.Column)
        for one in query.expressions
    )


def _parts(condition: exp.Expr) -> Iterator[exp.Expr]:
    """The parts that AND joins, brackets taken off."""
    from sqlglot import exp

    inner = condition.unnest()
    if isinstance(inner, exp.And):
        yield from _parts(inner.left)
        yield from _parts(inner.right)
    else:
        yield inner


def _of_one_row(condition: exp.Expr, table: str) -> bool:
    """Whether it looks at one row of the table alone."""
    from sqlglot import exp

    if condition.find(exp.Query, exp.AggFunc, exp.Window, exp.Subquery) is not None:
        return False
    return all(column.table.lower() in ("", table) and not column.db for column in condition.find_all(exp.Column))


def _rule(flat: _Flat, dialect: str | None) -> RowTest | None:
    from sqlglot import exp

    relation = table_key(flat.table)
    conditions = [_unqualified(one) for one in flat.conditions]
    if flat.select.args.get("group") is not None:
        columns = _repeated(flat.select)
        if columns is None:
            return None
        # To a GROUP BY, and to a rule on several columns, NULL is a value as any other; to a rule on one it is none.
        kept, type_ = conditions, CompositeUnique.type
        if len(columns) == 1:
            kept, type_ = [one for one in conditions if not _says_not_null(one, columns[0])], Unique.type
            if len(kept) == len(conditions):
                return None
        return RowTest(relation, EquivalentRule(type_, columns, where=_all(kept, dialect)), counts_rows=False)
    if flat.select.args.get("having") is not None or not conditions or _has_aggregate(flat.select):
        return None
    blank = [one for one in conditions if isinstance(one, exp.Is) and isinstance(one.expression, exp.Null)]
    if len(blank) == 1 and isinstance(blank[0].this, exp.Column):
        rest = [one for one in conditions if one is not blank[0]]
        rule = EquivalentRule(NotNull.type, (blank[0].this.name,), where=_all(rest, dialect))
        return RowTest(relation, rule, counts_rows=not flat.select.find(exp.UDTF))
    # A row for which the condition is NULL is not selected.
    expression = f"not coalesce({_all(conditions, dialect)}, false)"
    rule = EquivalentRule(SqlExpression.type, parameters={"expression": expression})
    return RowTest(relation, rule, counts_rows=not flat.select.find(exp.UDTF))


def _has_aggregate(select: exp.Select) -> bool:
    """Whether it gives one row, not those that it selects."""
    from sqlglot import exp

    return any(one.find(exp.AggFunc) is not None and one.find(exp.Window) is None for one in select.expressions)


def _repeated(select: exp.Select) -> tuple[str, ...] | None:
    """The columns of ``group by … having count(*) > 1``."""
    from sqlglot import exp

    grouped = select.args["group"]
    if _given(grouped) != {"expressions"}:
        return None
    named = {one.alias.lower(): one.this for one in select.expressions if isinstance(one, exp.Alias)}
    columns = []
    for one in grouped.expressions:
        if isinstance(one, exp.Literal) and one.is_int and 0 < int(one.name) <= len(select.expressions):
            one = select.expressions[int(one.name) - 1]
        if not isinstance(one, exp.Column) or one.name.lower() in named:
            return None
        columns.append(one.name)
    having = select.args.get("having")
    more = having.this.unnest() if having is not None else None
    if not isinstance(more, exp.GT | exp.GTE) or not isinstance(more.expression, exp.Literal) or not columns:
        return None
    counted = more.this
    if isinstance(counted, exp.Column):
        counted = named.get(counted.name.lower(), counted)
    least = "1" if isinstance(more, exp.GT) else "2"
    of_rows = isinstance(counted, exp.Count) and (
        isinstance(counted.this, exp.Star) or counted.this in grouped.expressions
    )
    return tuple(columns) if of_rows and more.expression.name == least else None


def _says_not_null(condition: exp.Expr, column: str) -> bool:
    from sqlglot import exp

    told = condition.this.unnest() if isinstance(condition, exp.Not) else None
    return (
        isinstance(told, exp.Is)
        and isinstance(told.expression, exp.Null)
        and isinstance(told.this, exp.Column)
        and told.this.name.lower() == column.lower()
    )


def _unqualified(condition: exp.Expr) -> exp.Expr:
    """With columns named without their table."""
    from sqlglot import exp

    def bare(node: exp.Expr) -> exp.Expr:
        return exp.Column(this=node.this.copy()) if isinstance(node, exp.Column) else node

    return condition.copy().transform(bare)


def _all(conditions: list[exp.Expr], dialect: str | None) -> str | None:
    """All of them, joined by AND; None if there is none."""
    from sqlglot import exp

    if not conditions:
        return None
    if len(conditions) == 1:
        return printed(conditions[0], dialect)
    return printed(exp.and_(*conditions), dialect)
