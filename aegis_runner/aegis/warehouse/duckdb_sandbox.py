"""A private DuckDB that has copies of a few tables under their own names, to try changes on.

The user's files are attached read-only while the copies are made, then detached; the session that is handed out has
none of them, can reach no file and can change no setting. Copies are files of a private folder, so that large tables
need no memory; the folder goes with the session.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from aegis.errors import WarehouseError
from aegis.warehouse.base import Relation, Rows, SandboxLimits, plain, quoted
from aegis.warehouse.duckdb_library import library

if TYPE_CHECKING:
    import duckdb


class DuckDbSandbox:
    """A `SandboxSession`. Tables are copied once; `rollback` brings back what they were at `begin`."""

    dialect = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection, limits: SandboxLimits) -> None:
        self._connection = connection
        self.limits = limits
        self._deadline = time.monotonic() + limits.seconds
        self._open = False

    def connect(self) -> None:
        """It is connected."""

    def begin(self) -> None:
        self.execute("BEGIN TRANSACTION")
        self._open = True

    def rollback(self) -> None:
        if self._open:
            # Also after an error, which ends a transaction by itself in no case.
            self._connection.rollback()
            self._open = False

    def execute(self, sql: str) -> int | None:
        rows = self.execute_sample(sql, 1).rows
        return int(str(rows[0][0])) if rows and isinstance(rows[0][0], int) else None

    def keep(self, name: str, query: str) -> None:
        self.execute(f"create table {name} as {query}")

    def drop(self, name: str) -> None:
        self.execute(f"drop table if exists {name}")

    def execute_scalar(self, sql: str) -> JsonValue:
        rows = self.execute_sample(sql, 1).rows
        return rows[0][0] if rows else None

    def execute_sample(self, sql: str, limit: int) -> Rows:
        duckdb = library()
        with _interrupted(self._connection, self._deadline, self.limits.seconds):
            try:
                cursor = self._connection.execute(sql)
                rows = cursor.fetchmany(limit)
            except duckdb.InterruptException:
                raise WarehouseError(f"the trial took longer than {self.limits.seconds:g} s") from None
            except duckdb.Error as error:
                raise WarehouseError(str(error).strip()) from error
        columns = tuple(str(column[0]) for column in cursor.description or ())
        return Rows(columns, tuple(tuple(plain(value) for value in row) for row in rows))

    def close(self) -> None:
        self._connection.close()


@contextmanager
def open_sandbox(
    files: Mapping[str, Path],
    attach: Callable[[duckdb.DuckDBPyConnection, str, Path], None],
    relations: Sequence[Relation],
    limits: SandboxLimits,
    threads: int | None = None,
) -> Iterator[DuckDbSandbox]:
    """Copies of the relations (tables or views; of the default database and schema where none is named).

    Args:
        files: The user's databases by their names in SQL, the default one first.
        attach: Attaches one of them read-only.
        relations: What to copy.
        limits: How large and how long.
        threads: DuckDB's threads; those of the machine if None.

    Raises:
        WarehouseError: A relation is missing or too large, or to copy takes too long.
    """
    duckdb = library()
    default = next(iter(files))
    with tempfile.TemporaryDirectory(prefix="aegis-sandbox-") as folder:
        config: dict[str, str | int] = {"memory_limit": limits.memory, "temp_directory": f"{folder}/spill"}
        if threads:
            config["threads"] = threads
        connection = duckdb.connect(":memory:", config=config)
        try:
            session = DuckDbSandbox(connection, limits)
            _copy(session, connection, files, attach, sorted({_whole(one, default) for one in relations}), folder)
            connection.execute(f"USE {quoted(default)}")
            connection.execute("SET enable_external_access=false; SET lock_configuration=true")
            yield session
        finally:
            connection.close()


def _whole(relation: Relation, default: str) -> tuple[str, str, str]:
    return relation.database or default, relation.schema or "main", relation.name


def _copy(
    session: DuckDbSandbox,
    connection: duckdb.DuckDBPyConnection,
    files: Mapping[str, Path],
    attach: Callable[[duckdb.DuckDBPyConnection, str, Path], None],
    relations: Sequence[tuple[str, str, str]],
    folder: str,
) -> None:
    """All files of the user's are attached, since a view may read across them."""
    known = {name.casefold(): name for name in files}
    for name, path in files.items():
        attach(connection, name, path)
    connection.execute(f"USE {quoted(next(iter(files)))}")
    copies = {name: f"aegis_copy_{number}" for number, name in enumerate(files)}
    for copy in copies.values():
        connection.execute(f"ATTACH {_literal(f'{folder}/{copy}.duckdb')} AS {quoted(copy)}")
    for database, schema, table in relations:
        if database.casefold() not in known:
            raise WarehouseError(f"there is no database {database!r} to copy from", where=table)
        source = known[database.casefold()]
        _copy_table(session, source, copies[source], schema, table)
    connection.execute("USE memory")
    for name in (*files, *copies.values()):
        connection.execute(f"DETACH {quoted(name)}")
    for name, copy in copies.items():
        connection.execute(f"ATTACH {_literal(f'{folder}/{copy}.duckdb')} AS {quoted(name)}")


def _copy_table(session: DuckDbSandbox, source: str, copy: str, schema: str, table: str) -> None:
    there, here = (".".join(map(quoted, (database, schema, table))) for database in (source, copy))
    most = session.limits.rows
    count = int(str(session.execute_scalar(f"SELECT count(*) FROM {there}")))
    if count > most:
        raise WarehouseError(f"has {count:,} rows, more than the {most:,} that a trial copies", where=table)
    session.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(copy)}.{quoted(schema)}")
    session.execute(f"CREATE TABLE {here} AS SELECT * FROM {there}")
    constraints = session.execute_sample(
        "SELECT constraint_type, constraint_column_names FROM duckdb_constraints() WHERE "
        f"lower(database_name) = lower({_literal(source)}) AND lower(schema_name) = lower({_literal(schema)}) "
        f"AND lower(table_name) = lower({_literal(table)}) ORDER BY constraint_type",
        1000,
    )
    # A copy made by a query has no constraints; what they would refuse must be refused here, too. (CHECK is left out:
    # DuckDB cannot add one.) NOT NULL comes first: a table with an index takes no more of them.
    for number, (kind, columns) in enumerate(constraints.rows):
        names = ", ".join(quoted(str(name)) for name in (columns if isinstance(columns, list) else ()))
        add = _CONSTRAINTS.get(str(kind))
        if add is not None:
            session.execute(add.format(table=here, columns=names, index=quoted(f"{table}_unique_{number}")))


_CONSTRAINTS = {
    "NOT NULL": "ALTER TABLE {table} ALTER COLUMN {columns} SET NOT NULL",
    "PRIMARY KEY": "ALTER TABLE {table} ADD PRIMARY KEY ({columns})",
    "UNIQUE": "CREATE UNIQUE INDEX {index} ON {table} ({columns})",
}


@contextmanager
def _interrupted(connection: duckdb.DuckDBPyConnection, deadline: float, seconds: float) -> Iterator[None]:
    left = deadline - time.monotonic()
    if left <= 0:
        raise WarehouseError(f"the trial took longer than {seconds:g} s")
    timer = threading.Timer(left, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
