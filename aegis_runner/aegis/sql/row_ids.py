"""Words that warehouses have different names for."""

from __future__ import annotations

_ROW_IDS = {"duckdb": "rowid", "postgres": "ctid", "sqlite": "rowid", "oracle": "rowid"}


def row_id(adapter: str) -> str | None:
    """The column that tells equal rows apart, by dbt's adapter type; None where there is none."""
    return _ROW_IDS.get(adapter)
