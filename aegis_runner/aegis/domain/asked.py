"""What a run was asked to check, and what it was not to: every rule of the book has one result, or one of these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from aegis.domain.base import Frozen
from aegis.domain.severity import Level, Severity

Why = Literal["disabled", "deselected", "deprecated"]


@dataclass(frozen=True, slots=True)
class AskedRule:
    """A rule that somebody wrote down, as far as its result needs it.

    ``table`` is the one that it names, ``path`` the file that it is written in. ``deprecated`` rules do not run;
    ``problem`` says why one cannot, where that is known before anything runs.
    """

    rule_id: str
    rule_type: str
    severity: Severity
    level: Level
    table: str | None = None
    column: str | None = None
    owner: str | None = None
    description: str | None = None
    runbook: str | None = None
    tags: tuple[str, ...] = ()
    path: str | None = None
    deprecated: bool = False
    problem: str | None = None


class Omission(Frozen):
    """A rule that was not to run: ``disabled`` in the dbt project, ``deselected`` by the selection of the run or by
    its command, ``deprecated`` by its own status. ``text`` says by what."""

    rule_id: str
    rule_type: str
    why: Why
    text: str
    table: str | None = None
    path: str | None = None
