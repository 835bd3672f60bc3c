"""Words that warehouses have different names for."""

from __future__ import annotations

_ROW_HASHES = {"duckdb": "hash({row})", "postgres": "hashtextextended({row}::text, 0)"}
_ROW_IDS = {"duckdb": "rowid", "postgres": "ctid", "sqlite": "rowid", "oracle": "rowid"}


def row_id(adapter: str) -> str | None:
    """The column that tells equal rows apart, by dbt's adapter type; None where there is none."""
    return _ROW_IDS.get(adapter)


def row_hash(adapter: str, row: str) -> str | None:
    """A number of 64 bits that equal rows share, of a table by its name in the query; None where there is none.

    Of n different rows two share one with a probability below n²/2⁶⁵: 10⁻⁷ for two million.
    """
    found = _ROW_HASHES.get(adapter)
    return None if found is None else found.format(row=row)
