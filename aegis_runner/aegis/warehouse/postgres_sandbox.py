"""Copies of a few PostgreSQL tables as temporary tables of one session, to try changes on.

The session (`PostgresSession`) writes to temporary tables and to nothing else: the server holds a change back from the
user's tables, whatever its SQL names. Temporary tables end with the session.

They cannot have the names that SQL of the project calls their originals by (``"db"."schema"."table"``), so these names
are replaced in each statement. What is missed reads the original, or is refused.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from pydantic import JsonValue

from aegis.errors import WarehouseError
from aegis.warehouse.base import Relation, Rows, SandboxLimits, literal, quoted
from aegis.warehouse.postgres_session import PostgresSession
from aegis.warehouse.table_names import TableNames

_PLACE = "pg_temp"
_MOST_COLUMNS = 1_600
"""No table of PostgreSQL has more."""


class PostgresSandbox:
    """A `SandboxSession`. ``limits.seconds`` counts from its beginning."""

    dialect = "postgres"

    def __init__(self, session: PostgresSession, limits: SandboxLimits) -> None:
        self._session = session
        self.limits = limits
        self._names = TableNames()
        self._kept: dict[str, str] = {}

    def connect(self) -> None:
        """It is connected."""

    def close(self) -> None:
        self._session.close()

    def begin(self) -> None:
        self._session.begin()

    def rollback(self) -> None:
        self._session.rollback()

    def execute(self, sql: str) -> int | None:
        return self._session.change(self._names.put_into(sql))

    def execute_scalar(self, sql: str) -> JsonValue:
        rows = self.execute_sample(sql, 1).rows
        return rows[0][0] if rows else None

    def execute_sample(self, sql: str, limit: int) -> Rows:
        return self._session.read(self._names.put_into(sql), limit)

    def keep(self, name: str, query: str) -> None:
        kept = f"{_PLACE}.{name.rpartition('.')[2]}"
        rows = self._names.put_into(query)
        columns = ", ".join(f"{quoted(column)} {kind}" for column, kind in self._session.shape(rows).items())
        self._session.make(f"create temporary table {kept} ({columns})")
        self._kept[name] = kept
        self._names.add(name, kept)
        self._session.change(f"insert into {kept} {rows}")

    def drop(self, name: str) -> None:
        kept = self._kept.pop(name, None)
        if kept is not None:
            self._session.make(f"drop table {kept}")

    def copy(self, relation: Relation, query: str | None = None) -> None:
        """A copy of a table or view, or of the rows of a ``query``, with its NOT NULLs, defaults, checks and unique
        keys.

        Raises:
            WarehouseError: It is missing or too large, or this user may have no temporary tables.
        """
        there = ".".join(quoted(part) for part in (relation.database, relation.schema, relation.name) if part)
        most = self.limits.rows
        rows = there if query is None else f"(\n{query}\n) as some_rows"
        count = int(str(self._session.read(f"select count(*) from {rows}", 1).rows[0][0]))
        if count > most:
            raise WarehouseError(f"has {count:,} rows, more than the {most:,} that a trial copies", where=relation.name)
        here = f"{_PLACE}.{quoted(relation.name)}"
        self._session.make(f"create temporary table {here} (like {there} including all)")
        written = ", ".join(self._written(here))
        self._session.change(f"insert into {here} ({written}) overriding system value select {written} from {rows}")
        self._names.add_relation(relation, here)

    def _written(self, table: str) -> list[str]:
        """The columns that take a value: all but those that the database computes."""
        names = self._session.read(
            f"select a.attname from pg_attribute as a where a.attrelid = {literal(table)}::regclass "
            "and a.attnum > 0 and not a.attisdropped "
            # By way of JSON: PostgreSQL 11 has no generated columns.
            "and coalesce(to_jsonb(a) ->> 'attgenerated', '') = '' order by a.attnum",
            _MOST_COLUMNS,
        )
        return [quoted(str(name)) for (name,) in names.rows]


def open_sandbox(
    adapter: Any, relations: Sequence[Relation], limits: SandboxLimits, rows: Mapping[Relation, str]
) -> AbstractContextManager[PostgresSandbox]:
    """Copies of the relations, until the block ends, in a session of its own that dbt's adapter opens as the profile
    says; errors as of `copies`."""
    return copies(lambda limits: _by_adapter(adapter, limits), relations, limits, rows)


@contextmanager
def copies(
    session_of: Callable[[SandboxLimits], AbstractContextManager[PostgresSession]],
    relations: Sequence[Relation],
    limits: SandboxLimits,
    rows: Mapping[Relation, str],
) -> Iterator[PostgresSandbox]:
    """Copies of the relations, until the block ends.

    Args:
        session_of: Opens a session that nobody else uses.
        relations: What to copy; two of one name cannot be.
        limits: How large and how long. Memory is the server's business.
        rows: Queries of the rows of a relation that are enough.

    Raises:
        WarehouseError: A relation cannot be copied, or there is no further connection.
    """
    names = [relation.name for relation in relations]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise WarehouseError("two tables of this name cannot be copied into one session", where=twice)
    with session_of(limits) as session:
        sandbox = PostgresSandbox(session, limits)
        for relation in relations:
            sandbox.copy(relation, rows.get(relation))
        yield sandbox


@contextmanager
def _by_adapter(adapter: Any, limits: SandboxLimits) -> Iterator[PostgresSession]:
    # dbt keeps connections by thread: a thread of its own gives the trial one of its own.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="aegis-sandbox") as thread:
        session = thread.submit(_opened, adapter, limits).result()
        try:
            yield session
        finally:
            thread.submit(adapter.release_connection).result()


def _opened(adapter: Any, limits: SandboxLimits) -> PostgresSession:
    from dbt_common.exceptions import DbtBaseException

    late = f"the trial took longer than {limits.seconds:g} s"
    try:
        adapter.acquire_connection("aegis_sandbox")
        connection = adapter.connections.get_thread_connection().handle
        return PostgresSession(connection, limits.seconds, until=time.monotonic() + limits.seconds, late=late)
    except DbtBaseException as error:
        raise WarehouseError(f"there is no connection for a trial: {error}", where="postgres") from error
