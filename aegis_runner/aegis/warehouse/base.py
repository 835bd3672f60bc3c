"""What a warehouse is to Aegis: something that answers read-only SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class Rows:
    """The answer to a query: column names, and rows of JSON-like values."""

    columns: tuple[str, ...]
    rows: tuple[tuple[JsonValue, ...], ...]

    def dicts(self) -> list[dict[str, JsonValue]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@runtime_checkable
class Warehouse(Protocol):
    """Read-only access. Every method raises WarehouseError with the database's own message when SQL fails."""

    dialect: str
    """The dbt adapter type, such as ``duckdb``."""

    def connect(self) -> None:
        """Open the connection; a second call does nothing."""

    def execute_scalar(self, sql: str) -> JsonValue:
        """The first value of the first row, or None."""

    def execute_sample(self, sql: str, limit: int) -> Rows:
        """At most ``limit`` rows."""

    def close(self) -> None:
        """Let go of the database; a second call does nothing."""


def plain(value: Any) -> JsonValue:
    """A database value as JSON has it; what JSON lacks (dates, decimals, UUIDs, bytes) becomes text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else str(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and abs(value) < 2**53 else format(value, "f")
    if isinstance(value, datetime | date | time):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return f"\\x{bytes(value).hex()}"
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, Sequence):
        return [plain(entry) for entry in value]
    if isinstance(value, UUID | timedelta):
        return str(value)
    return str(value)
