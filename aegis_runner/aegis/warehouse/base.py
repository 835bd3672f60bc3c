"""What a warehouse is to Aegis: something that answers read-only SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, Protocol, runtime_checkable
from uuid import UUID

from pydantic import JsonValue

from aegis.domain.limits import MAX_TRIAL_ROWS


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


class FoundTable(NamedTuple):
    """A table or view that is there. ``schema`` is None where there is no such thing; one that is ``visible`` is found
    by its name alone."""

    schema: str | None
    name: str
    visible: bool = True
    database: str | None = None


class Database(Warehouse, Protocol):
    """A warehouse that rules are run on without dbt. ``name`` and ``place`` (for people) are known once it is
    connected."""

    @property
    def name(self) -> str: ...

    @property
    def place(self) -> str: ...

    def execute_rules(self, sql: str, limit: int) -> Rows:
        """As `execute_sample`, for the statement of a suite: it may take as long as it takes."""

    def tables(self) -> Sequence[FoundTable] | None:
        """The tables that there are; None where nobody tells."""

    def secrets(self) -> Mapping[str, str]:
        """What must never be shown of how it was reached, by what it is called."""


@dataclass(frozen=True, slots=True, order=True)
class Relation:
    """A table or view by its parts. Those that are not given are the connection's own."""

    name: str
    schema: str | None = None
    database: str | None = None


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """How much a sandbox may take: rows of one table, seconds from the first copy to the end, memory as the database
    writes it."""

    rows: int = MAX_TRIAL_ROWS
    seconds: float = 60.0
    memory: str = "1GB"


@runtime_checkable
class Several(Warehouse, Protocol):
    """The optional capability of a warehouse to answer several questions at once, each by a connection of its own."""

    @property
    def at_once(self) -> int:
        """How many connections there may be in all."""

    def another(self) -> Warehouse:
        """A further one, not yet connected; whoever asks for it closes it."""


@runtime_checkable
class KeepsRows(Protocol):
    """The optional capability of a warehouse to keep the rows of a query, for several questions about them."""

    def keep_rows(self, queries: Sequence[str], most: int) -> list[int | None]:
        """Keep the rows of each query, if they are no more than ``most``: from now on a statement that holds the query,
        as it stands, reads these. How many they are; None if they are more.

        Raises:
            WarehouseError: The database refuses.
        """


@runtime_checkable
class SandboxSession(Warehouse, Protocol):
    """A private copy of a few tables under their own names: reads as a `Warehouse`, and writes. Nothing of it lasts."""

    def execute(self, sql: str) -> int | None:
        """Run a statement; the number of rows it changed, where the database tells."""

    def keep(self, name: str, query: str) -> None:
        """A table of the rows of a query, by a name as SQL calls it; it is one of the session's own."""

    def drop(self, name: str) -> None:
        """The table that was kept by this name goes, if it is there."""

    def begin(self) -> None:
        """Remember the state."""

    def rollback(self) -> None:
        """Go back to it; without `begin` before it does nothing."""


@runtime_checkable
class Sandbox(Protocol):
    """The optional capability of a warehouse to make such copies."""

    def sandbox(
        self,
        relations: Sequence[Relation],
        limits: SandboxLimits | None = None,
        rows: Mapping[Relation, str] | None = None,
    ) -> AbstractContextManager[SandboxSession]:
        """Copies of these relations, until the block ends; with usual limits where none are given. Of those with a
        query in ``rows``, its rows alone are needed: it gives some of the relation's rows, with all their columns.

        Raises:
            WarehouseError: One is missing or too large, or to copy takes too long.
        """


def quoted(name: str) -> str:
    """A name as an identifier of standard SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a literal of standard SQL."""
    return "'" + text.replace("'", "''") + "'"


def plain_rows(rows: Iterable[Iterable[Any]]) -> tuple[tuple[JsonValue, ...], ...]:
    """The values of rows, each `plain`. Most are so already, and a call for each of very many takes its time."""
    return tuple(tuple([one if one is None or type(one) in _PLAIN else plain(one) for one in row]) for row in rows)


_PLAIN = frozenset({bool, int, str})


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
