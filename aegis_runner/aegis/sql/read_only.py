"""Queries of others' making that only read, as far as SQL alone tells.

Less strict than the gate of rules (`aegis.sql.gate`): compiled tests call functions that nobody here knows, and they
ran in the build. What is to be run is the tree printed again: a warehouse may read a text otherwise than a parser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aegis.errors import RefusedError
from aegis.sql.functions import acts, danger
from aegis.sql.parse import parsed, printed

if TYPE_CHECKING:
    from sqlglot import exp


def check_reading(text: str, dialect: str) -> exp.Expr:
    """The tree of one query (or of DESCRIBE for one) in which nothing writes, locks, or calls what is known to act.

    Raises:
        RefusedError: It is something else, or cannot be read.
    """
    from sqlglot import exp

    tree = parsed(text, dialect)
    asked = tree.this if isinstance(tree, exp.Describe) else tree
    if not isinstance(asked, exp.Query):
        raise RefusedError(f"is {tree.key.upper()}, not a query")
    for node in tree.walk():
        if isinstance(node, exp.DML | exp.DDL | exp.Command | exp.Into | exp.Lock) and not isinstance(node, exp.Query):
            raise RefusedError(f"holds {node.key.upper()}, which does more than read")
        reason = _action(node)
        if reason is not None:
            raise RefusedError(f"calls {node.name or node.key}, which {reason}")
    return tree


def _action(node: exp.Expr) -> str | None:
    """What a function does beside computing, in words."""
    from sqlglot import exp

    if isinstance(node, exp.Anonymous):
        # Between quotes there is room for another spelling of a name.
        return danger(node.this) if isinstance(node.this, str) else "has its name in quotes"
    if isinstance(node, exp.Column) and node.table and node.name.lower() in ("nextval", "currval"):
        return danger(node.name)
    return acts(type(node).__name__)


def reading(text: str, dialect: str) -> str:
    """The query, printed again; errors as of `check_reading`."""
    return printed(check_reading(text, dialect), dialect)


def with_names(text: str, dialect: str) -> str:
    """As `reading`, with a name for each column that has none, or that of another."""
    from sqlglot import exp

    tree = check_reading(text, dialect)
    first, by_name = tree, False
    while isinstance(first, exp.SetOperation | exp.Subquery):
        by_name = by_name or bool(first.args.get("by_name"))
        first = first.this
    if isinstance(first, exp.Select) and not by_name:
        _name(first)
    return printed(tree, dialect)


def _name(select: exp.Select) -> None:
    from sqlglot import exp

    taken: set[str] = set()
    for place, one in enumerate(select.expressions):
        if isinstance(one, exp.Star | exp.Aliases) or one.is_star:
            continue
        own = one.args.get("alias") if isinstance(one, exp.Alias) else one.this if isinstance(one, exp.Column) else None
        name = "" if own is None else own.name if own.args.get("quoted") else own.name.lower()
        if not name or name in taken:
            # PostgreSQL calls count(*) `count`, and ORDER BY may say so.
            implied = one.sql_name().lower() if isinstance(one, exp.Func) else ""
            name = implied if implied.isidentifier() and implied not in taken else f"aegis_column_{place}"
            value = one.this if isinstance(one, exp.Alias) else one
            one.replace(exp.alias_(value.copy(), name))
        taken.add(name)
