"""Parts of a SELECT that lineage looks at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp


def reads_outside(table: exp.Table) -> bool:
    """Whether what stands in FROM holds data of its own: a table, a file or another database; a function such as
    ``generate_series`` makes its rows."""
    from sqlglot import exp

    if isinstance(table.this, exp.Identifier):
        return True
    name = table.this.name if isinstance(table.this, exp.Anonymous) else table.this.key
    return name.lower().replace("_", "").startswith("read") or "scan" in name.lower()


def has_star(expression: exp.Expr) -> bool:
    """Whether a query has a ``*`` whose columns are not known."""
    return any(select.is_star for select in selects(expression))


def selects(expression: exp.Expr) -> list[exp.Expr]:
    """The output columns of a query."""
    from sqlglot import exp

    return list(expression.selects) if isinstance(expression, exp.Query) else []


def bare(select: exp.Expr) -> exp.Expr:
    """An output column without its name, brackets and casts."""
    from sqlglot import exp

    while isinstance(select, exp.Alias | exp.Paren | exp.Cast):
        select = select.this
    return select


def is_uniform(expression: exp.Expr) -> bool:
    """Whether it is the same arithmetic for every row, of numbers or dates, or the same letter case, no blanks around,
    NULL for one value, the least or greatest of a group: if it is wrong, it is wrong for all. Anything else, as a
    condition or a function of parts of texts, may touch a few rows alone."""
    from sqlglot import exp

    alike = (
        exp.Column, exp.Identifier, exp.Literal, exp.Paren, exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Round,
        exp.Cast, exp.DataType, exp.DataTypeParam, exp.Interval, exp.Var, exp.Upper, exp.Lower, exp.Trim, exp.Initcap,
        exp.Nullif, exp.Abs, exp.Min, exp.Max, exp.DateDiff, exp.DateAdd, exp.DateSub, exp.DateTrunc, exp.Extract,
        exp.TimestampTrunc, exp.CurrentDate, exp.CurrentTimestamp, exp.Year, exp.Month, exp.Day,
    )  # fmt: skip
    return all(isinstance(node, alike) and not isinstance(node, exp.TryCast) for node in expression.walk())


def equalities(condition: exp.Expr | None) -> Iterator[exp.EQ]:
    """``a.x = b.y`` among the ANDed parts of a condition."""
    from sqlglot import exp

    for part in condition.flatten() if isinstance(condition, exp.And) else [condition]:
        part = part.unnest() if part is not None else None
        if isinstance(part, exp.EQ) and isinstance(part.this, exp.Column) and isinstance(part.expression, exp.Column):
            yield part


def ephemeral_of(expression: exp.Expr) -> str | None:
    """The ephemeral model that a part of a compiled query comes from: dbt puts its SQL into a CTE of this name."""
    from sqlglot import exp

    while expression.parent is not None:
        expression = expression.parent
        if isinstance(expression, exp.CTE) and expression.alias.startswith(_EPHEMERAL):
            return str(expression.alias)[len(_EPHEMERAL) :]
    return None


_EPHEMERAL = "__dbt__cte__"


def groups(expression: exp.Expr) -> bool:
    """Whether a query puts rows together, or picks among them."""
    return bool(expression.args.get("group") or expression.args.get("distinct") or expression.args.get("qualify"))
