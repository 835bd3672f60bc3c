"""Relations as SQL names them, and as dbt does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp


def relation_key(relation: str | None) -> str:
    """dbt's ``relation_name``, to be compared: without quotes, in lower case."""
    return "".join(char for char in relation or "" if char not in '"`[]').lower()


def table_key(table: exp.Table) -> str:
    """A table of parsed SQL, to be compared with that."""
    return ".".join(part for part in (table.catalog, table.db, table.name) if part).lower()
