"""A plugin of pytest: every test run begins with empty caches.

mutmut forks one process after the other from one in which the tests ran before; what a function remembered there would
answer for its changed self.
"""

from __future__ import annotations

import functools
import gc


def pytest_sessionstart() -> None:
    for one in gc.get_objects():
        if isinstance(one, functools._lru_cache_wrapper):
            one.cache_clear()
