"""One connection to PostgreSQL on which every statement has a transaction that may only read.

In such a transaction the server writes to temporary tables of the session and to nothing else. It is begun here for
each statement, by name: what an earlier one set changes nothing of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from aegis.errors import WarehouseError
from aegis.warehouse.base import Rows, plain_rows
from aegis.warehouse.postgres_text import CHANGES, READS, check_statement

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection
    from psycopg2.extensions import cursor as Cursor


T = TypeVar("T")


class PostgresSession:
    """Runs one statement at a time.

    Args:
        connection: psycopg2's; it is made one without transactions of its own.
        seconds: After which a statement is ended; None leaves that to the server.
        until: The moment (`time.monotonic`) after which none is begun, and by which the last one ends.
        late: What is said of a statement that was ended.
    """

    def __init__(
        self, connection: Connection, seconds: float | None, *, until: float | None = None, late: str | None = None
    ) -> None:
        self._connection = connection
        self._seconds = seconds
        self._until = until
        stopped = (
            "the server stopped the query"
            if seconds is None
            else f"the query took longer than {seconds:g} s and was stopped"
        )
        self._late = late or stopped
        self._open = False
        with _told(self._late):
            connection.commit()  # dbt may have set a role
            connection.set_session(autocommit=True)

    def close(self) -> None:
        self._connection.close()

    def stop(self) -> None:
        """End the statement that runs in another thread."""
        self._connection.cancel()

    def begin(self) -> None:
        """Keep one transaction for what follows."""
        self._begin("read only")
        self._open = True

    def rollback(self) -> None:
        """End it; without `begin` before it does nothing."""
        if self._open:
            self._open = False
            self._send("rollback")

    def read(self, sql: str, limit: int) -> Rows:
        """What a query gives; nothing that it does stays.

        Raises:
            WarehouseError: The server refuses it, or it may do more than read.
        """
        check_statement(sql)
        return self._within("rollback", sql, lambda cursor: _rows(cursor, limit))

    def change(self, sql: str) -> int | None:
        """A change of temporary tables; how many rows it changed.

        Raises:
            WarehouseError: As of `read`.
        """
        check_statement(sql, READS + CHANGES)
        return self._within("commit", sql, lambda cursor: cursor.rowcount if cursor.rowcount >= 0 else None)

    def shape(self, sql: str) -> dict[str, str]:
        """The columns of a query, name to type; errors as of `read`."""
        check_statement(sql)
        described = self._within("rollback", sql, lambda cursor: tuple(cursor.description or ()))
        # -1 is "of no length": without it `character` would be one of one letter.
        types = self.read("select " + ", ".join(f"format_type({int(one.type_code)}, -1)" for one in described), 1)
        return dict(zip((one.name for one in described), map(str, types.rows[0]), strict=True))

    def make(self, sql: str) -> None:
        """A statement of ours that makes or drops a temporary table, which a transaction that only reads may not.

        Raises:
            WarehouseError: The server refuses it.
        """
        assert not self._open, "it would end the transaction that is kept"
        self._begin("read write")
        with self._ended("commit"):
            self._send(sql)

    def _within(self, end: str, sql: str, take: Callable[[Cursor], T]) -> T:
        if self._open:
            return self._asked(sql, take)
        self._begin("read only")
        with self._ended(end):
            return self._asked(sql, take)

    def _begin(self, mode: str) -> None:
        ends = [self._seconds, None if self._until is None else self._until - time.monotonic()]
        left = min((seconds for seconds in ends if seconds is not None), default=None)
        if left is not None and left <= 0:
            raise WarehouseError(self._late)
        self._send(f"begin {mode}")
        if left is not None:
            self._send(f"set local statement_timeout = {max(1, round(left * 1000))}")
        self._send("set local standard_conforming_strings = on")  # by which `check_statement` reads

    @contextmanager
    def _ended(self, how: str) -> Iterator[None]:
        try:
            yield
        except BaseException:  # whatever it is, it is raised again
            self._send("rollback")
            raise
        self._send(how)

    def _send(self, sql: str) -> None:
        self._asked(sql, lambda _cursor: None)

    def _asked(self, sql: str, take: Callable[[Cursor], T]) -> T:
        with _told(self._late), self._connection.cursor() as cursor:
            cursor.execute(sql)
            return take(cursor)


def _rows(cursor: Cursor, limit: int) -> Rows:
    found = cursor.fetchmany(limit) if cursor.description else []
    columns = tuple(str(column.name) for column in cursor.description or ())
    return Rows(columns, plain_rows(found))


@contextmanager
def _told(late: str) -> Iterator[None]:
    import psycopg2

    try:
        yield
    except psycopg2.extensions.QueryCanceledError:
        raise WarehouseError(late) from None
    except psycopg2.Error as error:
        raise WarehouseError(str(error).strip()) from error
