"""What is given up ends, whenever it is told to."""

from __future__ import annotations

import threading
import time

import pytest

from aegis.errors import WarehouseError
from aegis.warehouse.one_thread import OneThread


class TwoStatements:
    """Work that can be stopped only in its second statement, as a database's cancel finds nothing between two."""

    def __init__(self) -> None:
        self.running, self.stopped, self.ended = threading.Event(), threading.Event(), threading.Event()

    def work(self) -> None:
        time.sleep(0.2)
        self.running.set()
        self.stopped.wait(20)
        self.ended.set()

    def stop(self) -> None:
        if self.running.is_set():
            self.stopped.set()


def test_a_stop_between_two_statements_ends_the_next_one() -> None:
    statements = TwoStatements()
    thread = OneThread("test", statements.stop)
    with pytest.raises(WarehouseError, match="given up"):
        thread.do(statements.work, seconds=0.05)
    assert statements.ended.is_set() and not thread.is_stuck
    assert thread.do(lambda: 1) == 1
    thread.end()


def test_what_no_stop_ends_is_left_behind_and_nothing_more_is_asked() -> None:
    never = threading.Event()
    thread = OneThread("test", lambda: None)
    began = time.monotonic()
    with pytest.raises(WarehouseError, match="given up"):
        thread.do(never.wait, 20, seconds=0.05)
    assert time.monotonic() - began < 10
    assert thread.is_stuck
    with pytest.raises(WarehouseError, match="has not ended"):
        thread.do(lambda: 1)
    never.set()
    thread.end()
