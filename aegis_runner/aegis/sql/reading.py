"""Queries of others' making that only read, as far as SQL alone tells.

For a way to a warehouse on which no session holds back what writes. It is less strict than the gate of rules
(`aegis.sql.gate`): compiled tests call functions that nobody here knows, and their comments are no harm once the text
is known to be one statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aegis.errors import RefusedError
from aegis.sql.functions import acts, danger
from aegis.sql.parse import parsed, printed

if TYPE_CHECKING:
    from sqlglot import exp


def check_reading(text: str, dialect: str) -> exp.Expr:
    """The tree of one query (or of DESCRIBE for one) in which nothing writes.

    Raises:
        RefusedError: It is something else, or cannot be read.
    """
    from sqlglot import exp

    tree = parsed(text, dialect)
    asked = tree.this if isinstance(tree, exp.Describe) else tree
    if not isinstance(asked, exp.Query):
        raise RefusedError(f"is {tree.key.upper()}, not a query")
    writers = (exp.DML, exp.DDL, exp.Command, exp.Into, exp.Lock)
    for node in tree.walk():
        if isinstance(node, writers) and not isinstance(node, exp.Query):
            raise RefusedError(f"holds {node.key.upper()}, which does more than read")
        reason = danger(str(node.this)) if isinstance(node, exp.Anonymous) else acts(type(node).__name__)
        if reason is not None:
            raise RefusedError(f"calls {node.name or node.key}, which {reason}")
    return tree


def with_names(text: str, dialect: str) -> str:
    """The query with a name for each of its columns that has none, or another's; the text itself where all have one.

    Raises:
        RefusedError: As of `check_reading`.
    """
    from sqlglot import exp

    tree = check_reading(text, dialect)
    first = tree
    while isinstance(first, exp.SetOperation | exp.Subquery):
        first = first.this
    if not isinstance(first, exp.Select):
        return text
    taken: set[str] = set()
    made = 0
    for place, one in enumerate(first.expressions):
        name = one.alias_or_name.casefold() if isinstance(one, exp.Alias | exp.Column) else ""
        if name == "*" or isinstance(one, exp.Star):
            continue
        if not name or name in taken:
            made += 1
            value = one.this if isinstance(one, exp.Alias) else one
            one.replace(exp.alias_(value.copy(), f"aegis_column_{place}"))
        taken.add(name)
    return printed(tree, dialect) if made else text
