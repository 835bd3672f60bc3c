"""A query with other rows in place of tables that it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aegis.sql.parse import one_query

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlglot import exp


def rewired(sql: str, dialect: str | None, rows: Callable[[exp.Table], str | None]) -> str | None:
    """``sql`` reading the query that ``rows`` gives in place of a table; None if it reads no table of which there is
    one.

    Raises:
        RefusedError: One of them is no query that can be read.
    """
    from sqlglot import exp

    tree = one_query(sql, dialect)
    found = [(table, query) for table in tree.find_all(exp.Table) if (query := rows(table)) is not None]
    for table, query in found:
        inner = exp.Subquery(this=one_query(query, dialect))
        # Columns may be named after the table, with or without an alias; quoted or not, as the table is.
        alias = table.args.get("alias") or exp.TableAlias(this=table.this.copy())
        inner.set("alias", alias.copy())
        for kept in ("joins", "pivots", "sample", "laterals"):
            inner.set(kept, table.args.get(kept))
        table.replace(inner)
    return tree.sql(dialect=dialect, comments=False, normalize_functions=False) if found else None
