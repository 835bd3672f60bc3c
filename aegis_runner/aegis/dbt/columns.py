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
    sql = _QUESTIONS.get(dialect, _standard)(relation)
    found = [{key.lower(): str(value) for key, value in row.items()} for row in execute(sql, _MOST).dicts()]
    if not found:
        raise WarehouseError("there is no such table, or it may not be read", where=str(relation))
    return [{"name": row["column_name"], "type": row["column_type"]} for row in found]


def _standard(relation: RenderedRelation) -> str:
    return (
        "select column_name, data_type as column_type from information_schema.columns "
        f"where table_name = {_literal(relation.identifier)}"
        + (f" and table_schema = {_literal(relation.schema)}" if relation.schema else "")
        + " order by ordinal_position"
    )


def _duckdb(relation: RenderedRelation) -> str:
    return f"describe select * from {relation}"


def _postgres(relation: RenderedRelation) -> str:
    """As the macro `relation_facts` asks: with lengths and the names of domains and enums, of materialized views too,
    whatever of it may be read."""
    return (
        "select a.attname as column_name, format_type(a.atttypid, a.atttypmod) as column_type from pg_attribute as a "
        f"where a.attrelid = to_regclass({_literal(relation.text)}) and a.attnum > 0 and not a.attisdropped "
        "order by a.attnum"
    )


def _sqlite(relation: RenderedRelation) -> str:
    schema = f", {_literal(relation.schema)}" if relation.schema else ""
    return (
        "select name as column_name, type as column_type "
        f"from pragma_table_info({_literal(relation.identifier)}{schema})"
    )


_QUESTIONS: dict[str, Callable[[RenderedRelation], str]] = {
    "duckdb": _duckdb,
    "postgres": _postgres,
    "sqlite": _sqlite,
}
"""What to ask a warehouse that has a better answer than the standard's."""


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
