"""All work on one connection, done in one thread of its own.

Drivers keep connections by thread (SQLite's refuses another one), and a query that runs in C cannot be interrupted in
the thread that a Ctrl-C reaches. The thread is a daemon: one that never comes back holds up no exit.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from queue import SimpleQueue
from typing import Any, TypeVar

from aegis.errors import WarehouseError

T = TypeVar("T")

_PATIENCE, _PAUSE = 3.0, 0.1
"""Seconds in all, and between two tries, in which something that is given up is told to stop."""
_Task = tuple[Callable[..., Any], tuple[Any, ...], "Future[Any]"]


class OneThread:
    """Does one thing after another. ``stop`` ends what runs, where that can be done; it is called from outside."""

    def __init__(self, name: str, stop: Callable[[], None] | None = None) -> None:
        self._name = name
        self._stop = stop
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._stuck = False

    def do(self, work: Callable[..., T], *arguments: object, seconds: float | None = None, what: str = "query") -> T:
        """What ``work`` gives, or raises.

        Raises:
            WarehouseError: It took longer than ``seconds``, or what came before it has not ended yet.
        """
        if self._stuck:
            raise WarehouseError("an earlier query has not ended; nothing more is asked")
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        future: Future[T] = Future()
        self._tasks.put((work, arguments, future))
        try:
            return future.result(seconds)
        except BaseException as error:
            if future.done() and not isinstance(error, KeyboardInterrupt):
                raise
            self._give_up(future)
            if isinstance(error, TimeoutError):
                raise WarehouseError(f"the {what} took longer than {seconds:g} s and was given up") from None
            raise

    def _give_up(self, future: Future[Any]) -> None:
        """Stop what runs, again and again: what is told to stop between two statements goes on with the next."""
        self._stuck = True
        until = time.monotonic() + _PATIENCE
        while self._stop is not None and not future.done() and time.monotonic() < until:
            self._stop()
            wait([future], _PAUSE)
        self._stuck = not future.done()

    @property
    def is_stuck(self) -> bool:
        """Whether something was given up that may still run."""
        return self._stuck

    def end(self) -> None:
        """No more work; a second call does nothing."""
        if self._thread is not None:
            self._tasks.put(None)
            self._thread = None

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            work, arguments, future = task
            try:
                future.set_result(work(*arguments))
            except BaseException as error:  # whatever it is, it is raised where it was asked for
                future.set_exception(error)
