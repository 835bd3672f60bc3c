"""What makes a result, or a cause, the same one in another run: what it is about, never how many rows it counts."""

from __future__ import annotations

from typing import TypeAlias

from aegis.domain.report import Cause
from aegis.domain.results import Result

ResultKey: TypeAlias = tuple[str, str, str]
CauseKey: TypeAlias = tuple[str, str | None, str | None]


def result_key(result: Result) -> ResultKey:
    """Kind, rule id, and the node that it is about. The dbt test that ran it does not count: which one small tables
    share may change."""
    return result.kind.value, result.rule_id, result.node or result.table or result.unique_id


def cause_key(cause: Cause) -> CauseKey:
    """Where it began, the first column on the way down, and the kind. Causes whose origin is not known are told apart
    by their titles."""
    return cause.origin or cause.title, cause.path[0].column if cause.path else None, cause.kind
