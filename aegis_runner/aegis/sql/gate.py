"""The gate: SQL from a rules file passes only as one read-only expression or one read-only query.

Default deny. The text must be free of Jinja, comments and second statements, its brackets must close what they open;
it must parse; every kind of syntax in it must be on a list (`aegis.sql.nodes`), every function known to be read-only
(`aegis.sql.functions`), every table a name. What passes is not the text but the tree, printed again: so nothing that
the parser did not see can reach the warehouse. Printed text is read and printed once more, and must stay the same.

What the gate cannot know: whether a view or a function of the user's own, called by an allowed name, has effects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from aegis.errors import RefusedError
from aegis.sql.fast_path import plain_comparison
from aegis.sql.parse import check_text, one_expression, one_query, printed
from aegis.sql.tables import TableRef, tables_of

if TYPE_CHECKING:
    from sqlglot import exp

Returns = Literal["boolean", "passed", "rows"]

NO_FUNCTIONS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Gated:
    """SQL that passed.

    Attributes:
        sql: What may be pasted: the tree printed in the dialect, on one line unless a literal holds a line break.
        columns: Names of the columns read on the rule's own table, sorted, as far as the SQL alone tells.
        tables: The tables that queries in it read.
        returns: For a query, what its columns say it answers with (see `aegis.sql.columns.returns_of`).
        answer: How a query writes its columns ``passed`` and ``row_count``, by these names, where it has them.
    """

    sql: str
    columns: tuple[str, ...]
    tables: tuple[TableRef, ...]
    returns: Returns | None = None
    answer: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=4096)
def check_expression(
    text: str,
    dialect: str | None = None,
    *,
    table: str | None = None,
    allow: frozenset[str] = NO_FUNCTIONS,
    known_tables: bool = False,
) -> Gated:
    """One scalar expression over the columns of one row; subqueries may read other tables.

    Args:
        text: The SQL.
        dialect: A sqlglot dialect, or None for its generic grammar.
        table: The rule's own table; ``orders.qty`` is then the column ``qty``.
        allow: Names of the user's own read-only functions, in lower case.
        known_tables: The caller looks up every table that is read before the SQL runs (see `aegis.sql.shape`).

    Raises:
        RefusedError: It is not, with the reason.
    """
    plain = plain_comparison(text, dialect)
    if plain is not None:
        return Gated(plain.sql, plain.columns, ())

    from aegis.sql.columns import columns_of_expression, without_own_table
    from aegis.sql.shape import check_tree

    def read(text: str) -> exp.Expr:
        tree = without_own_table(one_expression(text, dialect), table)
        check_tree(tree, dialect, allow, one_value=True, known_tables=known_tables)
        return tree

    check_text(text, dialect)
    tree = read(text)
    sql = stable(text, tree, dialect, read)
    return Gated(sql, columns_of_expression(tree, table), tables_of(tree))


@lru_cache(maxsize=4096)
def check_query(
    text: str,
    dialect: str | None = None,
    *,
    table: str | None = None,
    allow: frozenset[str] = NO_FUNCTIONS,
    known_tables: bool = False,
) -> Gated:
    """One SELECT, or several united; arguments and errors as `check_expression`. One ``;`` at its end is dropped."""
    from aegis.sql.columns import answer_of, columns_of_query, returns_of
    from aegis.sql.shape import check_tree

    def read(text: str) -> exp.Query:
        tree = one_query(text, dialect)
        check_tree(tree, dialect, allow, one_value=False, known_tables=known_tables)
        return tree

    text = text.strip().removesuffix(";")
    check_text(text, dialect)
    tree = read(text)
    sql = stable(text, tree, dialect, read)
    return Gated(sql, columns_of_query(tree, table), tables_of(tree), returns_of(tree, dialect), answer_of(tree))


def stable(text: str, tree: exp.Expr, dialect: str | None, read: Callable[[str], exp.Expr]) -> str:
    """The printed tree, once it is sure that it passes the gate itself and reads as the same text again."""
    sql = printed(tree, dialect)
    if sql == text:
        return sql
    try:
        check_text(sql, dialect)
        same = printed(read(sql), dialect) == sql
    except RefusedError:
        same = False
    if not same:
        raise RefusedError("is read and printed differently by the SQL library; write it in another way")
    return sql
