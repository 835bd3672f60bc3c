"""The databases that cases run in: tables from generic types, and the rows that suites stored."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol, TypeVar

from integration_tests.case_files import Table
from integration_tests.servers import PostgresServer

TYPES = {
    "duckdb": {"timestamptz": "timestamp with time zone", "text": "varchar", "json": "json"},
    "postgres": {"timestamptz": "timestamp with time zone", "double": "double precision", "float": "real"},
}
"""What a generic type is called where its own name does not do."""

T = TypeVar("T")
UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
SPAN = re.compile(r"(\d+) (second|minute|hour|day)s?")


class Warehouse(Protocol):
    """A database of its own for one dbt engine."""

    @property
    def name(self) -> str: ...
    @property
    def database(self) -> str: ...
    @property
    def schema(self) -> str: ...

    def output(self) -> dict[str, Any]: ...
    def execute(self, statements: Iterable[str]) -> None: ...
    def query(self, sql: str) -> list[dict[str, Any]]: ...


@dataclass(frozen=True)
class DuckDB:
    """A file of the format that DuckDB 1.0 wrote, so that dbt 2's driver reads it too."""

    path: Path
    name: str = "duckdb"
    schema: str = "main"

    @property
    def database(self) -> str:
        return self.path.stem

    def output(self) -> dict[str, Any]:
        return {"type": "duckdb", "path": str(self.path), "threads": 2}

    def execute(self, statements: Iterable[str]) -> None:
        import duckdb

        with duckdb.connect() as connection:
            connection.execute(f"attach '{self.path}' as w (storage_version 'v1.0.0')")
            connection.execute("use w")
            for statement in statements:
                connection.execute(statement)

    def query(self, sql: str) -> list[dict[str, Any]]:
        import duckdb

        with duckdb.connect(str(self.path), read_only=True) as connection:
            cursor = connection.execute(sql)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@dataclass(frozen=True)
class Postgres:
    """A schema of the session's server."""

    server: PostgresServer
    schema: str
    name: str = "postgres"

    @property
    def database(self) -> str:
        return self.server.database

    def output(self) -> dict[str, Any]:
        return self.server.profile(self.schema)

    def execute(self, statements: Iterable[str]) -> None:
        self._with_cursor(lambda cursor: [cursor.execute(text) for text in self._in_schema(statements)])

    def query(self, sql: str) -> list[dict[str, Any]]:
        def fetch(cursor: Any) -> list[dict[str, Any]]:
            cursor.execute(sql)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

        return self._with_cursor(fetch)

    def execute_alone(self, statements: Iterable[str]) -> None:
        """Each outside a transaction, which some may not be in."""
        import psycopg2

        connection = psycopg2.connect(self.server.dsn)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        finally:
            connection.close()

    def _in_schema(self, statements: Iterable[str]) -> Iterable[str]:
        yield f'create schema if not exists "{self.schema}"'
        yield f'set search_path to "{self.schema}"'
        yield from statements

    def _with_cursor(self, work: Callable[[Any], T]) -> T:
        import psycopg2

        connection = psycopg2.connect(self.server.dsn)
        try:
            with connection, connection.cursor() as cursor:
                return work(cursor)
        finally:
            connection.close()


def create(table: Table, warehouse: str) -> list[str]:
    """The statements that make a table and fill it; with `undo`, that then take its fault away."""
    target = quoted(table.name)
    statements = made(target, table, warehouse)
    if table.undo is None:
        return statements
    if table.undo.columns != table.columns:
        return [*statements, f"drop table {target}", *made(target, table.undo, warehouse)]
    return [*statements, f"delete from {target}", *filled(target, table.undo, warehouse)]


def made(target: str, table: Table, warehouse: str) -> list[str]:
    if table.select is not None:
        return [f"create {'view' if table.view else 'table'} {target} as {table.select[warehouse]}"]
    columns = ", ".join(f"{quoted(name)} {native(generic, warehouse)}" for name, generic in table.columns.items())
    return [f"create table {target} ({columns})", *filled(target, table, warehouse)]


def filled(target: str, table: Table, warehouse: str) -> list[str]:
    types = [native(generic, warehouse) for generic in table.columns.values()]
    rows = [
        f"({', '.join(literal(value, kind) for value, kind in zip(row, types, strict=True))})" for row in table.rows
    ]
    return [f"insert into {target} values {', '.join(rows)}"] if rows else []


def native(generic: str, warehouse: str) -> str:
    return TYPES[warehouse].get(generic, generic)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(value: object, kind: str) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | Decimal) or (isinstance(value, float) and math.isfinite(value)):
        return str(value)
    if isinstance(value, float):
        return f"cast('{value}' as {kind})"
    text = str(moment(value)) if isinstance(value, dict) else str(value)
    return f"cast('{text.replace(chr(39), chr(39) * 2)}' as {kind})"


def moment(value: dict[str, str]) -> str:
    """``{ago: 2 hours}`` as an ISO timestamp in UTC, without an offset."""
    ((direction, span),) = value.items()
    match = SPAN.fullmatch(span)
    if match is None or direction not in ("ago", "ahead"):
        raise ValueError(f"{value} is no moment")
    distance = timedelta(seconds=int(match[1]) * UNITS[match[2]])
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    return (now - distance if direction == "ago" else now + distance).isoformat(sep=" ")
