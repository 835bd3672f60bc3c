"""What a run may spend. A call is let through only if what it could cost at most still fits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition

from aegis.llm.deadline import Deadline, OutOfTime


@dataclass(frozen=True, slots=True)
class Spend:
    """Tokens, in and out together, and US dollars."""

    tokens: int = 0
    usd: float = 0.0

    def __add__(self, other: Spend) -> Spend:
        return Spend(self.tokens + other.tokens, self.usd + other.usd)

    def __sub__(self, other: Spend) -> Spend:
        return Spend(self.tokens - other.tokens, self.usd - other.usd)


class BudgetSpent(Exception):
    """The next call could cost more than is left. The text says how much is left, and of what."""


@dataclass(slots=True)
class Bill:
    """What one call came to. Until somebody knows better, as much as it could."""

    spent: Spend


class Budget:
    """Counts what was spent and what calls in flight could still cost. Several threads may ask at once."""

    def __init__(self, *, usd: float | None = None, tokens: int | None = None) -> None:
        self._usd = usd
        self._tokens = tokens
        self._spent = Spend()
        self._held = Spend()
        self._flying = 0
        self._changed = Condition()

    @contextmanager
    def call(self, most: Spend, deadline: Deadline) -> Iterator[Bill]:
        """Room for a call that costs ``most`` at most. While others in flight may leave room, it waits for them.

        Raises:
            BudgetSpent: There is no room, and none will come.
            OutOfTime: The deadline is over.
        """
        self._hold(most, deadline)
        bill = Bill(most)
        try:
            yield bill
        finally:
            with self._changed:
                self._held -= most
                self._flying -= 1
                self._spent += bill.spent
                self._changed.notify_all()

    def _hold(self, most: Spend, deadline: Deadline) -> None:
        with self._changed:
            while lacking := self._lacking(most):
                if not self._flying:
                    raise BudgetSpent(lacking)
                if not self._changed.wait(deadline.left()):
                    raise OutOfTime(deadline.seconds)
            self._held += most
            self._flying += 1

    def _lacking(self, most: Spend) -> str:
        """What there is not enough of; empty if there is."""
        taken = self._spent + self._held
        if self._tokens is not None and taken.tokens + most.tokens > self._tokens:
            left = max(0, self._tokens - taken.tokens)
            return f"{left:,} of {self._tokens:,} tokens are left, and the next call could take {most.tokens:,}"
        # A cent of a cent of a cent: sums of binary fractions are not exact.
        if self._usd is not None and taken.usd + most.usd > self._usd + 1e-9:
            left_usd = max(0.0, self._usd - taken.usd)
            return f"${left_usd:.4f} of ${self._usd:.4f} are left, and the next call could cost ${most.usd:.4f}"
        return ""
