"""Copies of a few PostgreSQL tables as temporary tables of one session, to try changes on.

Each statement runs in a read-only transaction, which in PostgreSQL may write to temporary tables and to nothing else:
the server holds a change back from the user's tables, whatever its SQL names. Only the making of an empty temporary
table is done outside of that, with no SQL but ours. Temporary tables end with the session.

They cannot have the names that SQL of the project calls their originals by (``"db"."schema"."table"``), so these names
are replaced in each statement. What is missed reads the original, or is refused.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from aegis.errors import WarehouseError
from aegis.warehouse.base import Relation, Rows, SandboxLimits, plain, quoted
from aegis.warehouse.postgres_text import check_one_statement

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection
    from psycopg2.extensions import cursor as Cursor

_PLACE = "pg_temp"
_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")


class PostgresSandbox:
    """A `SandboxSession`. ``limits.seconds`` counts from its beginning."""

    dialect = "postgres"

    def __init__(self, connection: Connection, limits: SandboxLimits) -> None:
        self._connection = connection
        self.limits = limits
        self._deadline = time.monotonic() + limits.seconds
        self._names: list[tuple[re.Pattern[str], str]] = []
        self._open = False

    def connect(self) -> None:
        """It is connected."""

    def close(self) -> None:
        self._connection.close()

    def begin(self) -> None:
        self._send("begin read only")
        self._open = True

    def rollback(self) -> None:
        if self._open:
            self._open = False
            self._send("rollback")

    def execute(self, sql: str) -> int | None:
        count, _ = self._run(self._renamed(sql))
        return count

    def execute_scalar(self, sql: str) -> JsonValue:
        rows = self.execute_sample(sql, 1).rows
        return rows[0][0] if rows else None

    def execute_sample(self, sql: str, limit: int) -> Rows:
        _, rows = self._run(self._renamed(sql), limit)
        return rows

    def keep(self, name: str, query: str) -> None:
        kept = f"{_PLACE}.{name.rpartition('.')[2]}"
        rows = self._renamed(query)
        self._make(f"create temporary table {kept} ({self._shape(rows)})")
        self._run(f"insert into {kept} {rows}")
        self._names.append((re.compile(rf'(?<![\w".]){re.escape(name)}(?![\w"])'), kept))

    def drop(self, name: str) -> None:
        self._make(f"drop table if exists {_PLACE}.{name.rpartition('.')[2]}")

    def copy(self, relation: Relation) -> None:
        """A copy of a table or view, with its NOT NULLs, checks and unique keys.

        Raises:
            WarehouseError: It is missing or too large, or this user may have no temporary tables.
        """
        there = ".".join(quoted(part) for part in _parts(relation))
        most = self.limits.rows
        count = int(str(self._run(f"select count(*) from {there}", 1)[1].rows[0][0]))
        if count > most:
            raise WarehouseError(f"has {count:,} rows, more than the {most:,} that a trial copies", where=relation.name)
        here = f"{_PLACE}.{quoted(relation.name)}"
        self._make(f"create temporary table {here} (like {there} including constraints including indexes)")
        self._run(f"insert into {here} select * from {there}")
        self._names.append((_called(relation), here))

    def _shape(self, query: str) -> str:
        """The columns of a query as a table that is made says them: no SQL of others takes part in the making."""
        with self._connection.cursor() as cursor:
            self._send("begin read only")
            try:
                self._send_to(cursor, f"select * from ({query}) as shape where false")
                described = cursor.description or ()
                types = ", ".join(f"format_type({column.type_code}, null)" for column in described)
                self._send_to(cursor, f"select {types}")
                [found] = cursor.fetchall()
            finally:
                self._send("rollback")
        return ", ".join(f"{quoted(column.name)} {kind}" for column, kind in zip(described, found, strict=True))

    def _renamed(self, sql: str) -> str:
        for name, here in self._names:
            sql = name.sub(lambda _, here=here: here, sql)  # type: ignore[misc]  # mypy cannot infer such a lambda
        return sql

    def _make(self, sql: str) -> None:
        """A temporary table made or dropped: what a read-only transaction may not do."""
        self._alone("read write", sql, 0)

    def _run(self, sql: str, limit: int = 0) -> tuple[int | None, Rows]:
        """Within the transaction that is open, else in one of its own: what a statement sets does not outlast it."""
        return self._send(sql, limit) if self._open else self._alone("read only", sql, limit)

    def _alone(self, mode: str, sql: str, limit: int) -> tuple[int | None, Rows]:
        self._send(f"begin {mode}")
        try:
            found = self._send(sql, limit)
        except WarehouseError:
            self._send("rollback")
            raise
        self._send("commit")
        return found

    def _send(self, sql: str, limit: int = 0) -> tuple[int | None, Rows]:
        with self._connection.cursor() as cursor:
            self._send_to(cursor, sql)
            found = cursor.fetchmany(limit) if cursor.description and limit else []
            columns = tuple(str(column.name) for column in cursor.description or ())
            rows = tuple(tuple(plain(value) for value in row) for row in found)
            return (cursor.rowcount if cursor.rowcount >= 0 else None), Rows(columns, rows)

    def _send_to(self, cursor: Cursor, sql: str) -> None:
        import psycopg2

        check_one_statement(sql)
        if time.monotonic() > self._deadline and sql != "rollback":
            raise WarehouseError(f"the trial took longer than {self.limits.seconds:g} s")
        try:
            cursor.execute(sql)
        except psycopg2.extensions.QueryCanceledError:
            raise WarehouseError(f"the trial took longer than {self.limits.seconds:g} s") from None
        except psycopg2.Error as error:
            raise WarehouseError(str(error).strip()) from error


def _parts(relation: Relation) -> list[str]:
    return [part for part in (relation.database, relation.schema, relation.name) if part]


def _called(relation: Relation) -> re.Pattern[str]:
    """The ways in which SQL calls a table by its schema, with the database or without."""
    database, schema, name = (_spelled(part or "") for part in (relation.database, relation.schema, relation.name))
    return re.compile(rf'(?<![\w".])(?:{database}\.)?{schema}\.{name}(?![\w"])')


def _spelled(name: str) -> str:
    exact = re.escape(quoted(name))
    return f"(?:{exact}|(?i:{name.replace('$', '[$]')}))" if _PLAIN.fullmatch(name) else exact


@contextmanager
def open_sandbox(adapter: Any, relations: Sequence[Relation], limits: SandboxLimits) -> Iterator[PostgresSandbox]:
    """Copies of the relations, until the block ends, in a session of its own.

    Args:
        adapter: dbt's, which opens the connection as the profile says.
        relations: What to copy; two of one name cannot be.
        limits: How large and how long. Memory is the server's business.

    Raises:
        WarehouseError: A relation cannot be copied, or there is no further connection.
    """
    names = [relation.name for relation in relations]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise WarehouseError("two tables of this name cannot be copied into one session", where=twice)
    # dbt keeps connections by thread: a thread of its own gives the trial one of its own.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="aegis-sandbox") as thread:
        session = PostgresSandbox(thread.submit(_opened, adapter, limits).result(), limits)
        try:
            for relation in relations:
                session.copy(relation)
            yield session
        finally:
            thread.submit(adapter.release_connection).result()


def _opened(adapter: Any, limits: SandboxLimits) -> Connection:
    from dbt_common.exceptions import DbtBaseException

    try:
        adapter.acquire_connection("aegis_sandbox")
        connection: Connection = adapter.connections.get_thread_connection().handle
        connection.rollback()
        connection.set_session(autocommit=True)  # transactions are begun and ended here, by name
        with connection.cursor() as cursor:
            cursor.execute(f"set statement_timeout = {round(limits.seconds * 1000)}")
            cursor.execute("set standard_conforming_strings = on")
    except DbtBaseException as error:
        raise WarehouseError(f"there is no connection for a trial: {error}", where="postgres") from error
    return connection
