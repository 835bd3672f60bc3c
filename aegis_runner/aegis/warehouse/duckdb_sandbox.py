"""A private DuckDB that has copies of a few tables under their own names, to try changes on.

The user's files are attached read-only while the copies are made, then detached; the session that is handed out has
none of them, can reach no file and can change no setting. Copies are files of a private folder, so that large tables
need no memory; the folder goes with the session. Small tables stay in memory and have one thread: to compress them, and
to wake other threads for them, costs more than to read them.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from aegis.errors import WarehouseError
from aegis.warehouse.base import Relation, Rows, SandboxLimits, literal, plain_rows, quoted
from aegis.warehouse.duckdb_library import library
from aegis.warehouse.time_limit import interrupted_after

if TYPE_CHECKING:
    import duckdb


SMALL = 250_000
"""Tables of so many rows in all are small."""

Attach = Callable[["duckdb.DuckDBPyConnection", str, Path], None]
Place = tuple[str, str, str]
"""A table by its database (as `files` names it), schema and name."""


class DuckDbSandbox:
    """A `SandboxSession`. Tables are copied once; `rollback` brings back what they were at `begin`."""

    dialect = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection, limits: SandboxLimits) -> None:
        self.connection = connection
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
            self.connection.rollback()
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
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise WarehouseError(f"the trial took longer than {self.limits.seconds:g} s")
        with interrupted_after(left, self.connection.interrupt):
            try:
                cursor = self.connection.execute(sql)
                rows = cursor.fetchmany(limit)
            except duckdb.InterruptException:
                raise WarehouseError(f"the trial took longer than {self.limits.seconds:g} s") from None
            except duckdb.Error as error:
                raise WarehouseError(str(error).strip()) from error
        columns = tuple(str(column[0]) for column in cursor.description or ())
        return Rows(columns, plain_rows(rows))

    def close(self) -> None:
        self.connection.close()


@contextmanager
def open_sandbox(
    files: Mapping[str, Path],
    attach: Attach,
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
            places = _known({_whole(one, default) for one in relations}, files)
            if not _in_memory(session, files, attach, places):
                _in_files(session, files, attach, places, folder)
            connection.execute(f"USE {quoted(default)}")
            connection.execute("SET enable_external_access=false; SET lock_configuration=true")
            yield session
        finally:
            connection.close()


def _whole(relation: Relation, default: str) -> Place:
    return relation.database or default, relation.schema or "main", relation.name


def _known(relations: set[Place], files: Mapping[str, Path]) -> list[Place]:
    known = {name.casefold(): name for name in files}
    for database, _, table in relations:
        if database.casefold() not in known:
            raise WarehouseError(f"there is no database {database!r} to copy from", where=table)
    return sorted((known[database.casefold()], schema, table) for database, schema, table in relations)


def _in_memory(session: DuckDbSandbox, files: Mapping[str, Path], attach: Attach, places: Sequence[Place]) -> bool:
    """Copy them under their own names at once, the files having other names; False where they are not small, or one is
    a view: its SQL reads files by their names."""
    sources = {name: f"aegis_source_{number}" for number, name in enumerate(files)}
    for name, path in files.items():
        attach(session.connection, sources[name], path)
    tables = [(sources[database], schema, table) for database, schema, table in places]
    small = not any(_is_view(session, *one) for one in tables)
    small = small and sum(checked_rows(session, *one) for one in tables) <= SMALL
    if small:
        session.execute("SET threads = 1")
        for name in files:
            session.execute(f"ATTACH ':memory:' AS {quoted(name)}")
        for source, place in zip(tables, places, strict=True):
            _copy_table(session, source, place)
    for source_name in sources.values():
        session.execute(f"DETACH {quoted(source_name)}")
    return small


def _in_files(
    session: DuckDbSandbox, files: Mapping[str, Path], attach: Attach, places: Sequence[Place], folder: str
) -> None:
    """Copy them into files that take the names of the user's, which are all attached meanwhile: a view may read across
    them."""
    for name, path in files.items():
        attach(session.connection, name, path)
    session.execute(f"USE {quoted(next(iter(files)))}")
    copies = {name: f"aegis_copy_{number}" for number, name in enumerate(files)}
    for copy in copies.values():
        session.execute(f"ATTACH {literal(f'{folder}/{copy}.duckdb')} AS {quoted(copy)}")
    for database, schema, table in places:
        checked_rows(session, database, schema, table)
        _copy_table(session, (database, schema, table), (copies[database], schema, table))
    session.execute("USE memory")
    for name in (*files, *copies.values()):
        session.execute(f"DETACH {quoted(name)}")
    for name, copy in copies.items():
        session.execute(f"ATTACH {literal(f'{folder}/{copy}.duckdb')} AS {quoted(name)}")


def _is_view(session: DuckDbSandbox, *place: str) -> bool:
    sql = f"SELECT 1 FROM duckdb_views() WHERE {_named('view', *place)}"
    return bool(session.execute_sample(sql, 1).rows)


def _named(kind: str, database: str, schema: str, name: str) -> str:
    pairs = {"database_name": database, "schema_name": schema, f"{kind}_name": name}
    return " AND ".join(f"lower({column}) = lower({literal(value)})" for column, value in pairs.items())


def checked_rows(session: DuckDbSandbox, *place: str) -> int:
    """How many rows a table has.

    Raises:
        WarehouseError: They are too many.
    """
    most = session.limits.rows
    count = int(str(session.execute_scalar(f"SELECT count(*) FROM {'.'.join(map(quoted, place))}")))
    if count > most:
        raise WarehouseError(f"has {count:,} rows, more than the {most:,} that a trial copies", where=place[-1])
    return count


def _copy_table(session: DuckDbSandbox, source: Place, place: Place) -> None:
    _make_table(session, place, f"SELECT * FROM {'.'.join(map(quoted, source))}", constraints_of(session, source))


def _make_table(session: DuckDbSandbox, place: Place, query: str, constraints: Sequence[str]) -> None:
    database, schema, _ = place
    table = ".".join(map(quoted, place))
    session.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(database)}.{quoted(schema)}")
    session.execute(f"CREATE TABLE {table} AS {query}")
    add_constraints(session, place, constraints)


def add_constraints(session: DuckDbSandbox, place: Place, constraints: Sequence[str]) -> None:
    """What `constraints_of` the original says, for its copy."""
    table = ".".join(map(quoted, place))
    for number, add in enumerate(constraints):
        session.execute(add.format(table=table, index=quoted(f"{place[-1]}_unique_{number}")))


def constraints_of(session: DuckDbSandbox, source: Place) -> list[str]:
    """What a copy made by a query lacks, as statements with ``{table}`` and ``{index}``: what constraints would refuse
    must be refused there, too. (CHECK is left out: DuckDB cannot add one.) NOT NULL comes first: a table with an index
    takes no more of them."""
    found = session.execute_sample(
        f"SELECT constraint_type, constraint_column_names FROM duckdb_constraints() WHERE {_named('table', *source)} "
        "ORDER BY constraint_type",
        1000,
    )
    statements = []
    for kind, columns in found.rows:
        names = ", ".join(quoted(str(name)) for name in (columns if isinstance(columns, list) else ()))
        if str(kind) in _CONSTRAINTS:
            add = _CONSTRAINTS[str(kind)].replace("{columns}", names.replace("{", "{{").replace("}", "}}"))
            statements.append(add)
    return statements


_CONSTRAINTS = {
    "NOT NULL": "ALTER TABLE {table} ALTER COLUMN {columns} SET NOT NULL",
    "PRIMARY KEY": "ALTER TABLE {table} ADD PRIMARY KEY ({columns})",
    "UNIQUE": "CREATE UNIQUE INDEX {index} ON {table} ({columns})",
}
