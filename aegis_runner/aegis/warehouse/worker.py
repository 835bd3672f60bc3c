"""A thread that works for its owner and can be left behind: drivers of databases may never return.

It is a daemon, so that a process ends although a driver still waits for its server. (The threads of
`concurrent.futures` are waited for when Python ends.)
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

_left_behind = threading.Event()


class Late(Exception):
    """The work did not end in time; its thread is left behind."""


class Worker:
    """Does one thing after another in one thread, begun by the first."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def do(self, work: Callable[..., T], *arguments: object, seconds: float) -> T:
        """What the work returns, or raises.

        Raises:
            Late: It took longer than so many seconds.
        """
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        done = threading.Event()
        outcome: list[Any] = []

        def task() -> None:
            try:
                outcome.append((work(*arguments), None))
            except BaseException as error:  # raised again where the work was asked for
                outcome.append((None, error))
            finally:
                done.set()

        self._work.put(task)
        if not done.wait(seconds):
            _left_behind.set()
            raise Late
        value, error = outcome[0]
        if error is not None:
            raise error
        found: T = value
        return found

    def end(self) -> None:
        """Let the thread end once it has done what it was given."""
        self._work.put(None)
        self._thread = None

    def _run(self) -> None:
        while (task := self._work.get()) is not None:
            task()


def left_behind() -> bool:
    """Whether a thread of this process may still wait for a database that does not answer."""
    return _left_behind.is_set()
