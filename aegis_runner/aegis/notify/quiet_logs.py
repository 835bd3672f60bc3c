"""What libraries log while they send holds addresses (httpx logs each, urllib3 and Apprise do when asked to): it goes
nowhere. Apprise says only there why something was not sent, so the warnings are handed to who sends."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident

_LOGGERS = ("apprise", "httpx", "urllib3.connectionpool")


class _OfThisThread(logging.Filter):
    """Keeps back what this thread logs; what other threads log goes on as it did."""

    def __init__(self) -> None:
        super().__init__()
        self._own = get_ident()
        self.warnings: list[str] = []

    def filter(self, record: logging.LogRecord) -> bool:
        if record.thread != self._own:
            return True
        if record.levelno >= logging.WARNING:
            self.warnings.append(record.getMessage())
        return False


@contextmanager
def quiet_logs() -> Iterator[list[str]]:
    """Inside, the libraries log nothing from this thread; the warnings that they would have."""
    kept = _OfThisThread()
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(kept)
    try:
        yield kept.warnings
    finally:
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(kept)
