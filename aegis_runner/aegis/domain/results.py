"""What one rule, dbt test, model or source freshness check gave in one run."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue

from aegis.domain.base import Frozen
from aegis.domain.severity import Level, Severity


class Status(StrEnum):
    """``error`` could not run. It is never a failed rule: different words, colour and exit code."""

    PASS = "pass"
    FAIL = "fail"
    WARN = "warn"
    ERROR = "error"
    SKIPPED = "skipped"


_BAD_FIRST = (Status.FAIL, Status.ERROR, Status.WARN, Status.SKIPPED, Status.PASS)


def worse(one: Status, other: Status) -> Status:
    """Of two results of one rule in one run, what the rule gave."""
    return min(one, other, key=_BAD_FIRST.index)


class ResultKind(StrEnum):
    """What gave the result."""

    RULE = "rule"
    TEST = "test"
    UNIT_TEST = "unit_test"
    MODEL = "model"
    SEED = "seed"
    SNAPSHOT = "snapshot"
    FRESHNESS = "freshness"
    OPERATION = "operation"


class Result(Frozen):
    """One outcome.

    ``unique_id`` is the dbt node that ran (for a rule: its suite); ``node`` the node it is about.
    ``rows_checked`` is the denominator of every percentage: the rows inside ``where``, less the NULLs
    that pass. ``failing_keys`` are a few keys of failing rows. ``seconds`` is the wall time of the dbt
    node, shared by all rules of a suite.
    """

    unique_id: str
    rule_id: str
    rule_type: str
    kind: ResultKind
    status: Status
    severity: Severity
    level: Level = Level.ERROR
    node: str | None = None
    table: str | None = None
    column: str | None = None
    rows_checked: int | None = None
    rows_failed: int | None = None
    observed: str | None = None
    expected: str | None = None
    failing_keys: tuple[JsonValue, ...] = ()
    failing_rows_sql: str | None = None
    message: str | None = None
    seconds: float | None = None
    owner: str | None = None
    description: str | None = None
    runbook: str | None = None
    tags: tuple[str, ...] = ()
    path: str | None = None

    @property
    def failed(self) -> bool:
        return self.status in (Status.FAIL, Status.WARN)


class PastResult(Frozen):
    """What a rule gave in an earlier run, which began ``at`` (UTC)."""

    run_id: str
    at: datetime
    status: Status
    rows_failed: int | None = None
    rows_checked: int | None = None
