"""What can go wrong with a question. Inside the room `Transient`, `Rejected`, `Permanent`; outside, `Unanswered`."""

from __future__ import annotations

from enum import StrEnum

from aegis.errors import ProviderError


class Kind(StrEnum):
    """Why a question has no answer."""

    OFFLINE = "offline"
    UNAVAILABLE = "unavailable"
    REJECTED = "rejected"
    DEADLINE = "deadline"
    BUDGET = "budget"
    REFUSED = "refused"
    CUT_SHORT = "cut_short"
    INVALID = "invalid"


class Unanswered(ProviderError):
    """A question without an answer. ``kind`` says why, for code; the message says it for people."""

    def __init__(self, kind: Kind, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message, where=where, hint=hint)
        self.kind = kind


class Failure(Exception):
    """A try that gave nothing. ``maybe_billed``: the provider may have worked for it, nobody knows."""

    def __init__(self, reason: str, *, hint: str | None = None, maybe_billed: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
        self.maybe_billed = maybe_billed


class Transient(Failure):
    """May succeed later: too many requests, a server in trouble, a broken connection. ``retry_after`` in seconds."""

    def __init__(
        self, reason: str, *, retry_after: float | None = None, hint: str | None = None, maybe_billed: bool = False
    ) -> None:
        super().__init__(reason, hint=hint, maybe_billed=maybe_billed)
        self.retry_after = retry_after


class Rejected(Failure):
    """This question is not accepted, as it is. Another one may be."""


class Permanent(Failure):
    """Nothing will be answered until somebody changes something: a key, a model's name, an unpaid bill."""
