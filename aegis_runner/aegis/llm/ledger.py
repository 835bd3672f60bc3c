"""Every call of a run, in the order in which they ended."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock

from aegis.llm.base import Call


class Ledger:
    """Keeps calls and tells ``on_call`` of each; one at a time, whichever threads they come from."""

    def __init__(self, on_call: Callable[[Call], None] | None = None) -> None:
        self._calls: list[Call] = []
        self._on_call = on_call
        self._lock = RLock()  # `on_call` may look at `calls`

    def record(self, call: Call) -> None:
        with self._lock:
            self._calls.append(call)
            if self._on_call is not None:
                self._on_call(call)

    @property
    def calls(self) -> tuple[Call, ...]:
        with self._lock:
            return tuple(self._calls)
