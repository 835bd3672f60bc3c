"""A PostgreSQL database by its address alone, for rules that no dbt project runs: it is only ever read."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, TypeVar

from pydantic import JsonValue

from aegis.warehouse.base import FoundTable, Relation, Rows, SandboxLimits, SandboxSession
from aegis.warehouse.one_thread import OneThread
from aegis.warehouse.postgres_address import connected, settings_of
from aegis.warehouse.postgres_session import PostgresSession

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection

T = TypeVar("T")

AT_ONCE = 8
"""Connections of an investigation, where no dbt target says how many threads it may have."""

_TABLES = """\
select n.nspname, c.relname, pg_table_is_visible(c.oid)
from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
order by 1, 2"""


class PostgresDatabase:
    """A `Warehouse` with the capabilities `Sandbox` and `Several`. Each query has a transaction that may only read; a
    trial has temporary tables in a session of its own, which end with it.

    Args:
        address: ``postgresql://…``; what it leaves out comes from libpq's variables and files.
        timeout: Seconds after which a query is ended. Rules have as long as they take.

    Raises:
        UsageError: The address cannot be read.
        WarehouseError: There is no driver.
    """

    dialect = "postgres"
    at_once = AT_ONCE

    def __init__(self, address: str, timeout: float = 60.0) -> None:
        self._address = address
        self._settings = settings_of(address)
        self._timeout = timeout
        self._thread = OneThread("aegis-postgres", self._cancel)
        self._connection: Connection | None = None

    @property
    def place(self) -> str:
        """The host, for people; once it is connected."""
        assert self._connection is not None
        info = self._connection.info
        return f"{info.host or 'local'}:{info.port}"

    @property
    def name(self) -> str:
        """What the database is called, once it is connected."""
        assert self._connection is not None
        return str(self._connection.info.dbname)

    def secrets(self) -> dict[str, str]:
        """The passwords that the connection was opened with, wherever they came from."""
        found = {name: self._settings.get(name) for name in ("password", "sslpassword")}
        if self._connection is not None:
            found["password"] = self._connection.info.password or found["password"]
        return {name: value for name, value in found.items() if value}

    def connect(self) -> None:
        """Open the connection.

        Raises:
            WarehouseError: The server does not answer, or refuses.
        """
        if self._connection is None:
            self._connection = self._thread.do(connected, self._settings)

    def tables(self) -> list[FoundTable]:
        """Each table and view; those on the search path are visible."""
        found = self.execute_sample(_TABLES, 1_000_000).rows
        return [FoundTable(str(schema), str(name), bool(visible), self.name) for schema, name, visible in found]

    def execute_scalar(self, sql: str) -> JsonValue:
        rows = self.execute_sample(sql, 1).rows
        return rows[0][0] if rows else None

    def execute_sample(self, sql: str, limit: int) -> Rows:
        return self._read(sql, limit, self._timeout)

    def execute_rules(self, sql: str, limit: int) -> Rows:
        """As `execute_sample`, for the statement of a suite: no time limit but the server's own."""
        return self._read(sql, limit, None)

    def _read(self, sql: str, limit: int, seconds: float | None) -> Rows:
        self.connect()
        assert self._connection is not None
        connection = self._connection
        return self._thread.do(lambda: PostgresSession(connection, seconds).read(sql, limit))

    def another(self) -> PostgresDatabase:
        return PostgresDatabase(self._address, self._timeout)

    def _cancel(self) -> None:
        if self._connection is not None:
            self._connection.cancel()

    def sandbox(
        self,
        relations: Sequence[Relation],
        limits: SandboxLimits | None = None,
        rows: Mapping[Relation, str] | None = None,
    ) -> AbstractContextManager[SandboxSession]:
        """Copies of these relations as temporary tables of a session of its own."""
        from aegis.warehouse.postgres_sandbox import copies

        return copies(self._trial, relations, limits or SandboxLimits(), rows or {})

    @contextmanager
    def _trial(self, limits: SandboxLimits) -> Iterator[PostgresSession]:
        late = f"the trial took longer than {limits.seconds:g} s"
        connection = connected(self._settings)
        try:
            yield PostgresSession(connection, limits.seconds, until=time.monotonic() + limits.seconds, late=late)
        finally:
            connection.close()

    def close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            # To close waits for a query that did not stop; the end of the process closes the connection, too.
            if not self._thread.is_stuck:
                connection.close()
        self._thread.end()
