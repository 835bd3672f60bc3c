"""What was told of a run to people elsewhere, so that a later run need not tell it again."""

from __future__ import annotations

from typing import TypeAlias

from aegis.domain.base import Frozen
from aegis.domain.identity import ResultKey
from aegis.domain.severity import Severity

ToldKey: TypeAlias = tuple[str | None, ...]


class Told(Frozen):
    """A cause, a finding without one, or a result that could not run, as a message told it. ``key`` is the same in
    every run (`aegis.domain.identity`), and so are ``findings``, the results that it explained; ``severity`` is that
    of then."""

    key: ToldKey
    severity: Severity
    findings: tuple[ResultKey, ...]

    def covers(self, later: Told) -> bool:
        """Whether ``later`` is nothing new after this: the same, no more severe, and explaining nothing more."""
        same = self.key == later.key and later.severity.rank <= self.severity.rank
        return same and set(later.findings) <= set(self.findings)
