"""What a test's config makes of its failures: severity, ``warn_if``, ``error_if``, ``limit`` and ``fail_calc``.

dbt fails a test of severity error if ``error_if`` holds for the number of failures, else warns if ``warn_if`` does; a
test of severity warn only warns (https://docs.getdbt.com/reference/resource-configs/severity).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aegis.dbt.artifacts.schema import Node, NodeConfig
from aegis.dbt.generate.model import NotCarriedError
from aegis.dbt.graph.nodes import severity_of
from aegis.domain.severity import Level, Severity

if TYPE_CHECKING:
    from aegis.rules.model import Rule

_ABOVE = re.compile(r"\s*(>=|>|!=|<>)\s*(\d{1,15})\s*")
_COUNTS_ROWS = re.compile(r"\s*count\(\s*(\*|1)\s*\)\s*", re.IGNORECASE)
_ZERO_WITHOUT_ROWS = re.compile(r"\s*(coalesce\(\s*)?sum\(\s*n_records\s*\)(\s*,\s*0\s*\))?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How many failures are tolerated before a test fails (``error``; None: it never does) and before it warns."""

    severity: Severity
    error: int | None
    warn: int
    notes: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether any failure counts."""
        return (self.error or 0) == 0 and self.warn == 0

    def settings(self, cls: type[Rule]) -> list[tuple[dict[str, Any], str]]:
        """What rules of this type say to give dbt's verdict, each with a suffix for its id. One rule does, unless the
        test warns from one number on and fails from another.

        Raises:
            NotCarriedError: The type takes no such tolerance.
        """
        if self.plain:
            return [(self._level(Level.WARN if self.error is None else Level.ERROR), "")]
        if "max_failed_rows" not in cls.checks:
            raise NotCarriedError(f"{cls.type} takes no number of tolerated rows (warn_if, error_if)")
        if self.error is None:
            return [(self._tolerating(Level.WARN, self.warn), "")]
        failing = self._tolerating(Level.ERROR, self.error)
        if self.warn >= self.error:
            return [(failing, "")]
        if self.warn == 0 and "warn_pct" in cls.checks:
            return [({**failing, "warn_pct": 0}, "")]
        return [(failing, ""), (self._tolerating(Level.WARN, self.warn), "_warn")]

    def _tolerating(self, level: Level, rows: int) -> dict[str, Any]:
        return {**self._level(level), **({"max_failed_rows": rows} if rows else {})}

    def _level(self, level: Level) -> dict[str, Any]:
        own = Level.ERROR if self.severity.rank >= Severity.HIGH.rank else Level.WARN
        return {"severity": self.severity, **({"level": level} if level is not own else {})}


def thresholds_of(test: Node, counts_rows: bool) -> Thresholds:
    """What the config of a test says. ``counts_rows`` tells whether a rule counts what the test does.

    Raises:
        NotCarriedError: A rule cannot say that.
    """
    config = test.config or NodeConfig()
    warns = (config.severity or "error").strip().lower() == "warn"
    error = None if warns else _tolerated("error_if", config.error_if)
    warn = _tolerated("warn_if", config.warn_if)
    found = Thresholds(severity_of(test, "warn" if warns else "error"), error, warn)
    notes: list[str] = []
    if config.fail_calc and not _COUNTS_ROWS.fullmatch(config.fail_calc):
        if not (found.plain and _ZERO_WITHOUT_ROWS.fullmatch(config.fail_calc)):
            raise NotCarriedError(f"its fail_calc ({config.fail_calc}) counts what no rule counts")
        notes.append(f"fail_calc ({config.fail_calc}) is not carried: the rule counts rows")
    if config.limit is not None:
        if max(error or 0, warn) >= config.limit:
            raise NotCarriedError(f"its limit of {config.limit} failures keeps it below its own warn_if or error_if")
        notes.append(f"limit ({config.limit}) is not carried: the rule counts all failing rows")
    if not found.plain and not counts_rows:
        notes.append("counts as the test does, because of its warn_if or error_if")
    return Thresholds(found.severity, error, warn, tuple(notes))


def _tolerated(name: str, condition: str | None) -> int:
    """How many failures a condition lets pass."""
    if condition is None:
        return 0
    found = _ABOVE.fullmatch(condition)
    number = int(found[2]) if found else 0
    if found is None or (found[1] in ("!=", "<>") and number != 0) or (found[1] == ">=" and number == 0):
        raise NotCarriedError(f"its {name} ({condition}) is not a number of failures to exceed")
    return number - 1 if found[1] == ">=" else number
