"""What takes too long is interrupted, all of it by one thread: to start one for each query costs more CPU than most
queries do."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class _Watch:
    """Calls what is due. Whoever has left in time is never called: both happen under one lock."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: dict[object, tuple[float, Callable[[], None]]] = {}
        self._wakes = math.inf
        self._thread: threading.Thread | None = None

    def enter(self, at: float, interrupt: Callable[[], None]) -> object:
        ticket = object()
        with self._changed:
            self._due[ticket] = (at, interrupt)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._watch, name="aegis-time-limit", daemon=True)
                self._thread.start()
            elif at < self._wakes:
                self._changed.notify()
        return ticket

    def leave(self, ticket: object) -> None:
        with self._changed:
            self._due.pop(ticket, None)

    def _watch(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                for ticket in [one for one, (at, _) in self._due.items() if at <= now]:
                    _, interrupt = self._due.pop(ticket)
                    interrupt()
                self._wakes = min((at for at, _ in self._due.values()), default=math.inf)
                self._changed.wait(None if self._wakes == math.inf else self._wakes - now)


_watch = _Watch()


def _begin_anew() -> None:
    global _watch
    _watch = _Watch()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)  # the thread stays with the parent


@contextmanager
def interrupted_after(seconds: float, interrupt: Callable[[], None]) -> Iterator[None]:
    """The block, or ``interrupt`` called once if it has not ended after so many seconds. Another thread calls it, and
    never after the block has ended."""
    watch = _watch
    ticket = watch.enter(time.monotonic() + seconds, interrupt)
    try:
        yield
    finally:
        watch.leave(ticket)
