"""How long to wait for a service, in all, and before the next try."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

TOTAL = 90.0
"""Seconds that one posting may take, waits included: enough for the minute that GitHub asks for after a secondary
rate limit, and little beside a build."""
MAX_TRIES = 6
"""Tries of one request."""

NOTICED = 3.0
"""Seconds after which a person wonders what is going on."""


@dataclass(slots=True)
class Patience:
    """The time that is left for one posting; it begins with the first request.

    Args:
        total: Seconds, waits included.
        request: Seconds that one answer may take.
        first: Seconds before the second try; they double with each further one, less a random part.
        sleep: What waits.
        on_wait: Told of a wait that a person would notice.
    """

    total: float = TOTAL
    request: float = 20.0
    first: float = 1.0
    sleep: Callable[[float], None] = time.sleep
    on_wait: Callable[[str], None] | None = None
    _end: float | None = field(default=None, init=False)

    def left(self) -> float:
        """Seconds; zero if time is over."""
        now = time.monotonic()
        if self._end is None:
            self._end = now + self.total
        return max(0.0, self._end - now)

    def wait(self, tries: int, asked: float | None) -> bool:
        """Wait before try number ``tries + 1``: as long as the server ``asked``, else a while. False: there is no time
        for that, or it was tried often enough, and nobody waited."""
        seconds = asked if asked is not None else self.first * 2.0 ** (tries - 1) * (1 - 0.5 * random.random())
        if tries >= MAX_TRIES or seconds >= self.left():
            return False
        if self.on_wait is not None and seconds >= NOTICED:
            self.on_wait(f"waiting {seconds:.0f} s before the next try")
        self.sleep(seconds)
        return True
