"""A warehouse class of somebody's own, as a `Warehouse`: its SQL is looked into before, its answers are checked after.

The class has three methods: ``connect()``, ``execute_scalar(sql)`` and ``execute_sample(sql, limit)``. It may have
``dialect``, ``close()``, ``sandbox(…)`` (see `aegis.warehouse.base.Sandbox`) and ``tables()`` (pairs of schema or None,
and name).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import JsonValue

from aegis.errors import AegisError, WarehouseError
from aegis.sql.dialects import DIALECTS
from aegis.warehouse.base import FoundTable, Relation, Rows, SandboxLimits, SandboxSession, plain, plain_rows
from aegis.warehouse.one_thread import OneThread
from aegis.warehouse.only_reads import only_reads

T = TypeVar("T")

METHODS = ("connect", "execute_scalar", "execute_sample")
_CONNECTING = 120.0


def flaws_of(found: object) -> list[str]:
    """Why a class, or an object, is not a warehouse."""
    return [f"it has no {name}()" for name in METHODS if not callable(getattr(found, name, None))]


class CustomWarehouse:
    """One object of such a class. Its methods are called one after another, all in one thread.

    Args:
        own: The object.
        told: What to call it in messages.
        dialect: The dbt adapter type; the object's own ``dialect`` if None.
        url: The address that the class was given.
        timeout: Seconds after which a query is given up, but for those of rules.

    Raises:
        WarehouseError: Nobody says which SQL it speaks.
    """

    def __init__(
        self, own: Any, told: str, *, dialect: str | None = None, url: str | None = None, timeout: float = 60.0
    ) -> None:
        self.own = own
        self._url = url
        self.place = told
        self.dialect = _dialect(dialect or getattr(own, "dialect", None), told)
        self._timeout = timeout
        self._thread = OneThread("aegis-warehouse", getattr(own, "cancel", None))
        self._connected = False

    @property
    def name(self) -> str:
        """What to call what it is connected to."""
        return str(getattr(self.own, "name", None) or self.place.rpartition(":")[2])

    def connect(self) -> None:
        if not self._connected:
            self._called("connect()", self.own.connect, seconds=_CONNECTING)
            self._connected = True

    def execute_scalar(self, sql: str) -> JsonValue:
        self.connect()
        safe = only_reads(sql, self.dialect)
        return plain(self._called("execute_scalar()", self.own.execute_scalar, safe, seconds=self._timeout))

    def execute_sample(self, sql: str, limit: int) -> Rows:
        return self._sample(sql, limit, self._timeout)

    def execute_rules(self, sql: str, limit: int) -> Rows:
        """As `execute_sample`, for the statement of a suite, which may take as long as it takes."""
        return self._sample(sql, limit, None)

    def _sample(self, sql: str, limit: int, seconds: float | None) -> Rows:
        self.connect()
        safe = only_reads(sql, self.dialect)
        given = self._called("execute_sample()", self.own.execute_sample, safe, limit, seconds=seconds)
        return _rows(given, limit, self.place)

    def tables(self) -> list[FoundTable] | None:
        """Each table, where the class tells them."""
        tell = getattr(self.own, "tables", None)
        if tell is None:
            return None
        self.connect()
        found = self._called("tables()", tell, seconds=self._timeout)
        try:
            return [FoundTable(schema and str(schema), str(name), not schema) for schema, name in found]
        except (TypeError, ValueError):
            raise WarehouseError("tables() gives no pairs of schema and name", where=self.place) from None

    def secrets(self) -> dict[str, str]:
        """What must not be shown of its address."""
        return {} if self._url is None else {"url": self._url}

    def close(self) -> None:
        """Let go; what was given up is left to itself."""
        if self._connected and not self._thread.is_stuck and callable(getattr(self.own, "close", None)):
            self._called("close()", self.own.close, seconds=self._timeout)
        self._connected = False
        self._thread.end()

    def _called(self, what: str, work: Callable[..., T], *arguments: object, seconds: float | None) -> T:
        try:
            return self._thread.do(work, *arguments, seconds=seconds)
        except AegisError:
            raise
        except Exception as error:  # the class is somebody else's: it may raise anything
            said = str(error).strip() or "no message"
            if what == "connect()":
                hint = "That is what its connect() says."
                message = f"cannot be reached: {type(error).__name__}: {said}"
                raise WarehouseError(message, where=self.place, hint=hint) from error
            raise WarehouseError(f"{type(error).__name__}: {said}") from error


class CustomWithSandbox(CustomWarehouse):
    """One whose class can make copies to try changes on."""

    def sandbox(
        self,
        relations: Sequence[Relation],
        limits: SandboxLimits | None = None,
        rows: Mapping[Relation, str] | None = None,
    ) -> AbstractContextManager[SandboxSession]:
        # What somebody's class copies is whole tables, of which some rows would do.
        found: AbstractContextManager[SandboxSession] = self.own.sandbox(relations, limits)
        return found


def custom(
    own: Any, told: str, *, dialect: str | None = None, url: str | None = None, timeout: float = 60.0
) -> CustomWarehouse:
    """An object of somebody's class, with the capabilities that it has; errors as of `CustomWarehouse`."""
    cls = CustomWithSandbox if callable(getattr(own, "sandbox", None)) else CustomWarehouse
    return cls(own, told, dialect=dialect, url=url, timeout=timeout)


def _dialect(given: object, told: str) -> str:
    if isinstance(given, str) and given in DIALECTS:
        return given
    near = get_close_matches(str(given), DIALECTS, n=1)
    wrong = (
        "does not say which SQL it speaks" if given is None else f"has the dialect {given!r}, which is not known here"
    )
    guess = f"did you mean {near[0]!r}? " if near else ""
    raise WarehouseError(
        wrong,
        where=told,
        hint=f"Give the class an attribute `dialect`: {guess}one of {', '.join(sorted(DIALECTS))}.",
    )


def _rows(given: Any, limit: int, told: str) -> Rows:
    """What `execute_sample` gave: `Rows`, or mappings of column to value.

    Raises:
        WarehouseError: It is something else.
    """
    columns: tuple[str, ...]
    if isinstance(given, Rows):
        columns, rows = given.columns, given.rows[:limit]
    elif isinstance(given, Sequence) and all(isinstance(row, Mapping) for row in given):
        names = tuple(given[0]) if given else ()
        if any(set(row) != set(names) for row in given):
            raise WarehouseError("execute_sample() gives rows of different columns", where=told)
        columns = tuple(str(name) for name in names)
        rows = tuple(tuple(row[name] for name in names) for row in given[:limit])
    else:
        raise WarehouseError(
            f"execute_sample() gives {type(given).__name__}",
            where=told,
            hint="It gives a list of mappings, one a row, or aegis.Rows(columns, rows).",
        )
    if any(len(row) != len(columns) for row in rows):
        raise WarehouseError("execute_sample() gives rows that have not a value for each column", where=told)
    return Rows(columns, plain_rows(rows))
