"""What takes too long is interrupted, once, and nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from aegis.warehouse.time_limit import interrupted_after


def test_a_block_that_takes_too_long_is_interrupted_once() -> None:
    calls: list[float] = []
    began = time.monotonic()
    with interrupted_after(0.05, lambda: calls.append(time.monotonic() - began)):
        time.sleep(0.3)
    assert len(calls) == 1 and 0.05 <= calls[0] < 0.3


def test_a_block_that_has_ended_is_not_interrupted() -> None:
    calls: list[int] = []
    with interrupted_after(0.05, lambda: calls.append(1)):
        pass
    time.sleep(0.15)
    assert not calls


def test_the_limit_that_ends_first_is_kept_among_longer_ones() -> None:
    late, soon = threading.Event(), threading.Event()
    with interrupted_after(60, late.set), interrupted_after(0.05, soon.set):
        assert soon.wait(5)
    assert not late.is_set()


def test_many_limits_take_one_thread() -> None:
    before = threading.active_count()
    for _ in range(50):
        with interrupted_after(60, lambda: None):
            assert threading.active_count() <= before + 1


def test_what_fails_to_interrupt_leaves_the_others_their_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _: None)  # it is raised in the thread, and told there

    def broken() -> None:
        raise RuntimeError("closed")

    with interrupted_after(0.01, broken):
        time.sleep(0.1)
    soon = threading.Event()
    with interrupted_after(0.05, soon.set):
        assert soon.wait(5)


FORKED = """
import os, sys, threading
from aegis.warehouse.time_limit import interrupted_after
with interrupted_after(60, lambda: None):
    child = os.fork()
    if child == 0:
        soon = threading.Event()
        with interrupted_after(0.05, soon.set):
            os._exit(0 if soon.wait(5) else 1)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_a_forked_process_has_limits_of_its_own() -> None:
    assert subprocess.run([sys.executable, "-c", FORKED], timeout=30, check=False).returncode == 0
