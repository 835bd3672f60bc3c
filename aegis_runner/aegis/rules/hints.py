"""The forms that ``diagnosis.lineage_hints`` has in files: a list of tables, or a mapping of tables to columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TABLES = ("upstream_tables", "upstream_table", "upstream")
"""Keys of the mapping that list tables alone; every other key is a table itself."""

_TEXT = {"type": ["string", "number"], "minLength": 1}
_TEXTS = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}, {"type": "null"}]}
HINTS_SCHEMA: dict[str, Any] = {
    "anyOf": [_TEXT, {"type": "array", "items": _TEXT}, {"type": "object", "additionalProperties": _TEXTS}],
    "description": "Tables upstream: a list, or a mapping of each table to its columns.",
}


def hints_from(given: Any) -> Any:
    """The fields of `LineageHints` from any of the forms; what is none of them is left for pydantic to refuse."""
    if isinstance(given, str | list | tuple):
        return {"upstream_tables": given}
    if not isinstance(given, Mapping) or isinstance(given.get("columns"), Mapping):
        return given
    tables: list[Any] = []
    columns: dict[Any, Any] = {}
    for key, value in given.items():
        if key in TABLES:
            tables += _entries(value)
        elif value is None or value in ([], ()):
            tables.append(key)
        else:
            columns[key] = value
    return {"upstream_tables": tables, "columns": columns}


def _entries(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]
