"""The columns of a relation, asked of the warehouse from outside dbt."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from aegis.dbt.suites.render import RenderedRelation, macro
from aegis.errors import WarehouseError

if TYPE_CHECKING:
    from pydantic import JsonValue

_MOST = 100_000


class Rows(Protocol):
    """What a query gives."""

    def dicts(self) -> list[dict[str, JsonValue]]: ...


Execute = Callable[[str, int], Rows]


def columns_of(dialect: str, relation: RenderedRelation, execute: Execute) -> list[dict[str, str]]:
    """What `relation_facts` tells the macros inside dbt: ``{"name", "type"}`` of each column and, where a type's name
    does not tell, ``"declared"`` and ``"kind"``.

    Raises:
        WarehouseError: There is no such relation.
    """
    found = _COLUMNS.get(dialect, _by_information_schema)(relation, execute)
    if not found:
        raise WarehouseError("there is no such table, or it may not be read", where=str(relation))
    return found


def _by_describing(relation: RenderedRelation, execute: Execute) -> list[dict[str, str]]:
    rows = execute(f"describe select * from {relation}", _MOST).dicts()
    return [{"name": str(row["column_name"]), "type": str(row["column_type"])} for row in rows]


def _by_catalog(relation: RenderedRelation, execute: Execute) -> list[dict[str, str]]:
    """PostgreSQL's information_schema has no materialized views, and no word about what stands behind a domain."""
    asked = [{"key": "", "relation": str(relation), "names": None}]
    sql = macro("postgres", "postgres__aegis_columns_query")(asked, macro("postgres", "dialect")())
    names = ("name", "type", "declared", "kind")
    return [
        {name: str(value) for name, value in zip(names, tuple(row.values())[1:], strict=True) if value is not None}
        for row in execute(sql, _MOST).dicts()
    ]


def _by_information_schema(relation: RenderedRelation, execute: Execute) -> list[dict[str, str]]:
    sql = (
        "select column_name, data_type from information_schema.columns "
        f"where table_name = {_literal(relation.identifier)}"
        + (f" and table_schema = {_literal(relation.schema)}" if relation.schema else "")
        + " order by ordinal_position"
    )
    found = [{key.lower(): str(value) for key, value in row.items()} for row in execute(sql, _MOST).dicts()]
    return [{"name": row["column_name"], "type": row["data_type"]} for row in found]


def _by_pragma(relation: RenderedRelation, execute: Execute) -> list[dict[str, str]]:
    """SQLite has neither DESCRIBE nor an information_schema."""
    schema = f", {_literal(relation.schema)}" if relation.schema else ""
    sql = f"select name, type from pragma_table_info({_literal(relation.identifier)}{schema})"
    return [{"name": str(row["name"]), "type": str(row["type"])} for row in execute(sql, _MOST).dicts()]


_COLUMNS: dict[str, Callable[[RenderedRelation, Execute], list[dict[str, str]]]] = {
    "duckdb": _by_describing,
    "postgres": _by_catalog,
    "sqlite": _by_pragma,
}
"""How to ask a warehouse that has a better answer than the standard's."""


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
