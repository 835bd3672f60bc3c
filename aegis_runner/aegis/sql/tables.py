"""The tables that SQL reads: which they are, and other names put in their place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from aegis.errors import RefusedError

if TYPE_CHECKING:
    from sqlglot import exp


class TableRef(NamedTuple):
    """A table as the SQL names it. Parts that are not given are None."""

    name: str
    schema: str | None = None
    database: str | None = None

    def __str__(self) -> str:
        return ".".join(part for part in (self.database, self.schema, self.name) if part)


def tables_of(tree: exp.Expr) -> tuple[TableRef, ...]:
    """The tables that are read, sorted, each once; names of common table expressions are none."""
    return tuple(sorted({reference(node) for node in real_tables(tree)}, key=str))


def real_tables(tree: exp.Expr) -> Iterator[exp.Table]:
    from sqlglot import exp

    for node in tree.find_all(exp.Table):
        if isinstance(node.this, exp.Identifier) and not _is_cte(node):
            yield node


def reference(node: exp.Table) -> TableRef:
    return TableRef(node.name, node.db or None, node.catalog or None)


def replace_tables(sql: str, mapping: Callable[[TableRef], str | None], *, dialect: str | None = None) -> str:
    """SQL that passed the gate, with the text that ``mapping`` gives in place of each table.

    The text may be anything that stands for a relation, such as ``{{ ref('orders') }}``; it is pasted as it is, so
    it must not come from a rules file. None leaves the table. A table without an alias gets its own name for one,
    so that ``orders.id`` still finds its column.
    """
    from sqlglot import exp

    from aegis.sql.parse import one_expression, one_query, printed, reads_as_query

    tree: exp.Expr
    try:
        tree = one_query(sql, dialect) if reads_as_query(sql) else one_expression(sql, dialect)
    except RefusedError:
        # An expression may begin as a query does: (select count(*) from t) > 0.
        tree = one_expression(sql, dialect)
    texts: dict[str, str] = {}
    for node in list(real_tables(tree)):
        text = mapping(reference(node))
        if text is None:
            continue
        mark = _free_name(sql, len(texts))
        texts[mark] = text
        _shorten_columns(node)
        node.replace(
            exp.Table(
                this=exp.to_identifier(mark),
                alias=node.args.get("alias") or exp.TableAlias(this=node.this.copy()),
                joins=node.args.get("joins"),
            )
        )
    out = printed(tree, dialect)
    return re.sub("|".join(texts), lambda match: texts[match[0]], out) if texts else out


def _free_name(sql: str, number: int) -> str:
    """A name that is not in the SQL, ends where it ends, and is the same on every run."""
    name = f"aegis_relation_{number}_"
    while name in sql.lower():
        name += "_"
    return name


def _shorten_columns(table: exp.Table) -> None:
    """``schema.orders.id`` becomes ``orders.id``: the alias has no schema."""
    from sqlglot import exp

    select = table.find_ancestor(exp.Select)
    if select is None or not table.db:
        return
    for column in select.find_all(exp.Column):
        if column.table == table.name and column.db == table.db:
            column.set("db", None)
            column.set("catalog", None)


def _is_cte(table: exp.Table) -> bool:
    """Does a WITH around this table define the name? One inside its own definition does not, unless recursive."""
    if table.db:
        return False
    name = table.name.lower()
    child: exp.Expr = table
    node = table.parent
    own: exp.Expr | None = None
    while node is not None:
        if type(node).__name__ == "With":
            own = child
        with_ = node.args.get("with_")
        if with_ is not None:
            for cte in with_.expressions:
                if cte is own and not with_.recursive:
                    break
                if cte.alias.lower() == name:
                    return True
            own = None
        child, node = node, node.parent
    return False
