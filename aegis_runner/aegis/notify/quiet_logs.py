"""What libraries log while they send holds addresses (httpx logs each, urllib3 and Apprise may): it goes nowhere."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident

_LOGGERS = ("apprise", "httpx", "urllib3.connectionpool")


class _OfThisThread(logging.Filter):
    """Stops what this thread logs, and what other threads log goes on as it did."""

    def __init__(self) -> None:
        super().__init__()
        self._own = get_ident()

    def filter(self, record: logging.LogRecord) -> bool:
        return record.thread != self._own


@contextmanager
def quiet_logs() -> Iterator[None]:
    """Inside, the libraries log nothing from this thread."""
    stop = _OfThisThread()
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(stop)
    try:
        yield
    finally:
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(stop)
