"""Waiting no longer than was said, and waiting longer each time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


class OutOfTime(Exception):
    """The deadline is over."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no answer within {seconds:g} s")
        self.seconds = seconds


class Deadline:
    """A moment, ``seconds`` from now, on the wall clock."""

    __slots__ = ("_end", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds; never below zero."""
        return max(0.0, self._end - time.monotonic())


def within(deadline: Deadline, work: Callable[[], T]) -> T:
    """What ``work`` gives, or raises, if it does so in time.

    A timeout of a socket bounds the wait for one packet, not for a reply: a server that sends a byte a second would be
    waited for without end. So the work has a thread of its own, which is left behind when time is over; it ends by
    its own timeouts, and does not keep the program from ending.

    Raises:
        OutOfTime: It did not.
    """
    future: Future[T] = Future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # handed over to the thread that waits
            future.set_exception(error)
        else:
            future.set_result(result)

    Thread(target=run, name="aegis-llm", daemon=True).start()
    try:
        return future.result(timeout=deadline.left())
    except TimeoutError:
        if future.done():  # it came that moment; or the work itself timed out, which is raised again
            return future.result()
        raise OutOfTime(deadline.seconds) from None


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before the next try: doubling from ``first``, less a random part; all in seconds.

    A server that says how long is believed, up to ``most_asked``.
    """

    first: float = 0.5
    most: float = 8.0
    most_asked: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random

    def before(self, retry: int, asked: float | None) -> float:
        """Seconds before retry number ``retry`` (from 1); ``asked`` is what the server said."""
        if asked is not None:
            return min(asked, self.most_asked)
        full = min(self.first * 2.0 ** (retry - 1), self.most)
        return full * (1 - 0.5 * self.random())  # so that those who failed together do not come back together
