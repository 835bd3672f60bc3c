"""A model's query with other rows in place of tables that it reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aegis.dbt.graph.relations import relation_key, table_key
from aegis.dbt.graph.state import only_reading
from aegis.errors import RefusedError
from aegis.sql.parse import one_query
from aegis.sql.rewire import rewired

if TYPE_CHECKING:
    from sqlglot import exp

    from aegis.dbt.artifacts.schema import Node

# What a table holds that is not made anew from its inputs is not in its query.
_KEPT = frozenset({"incremental", "snapshot"})
_LONGEST = 50_000


def makes_all_rows(node: Node) -> bool:
    """Whether a node's query gives all its rows, as that of a test does: an incremental model and a snapshot keep those
    of before."""
    materialized = node.config.materialized if node.config is not None else None
    return node.resource_type in ("model", "test") and materialized not in _KEPT


def query_of_all_rows(node: Node, sql: str, dialect: str | None) -> str | None:
    """The query that may give all rows of an incremental model: its compiled ``sql`` without the conditions that read
    the model itself, as dbt would run it on an empty target. Whether it does, the number of rows tells, since what was
    loaded may have left its inputs. None of other nodes, and where it reads itself in another way."""
    materialized = node.config.materialized if node.config is not None else None
    if materialized != "incremental" or node.resource_type != "model" or len(sql) > _LONGEST:
        return None
    from sqlglot import exp

    own = relation_key(node.relation_name)
    try:
        tree = one_query(sql.strip().rstrip(";"), dialect)
    except RefusedError:
        return None
    for table in [one for one in tree.find_all(exp.Table) if table_key(one) == own]:
        condition = _condition_with(table)
        if condition is None:
            return None
        condition.replace(exp.true())
    return tree.sql(dialect=dialect, comments=False)


def _condition_with(table: exp.Expr) -> exp.Expr | None:
    """The part of a WHERE that a table stands in, of those that must all hold; None where it is in none."""
    from sqlglot import exp

    way: list[exp.Expr] = [table]
    while way[-1].parent is not None and not isinstance(way[-1].parent, exp.Where):
        way.append(way[-1].parent)
    if way[-1].parent is None:
        return None
    return next(one for one in reversed(way) if not isinstance(one, exp.And | exp.Paren))


def with_rows(sql: str, rows: Mapping[str, str], dialect: str | None) -> str | None:
    """A model's compiled ``sql`` reading a query wherever it reads a table; ``rows`` are the queries by
    `aegis.dbt.graph.relations.relation_key`. None where it reads none of the tables, does more than read, or cannot be
    read itself."""
    query = only_reading(sql, dialect) if len(sql) <= _LONGEST else None
    if query is None:
        return None
    try:
        return rewired(query, dialect, lambda table: rows.get(table_key(table)))
    except RefusedError:
        return None
