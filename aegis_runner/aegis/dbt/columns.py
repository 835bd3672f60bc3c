"""The columns of a relation, asked of the warehouse from outside dbt."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from aegis.dbt.render import RenderedRelation
from aegis.errors import WarehouseError

if TYPE_CHECKING:
    from pydantic import JsonValue

_MOST = 100_000


class Rows(Protocol):
    """What a query gives."""

    def dicts(self) -> list[dict[str, JsonValue]]: ...


Execute = Callable[[str, int], Rows]


def columns_of(dialect: str, relation: RenderedRelation, execute: Execute) -> list[dict[str, str]]:
    """``{"name", "type"}`` of each column, as the macros want them.

    Raises:
        WarehouseError: There is no such relation.
    """
    if dialect == "duckdb":
        rows = execute(f"describe select * from {relation}", _MOST).dicts()
        return [{"name": str(row["column_name"]), "type": str(row["column_type"])} for row in rows]
    sql = (
        "select column_name, data_type from information_schema.columns "
        f"where table_name = {_literal(relation.identifier)}"
        + (f" and table_schema = {_literal(relation.schema)}" if relation.schema else "")
        + " order by ordinal_position"
    )
    found = [{key.lower(): str(value) for key, value in row.items()} for row in execute(sql, _MOST).dicts()]
    if not found:
        raise WarehouseError("there is no such table, or it may not be read", where=str(relation))
    return [{"name": row["column_name"], "type": row["data_type"]} for row in found]


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
