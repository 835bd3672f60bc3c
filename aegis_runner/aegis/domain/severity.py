"""How bad a failure is, and what that means to dbt."""

from __future__ import annotations

from enum import StrEnum

NEVER = "never"
"""In place of a severity that fails a run: none does."""


class Severity(StrEnum):
    """From bad to mild. ``rank`` orders them: a higher rank is worse."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        return len(Severity) - 1 - list(Severity).index(self)

    def raised(self, levels: int) -> Severity:
        """This severity, ``levels`` worse, at most critical."""
        ordered = list(Severity)
        return ordered[max(0, ordered.index(self) - levels)]


class Level(StrEnum):
    """What a failed rule does to the build: fail it, warn, or nothing (a draft)."""

    ERROR = "error"
    WARN = "warn"
    NONE = "none"
