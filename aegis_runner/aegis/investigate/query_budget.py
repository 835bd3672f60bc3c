"""Every query of an investigation goes through here: counted, timed, bounded, and remembered."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from aegis.domain.limits import MAX_QUERIES, MAX_SECONDS
from aegis.errors import WarehouseError
from aegis.warehouse.base import KeepsRows, Several

if TYPE_CHECKING:
    from aegis.warehouse.base import Rows, Warehouse

MOST_KEPT = 50_000
"""So many rows of a query are kept, for several questions about them."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may be asked: queries and seconds in the whole run, rows of one answer."""

    queries: int = MAX_QUERIES
    seconds: float = MAX_SECONDS
    rows: int = 1_000


def to_count(value: object) -> int:
    """A count as a warehouse gives it: as a number, or as text such as ``12`` or ``12.0``; no rows at all are none.

    Raises:
        WarehouseError: It is no number.
    """
    if value is None:
        return 0
    try:
        return int(Decimal(str(value)))
    except (ArithmeticError, ValueError) as error:
        raise WarehouseError(f"gave {value!r} where a count was asked for") from error


class BudgetExceeded(Exception):
    """A bound is reached; what was found until then stands, and what was not asked is said."""


@dataclass(frozen=True, slots=True)
class QueryLogEntry:
    """One query: what for, the SQL, how long it took, how many rows came, why it failed, if it did, and the number of
    the step in which it was asked."""

    purpose: str
    sql: str
    seconds: float
    rows: int
    error: str | None = None
    step: int = -1


step_now: ContextVar[int] = ContextVar("aegis_step", default=-1)
"""The number of the step that this thread is in; -1 outside of any."""


@dataclass(slots=True)
class QueryBudget:
    """A warehouse that counts. Safe for several threads; as many queries run at once as the warehouse has connections,
    and identical questions are asked once."""

    warehouse: Warehouse
    bounds: Bounds = field(default_factory=Bounds)
    asked: list[QueryLogEntry] = field(default_factory=list)
    seconds: float = 0.0
    reserve: int = 0
    """Queries that are held back for what comes later."""
    on_query: Callable[[str], None] | None = None
    """Told what a query is for, before it is asked."""
    _answers: dict[tuple[str, int], Future[Rows]] = field(default_factory=dict)
    _begun: int = 0
    _stopped: bool = False
    _kept: set[str] = field(default_factory=set)
    _turns: threading.Semaphore | None = None
    _free: list[Warehouse] = field(default_factory=list)
    _more: list[Warehouse] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def dialect(self) -> str:
        return self.warehouse.dialect

    def ask(self, sql: str, purpose: str, limit: int | None = None) -> Rows:
        """The answer.

        Raises:
            BudgetExceeded: No more may be asked.
            WarehouseError: The database refuses.
        """
        most = self.bounds.rows if limit is None else limit
        with self._lock:
            answer = self._answers.get((sql, most))
            mine = answer is None
            if answer is None:
                spent = self._spent()
                if spent is not None:
                    raise BudgetExceeded(spent)
                answer = self._answers[sql, most] = Future()
                self._begun += 1
        if mine:
            self._ask(sql, purpose, most, answer)
        return answer.result()

    @property
    def at_once(self) -> int:
        """How many queries may run at once."""
        return self.warehouse.at_once if isinstance(self.warehouse, Several) else 1

    def close(self) -> None:
        """The connections beside the warehouse's own end."""
        with self._lock:
            more, self._more = self._more, []
        for one in more:
            one.close()

    def keep_rows(self, queries: Sequence[str]) -> None:
        """Keep the rows of queries that will be asked about several times, where the warehouse can and they are few."""
        warehouse = self.warehouse
        with self._lock:
            queries = [query for query in dict.fromkeys(queries) if query not in self._kept]
            if not isinstance(warehouse, KeepsRows) or not queries or self._spent() is not None:
                return
            self._kept.update(queries)
            self._begun += 1
        with self._connection():  # it has one, that of the warehouse itself
            began, error, rows = time.perf_counter(), None, 0
            try:
                rows = sum(found or 0 for found in warehouse.keep_rows(queries, MOST_KEPT))
            except WarehouseError as refused:
                error = refused.message  # whoever asks about them hears the same
            self._note("rows, kept for what is asked about them", "; ".join(queries), began, rows, error)

    def stop(self) -> None:
        """No more may be asked: somebody interrupted."""
        self._stopped = True

    def _spent(self) -> str | None:
        """Why no more may be asked."""
        if self._stopped:
            return "it was interrupted"
        most = self.bounds.queries - self.reserve
        if self._begun >= most:
            return f"{most} queries were run"
        return f"{self.bounds.seconds:g} s were spent on queries" if self.seconds >= self.bounds.seconds else None

    def _note(self, purpose: str, sql: str, began: float, rows: int, error: str | None) -> None:
        took = time.perf_counter() - began
        with self._lock:
            self.seconds += took
            self.asked.append(QueryLogEntry(purpose, sql, round(took, 4), rows, error, step_now.get()))

    def _ask(self, sql: str, purpose: str, limit: int, answer: Future[Rows]) -> None:
        """Ask, and tell all who wait for it."""
        try:
            if self.on_query is not None:
                self.on_query(purpose)
            with self._connection() as warehouse:
                began, error, rows = time.perf_counter(), None, 0
                try:
                    found = warehouse.execute_sample(sql, limit)
                    rows = len(found.rows)
                    answer.set_result(found)
                except WarehouseError as refused:
                    error = refused.message
                    answer.set_exception(refused)
                self._note(purpose, sql, began, rows, error)
        except BaseException as stopped:  # whatever it is, it is raised again
            if not answer.done():
                answer.set_exception(stopped)
            raise

    @contextmanager
    def _connection(self) -> Iterator[Warehouse]:
        """One that nobody else uses; the first is the warehouse itself."""
        with self._lock:
            if self._turns is None:
                self._turns, self._free = threading.Semaphore(self.at_once), [self.warehouse]
            turns = self._turns
        with turns:
            with self._lock:
                free = self._free.pop() if self._free else None
                if free is None and isinstance(self.warehouse, Several):
                    free = self.warehouse.another()
                    self._more.append(free)
            assert free is not None  # there are as many as turns
            try:
                yield free
            finally:
                with self._lock:
                    self._free.append(free)
