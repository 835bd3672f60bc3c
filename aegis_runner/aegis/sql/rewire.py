"""A query with other rows in place of a table that it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aegis.sql.parse import one_query

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlglot import exp


def rewired(sql: str, dialect: str | None, replaces: Callable[[exp.Table], bool], rows: str) -> str | None:
    """``sql`` reading the query ``rows`` wherever it reads a table that is to be replaced; None if it reads none.

    Raises:
        RefusedError: One of the two is no query that can be read.
    """
    from sqlglot import exp

    tree = one_query(sql, dialect)
    found = [table for table in tree.find_all(exp.Table) if replaces(table)]
    for table in found:
        inner = exp.Subquery(this=one_query(rows, dialect))
        # Columns may be named after the table, with or without an alias.
        alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name, quoted=True))
        inner.set("alias", alias.copy())
        for kept in ("joins", "pivots", "sample", "laterals"):
            inner.set(kept, table.args.get(kept))
        table.replace(inner)
    return tree.sql(dialect=dialect, comments=False, normalize_functions=False) if found else None
