"""A model's query with other rows in place of a table that it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aegis.dbt.graph.relations import relation_key, table_key
from aegis.dbt.graph.state import only_reading
from aegis.errors import RefusedError
from aegis.sql.rewire import rewired

if TYPE_CHECKING:
    from aegis.dbt.artifacts.schema import Node

# What a table holds that is not made anew from its inputs is not in its query.
_KEPT = frozenset({"incremental", "snapshot"})
_LONGEST = 50_000


def makes_all_rows(node: Node) -> bool:
    """Whether a node's query gives all its rows: an incremental model and a snapshot keep those of before."""
    materialized = node.config.materialized if node.config is not None else None
    return node.resource_type == "model" and materialized not in _KEPT


def with_rows(sql: str, table: Node, rows: str, dialect: str | None) -> str | None:
    """A model's compiled ``sql`` reading the query ``rows`` wherever it reads ``table``; None where it does not read
    it, does more than read, or cannot be read itself."""
    wanted = relation_key(table.relation_name)
    query = only_reading(sql, dialect) if wanted and len(sql) <= _LONGEST else None
    if query is None:
        return None
    try:
        return rewired(query, dialect, lambda one: table_key(one) == wanted, rows)
    except RefusedError:
        return None
