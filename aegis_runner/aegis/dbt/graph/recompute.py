"""A model's query with other rows in place of tables that it reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aegis.dbt.graph.relations import table_key
from aegis.dbt.graph.state import only_reading
from aegis.errors import RefusedError
from aegis.sql.rewire import rewired

if TYPE_CHECKING:
    from aegis.dbt.artifacts.schema import Node

# What a table holds that is not made anew from its inputs is not in its query.
_KEPT = frozenset({"incremental", "snapshot"})
_LONGEST = 50_000


def makes_all_rows(node: Node) -> bool:
    """Whether a node's query gives all its rows, as that of a test does: an incremental model and a snapshot keep those
    of before."""
    materialized = node.config.materialized if node.config is not None else None
    return node.resource_type in ("model", "test") and materialized not in _KEPT


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
