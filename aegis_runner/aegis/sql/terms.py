"""Parts of a condition: literals, the columns that it depends on, and texts by which equal terms are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlglot import exp

Belongs = Callable[["exp.Column"], bool]


def literal(node: exp.Expr) -> Any:
    """A number, text or truth value that stands there; None where something else does."""
    from sqlglot import exp

    node = node.unnest()
    if isinstance(node, exp.Cast | exp.TryCast):
        return literal(node.this)
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Neg):
        inner = literal(node.this)
        return -inner if isinstance(inner, Decimal) else None
    if not isinstance(node, exp.Literal):
        return None
    if node.is_string:
        return str(node.this)
    try:
        return Decimal(str(node.this))
    except InvalidOperation:
        return None


def only_result(case: exp.Expr) -> exp.Expr | None:
    """What a CASE gives whichever way it goes."""
    results = [one.args["true"] for one in case.args["ifs"]]
    otherwise: exp.Expr | None = case.args.get("default")
    if otherwise is None or any(text_of(one) != text_of(otherwise) for one in results):
        return None
    return otherwise


def columns_outside(node: exp.Expr) -> Iterator[exp.Column]:
    """Columns outside subqueries, and those inside that name a table which the subquery does not read."""
    from sqlglot import exp

    for column in node.find_all(exp.Column):
        inner = column.find_ancestor(exp.Query)
        around = node.find_ancestor(exp.Query)
        shadowed = False
        inside = False
        while inner is not None and inner is not around:
            inside = True
            names = {table.alias_or_name.lower() for table in inner.find_all(exp.Table, exp.Subquery)}
            shadowed = shadowed or column.table.lower() in names
            inner = inner.find_ancestor(exp.Query)
        if not inside or (column.table and not shadowed):
            yield column


def is_whole_table(node: exp.Expr, table: str | None) -> bool:
    """``x in (select x from t)`` where t is the table itself, with nothing that leaves rows of t out."""
    from sqlglot import exp

    query = node.args.get("query") if isinstance(node, exp.In) else None
    query = query.unnest() if query is not None else None
    if not isinstance(query, exp.Select) or len(query.selects) != 1:
        return False
    narrowing = ("where", "group", "having", "qualify", "limit", "joins", "offset")
    if any(query.args.get(part) for part in narrowing):
        return False
    source = query.args.get("from_")
    if source is None or table is None or source.this.name.lower() != table.lower():
        return False
    return bool(query.selects[0].unalias().name.lower() == node.this.unnest().name.lower())


def text_of(node: exp.Expr, own: Belongs | None = None) -> str:
    """The text of a tree, however its names are quoted and cased; the table's name before an ``own`` column is
    dropped, since it may be left out."""
    from sqlglot import exp

    copy = node.copy().unnest()
    for column in [copy, *copy.find_all(exp.Column)]:
        if own is not None and isinstance(column, exp.Column) and own(column):
            for part in ("table", "db", "catalog"):
                column.set(part, None)
    return str(copy.sql(comments=False)).replace('"', "").lower()
