"""A provider that is dead is not asked again: otherwise each question would wait for its whole deadline."""

from __future__ import annotations

from threading import Lock

from aegis.llm.failures import Kind, Unanswered


class Circuit:
    """Open after a failure that will not pass, or after ``most`` questions in a row that the provider failed."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._failed = 0
        self._reason: Unanswered | None = None
        self._lock = Lock()

    def check(self) -> None:
        """
        Raises:
            Unanswered: It is open. The reason is that of the question that opened it.
        """
        with self._lock:
            reason = self._reason
        if reason is not None:
            message = f"{reason.message} (nothing more is asked in this run)"
            raise Unanswered(Kind.UNAVAILABLE, message, where=reason.where, hint=reason.hint)

    def answered(self) -> None:
        with self._lock:
            self._failed = 0

    def failed(self, reason: Unanswered, *, for_good: bool) -> None:
        with self._lock:
            self._failed += 1
            if self._reason is None and (for_good or self._failed >= self._most):
                self._reason = reason
