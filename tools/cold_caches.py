"""A plugin of pytest for `tools.mutants`: what a function remembered of earlier calls tells nothing of a changed one.

mutmut forks one process after the other from one in which the tests ran before, so each run begins with empty caches.
Where it finds out which tests run which function, each test does: one that is answered from a cache runs nothing.
"""

from __future__ import annotations

import functools
import gc
import os


def _forget() -> None:
    for one in gc.get_objects():
        if isinstance(one, functools._lru_cache_wrapper):
            one.cache_clear()


def pytest_sessionstart() -> None:
    _forget()


def pytest_runtest_setup() -> None:
    if os.environ.get("MUTANT_UNDER_TEST") == "stats":
        _forget()
