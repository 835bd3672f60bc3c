"""DuckDB through its own library: files attached read-only to a private session that can reach nothing else."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from aegis.errors import WarehouseError
from aegis.warehouse.base import Relation, Rows, SandboxLimits, SandboxSession, literal, plain_rows, quoted
from aegis.warehouse.duckdb_kept import conditions_by_relation, reading_kept
from aegis.warehouse.duckdb_library import library
from aegis.warehouse.duckdb_lock import in_use
from aegis.warehouse.duckdb_repeated import repeated
from aegis.warehouse.time_limit import interrupted_after

if TYPE_CHECKING:
    import duckdb

_NEWER = re.compile(r"database file with version number|created with a newer version")
_LOCKED = re.compile(r"Conflicting lock is held in (?P<program>.*?)\(PID (?P<pid>\d+)\)")

_BYTES_PER_THREAD = 16 * 1024 * 1024
"""So many bytes of files are worth a thread of their own: to wake it for fewer costs more than it saves."""


@dataclass(slots=True)
class DuckDbFiles:
    """Database files by the name they have in SQL; the first is the default one, the others are attached once a
    statement names them (to read the catalog of a large file takes longer than most questions).

    Args:
        files: Name to path. The paths must exist: a database is never created.
        timeout: Seconds after which a query is interrupted; DuckDB itself has no limit.
        wait: Seconds to wait for another process to let go of a file.
        threads: DuckDB's threads; if None, as many as the files are worth, at most those of the machine.
        at_once: Attach all files that can be opened with the first one: to begin a session anew takes 20 ms.
    """

    files: Mapping[str, Path]
    timeout: float = 60.0
    wait: float = 0.0
    threads: int | None = None
    at_once: bool = False
    dialect: str = "duckdb"
    _connection: duckdb.DuckDBPyConnection | None = None
    _attached: tuple[str, ...] = ()
    _kept: dict[str, str] = field(default_factory=dict)
    _names: int = 0

    def connect(self) -> None:
        """Attach the first file and lock the session down.

        Raises:
            WarehouseError: A file is missing, empty, locked, or not a database; or DuckDB is not installed.
        """
        if self._connection is not None:
            return
        if self.at_once:
            with suppress(WarehouseError):  # said where a statement names what cannot be opened
                self._open(tuple(self.files))
                return
        self._open(tuple(self.files)[:1])

    def _open(self, names: tuple[str, ...]) -> None:
        self.close()
        try:
            duckdb = library()
        except ImportError as error:
            raise WarehouseError(
                "DuckDB's Python library is not installed",
                hint="pip install 'aegis-dbt[duckdb]', or beside dbt 2: pip install duckdb",
            ) from error
        connection = duckdb.connect(":memory:", config={"threads": self.threads} if self.threads else {})
        try:
            if self.threads is None:
                self._few_threads(connection)
            for name in names:
                self._attach(connection, name, self.files[name])
            connection.execute(f"USE {quoted(next(iter(self.files)))}")
            connection.execute("SET enable_external_access=false; SET lock_configuration=true")
        except BaseException:  # whatever it is, it is raised again
            connection.close()
            raise
        self._connection, self._attached = connection, names

    def _few_threads(self, connection: duckdb.DuckDBPyConnection) -> None:
        """As many as the files are worth, where DuckDB, which knows the machine and its limits, would take more."""
        size = sum(path.stat().st_size for path in self.files.values() if path.is_file())
        worth = max(1, size // _BYTES_PER_THREAD)
        connection.execute(f"SET threads = least({worth}, current_setting('threads'))")

    def _attach(self, connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
        duckdb = library()
        check_file(path)
        deadline = time.monotonic() + self.wait
        while True:
            try:
                connection.execute(f"ATTACH {literal(str(path))} AS {quoted(name)} (READ_ONLY)")
                return
            except duckdb.Error as error:
                if _LOCKED.search(str(error)) and time.monotonic() < deadline:
                    time.sleep(0.2)
                    continue
                raise opening_error(path, str(error)) from error

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._kept.clear()

    def execute_scalar(self, sql: str) -> JsonValue:
        rows = self.execute_sample(sql, 1).rows
        return rows[0][0] if rows else None

    def execute_sample(self, sql: str, limit: int) -> Rows:
        self.connect()
        duckdb = library()
        if len(self._attached) < len(self.files) and any(_names(sql, name) for name in tuple(self.files)[1:]):
            # A session that is locked down takes no more files: begin it again.
            self._open(tuple(self.files))
        assert self._connection is not None
        for query, kept in self._kept.items():
            sql = reading_kept(sql, query, kept)
        with interrupted_after(self.timeout, self._connection.interrupt):
            try:
                cursor = self._connection.execute(sql)
                rows = cursor.fetchmany(limit)
                columns = tuple(str(column[0]) for column in cursor.description or ())
            except duckdb.InterruptException as error:
                raise WarehouseError(f"the query took longer than {self.timeout:g} s and was stopped") from error
            except duckdb.Error as error:
                raise WarehouseError(str(error).strip()) from error
        return Rows(columns, plain_rows(rows))

    def keep_rows(self, queries: Sequence[str], most: int) -> list[int | None]:
        """In temporary tables of the session; those of one table's rows by conditions on them, by one look at it."""
        found: dict[str, int | None] = {}
        refused: list[WarehouseError] = []
        for relation, conditions in conditions_by_relation(queries).items():
            with suppress(WarehouseError):  # each is asked alone then, and says why it cannot be
                found |= self._keep_by_condition(relation, conditions, most)
        for query in queries:
            try:
                found[query] = found[query] if query in found else self._keep(query, most)
            except WarehouseError as error:
                refused.append(error)
        if refused:
            raise refused[0]
        return [found[query] for query in queries]

    def _keep(self, query: str, most: int) -> int | None:
        table = self._new_name()
        # On lines of its own: it may end in a comment.
        some = f"select * from (\n{self._cheaper(query) or query}\n) as q limit {most + 1}"
        self.execute_sample(f"create or replace temp table {table} as {some}", 1)
        rows = int(str(self.execute_scalar(f"select count(*) from {table}")))
        if rows > most:
            self.execute_sample(f"drop table {table}", 1)
            return None
        self._kept[query] = table
        return rows

    def _cheaper(self, query: str) -> str | None:
        """The query in another form that gives the same rows, where one is known."""
        asked = repeated(query)
        if asked is None:
            return None
        try:
            rows, *ends, _ = self.execute_sample(asked.extent, 1).rows[0]
        except WarehouseError:  # a view, for one: it is asked as it stands
            return None
        return asked.by_buckets(rows, ends)

    def _keep_by_condition(self, relation: str, conditions: Mapping[str, str], most: int) -> dict[str, int | None]:
        """The rows of queries, each a condition on rows of the relation; none where they are too many together."""
        table, marks = self._new_name(), [f'"aegis fails {number}"' for number in range(len(conditions))]
        told = ", ".join(f"(\n{one}\n) as {mark}" for one, mark in zip(conditions.values(), marks, strict=True))
        some = f"select * from (select *, {told} from {relation}) as q where {' or '.join(marks)} limit {most + 1}"
        self.execute_sample(f"create or replace temp table {table} as {some}", 1)
        counts = ", ".join(f"count(*) filter (where {mark})" for mark in marks)
        every, *each = self.execute_sample(f"select count(*), {counts} from {table}", 1).rows[0]
        if int(str(every)) > most:
            self.execute_sample(f"drop table {table}", 1)
            return {}
        rows = f"select * exclude ({', '.join(marks)}) from {table}"
        for query, mark in zip(conditions, marks, strict=True):
            view = self._new_name()
            self.execute_sample(f"create or replace temp view {view} as {rows} where {mark}", 1)
            self._kept[query] = view
        return dict(zip(conditions, (int(str(one)) for one in each), strict=True))

    def _new_name(self) -> str:
        self._names += 1
        return f"temp.main.aegis_kept_{self._names}"

    def sandbox(
        self,
        relations: Sequence[Relation],
        limits: SandboxLimits | None = None,
        rows: Mapping[Relation, str] | None = None,
    ) -> AbstractContextManager[SandboxSession]:
        """Copies of these relations in a private database of their own; these files stay as they are."""
        from aegis.warehouse.duckdb_rows import rows_beside
        from aegis.warehouse.duckdb_sandbox import open_sandbox

        limits = limits or SandboxLimits()
        if rows:
            return rows_beside(self, relations, limits, rows)
        return open_sandbox(self.files, self._attach, relations, limits, self.threads)

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A further connection to the session, until the block ends."""
        self.connect()
        assert self._connection is not None
        cursor = self._connection.cursor()
        try:
            cursor.execute(f"USE {quoted(next(iter(self.files)))}")
            yield cursor
        finally:
            cursor.close()


def _names(sql: str, name: str) -> bool:
    return name.replace('"', '""').casefold() in sql.casefold()


def check_file(path: Path) -> None:
    """Refuse a path that is no readable file, before DuckDB would create one.

    Raises:
        WarehouseError: It is missing, empty, a folder, or may not be read.
    """
    _check_name(path)
    if not path.exists():
        raise WarehouseError("there is no such database", where=str(path), hint="Check the path. Nothing was created.")
    if path.is_dir():
        raise WarehouseError("is a folder, not a database file", where=str(path))
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise WarehouseError(f"cannot be read: {error.strerror}", where=str(path)) from error
    if not head:
        raise WarehouseError("is an empty file, not a DuckDB database", where=str(path), hint="Nothing was changed.")
    if head[8:12] != b"DUCK":
        raise WarehouseError("is not a DuckDB database", where=str(path), hint="Nothing was changed.")


def _check_name(path: Path) -> None:
    """Refuse names that DuckDB would read as another path, or cannot read at all."""
    unfit = None
    try:
        str(path).encode()
    except UnicodeEncodeError:
        unfit = "bytes that are not UTF-8"
    if os.sep == "/" and "\\" in str(path):
        unfit = "a backslash, which DuckDB takes for a slash,"
    if unfit:
        raise WarehouseError(
            f"has {unfit} in its name", where=str(path), hint="Rename it, or link to it by another name."
        )


def opening_error(path: Path, message: str) -> WarehouseError:
    """DuckDB's refusal to open a file, in words that help."""
    locked = _LOCKED.search(message)
    if locked:
        return in_use(path, int(locked["pid"]), Path(locked["program"].strip()).name)
    if _NEWER.search(message):
        return WarehouseError(
            "was written by a newer DuckDB than the one here reads",
            where=str(path),
            hint="Update DuckDB: pip install -U duckdb",
        )
    return WarehouseError(f"cannot be opened: {message.splitlines()[0]}", where=str(path), hint="Nothing was changed.")
