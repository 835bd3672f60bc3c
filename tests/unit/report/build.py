"""Parts of hand-made reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aegis.dbt.results.findings import checked
from aegis.domain.report import Finding, Notice, Report, RunInfo, Summary
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Severity

RUN: dict[str, Any] = {
    "run_id": "r_7f3c",
    "started_at": (START := datetime(2026, 11, 20, 9, 0, tzinfo=UTC)),
    "finished_at": START + timedelta(seconds=0.612),
    "aegis_version": "0.1.0",
    **{"command": "analyze", "depth": "results", "target_dir": "target"},
    **{"project": "shop", "adapter": "duckdb", "dbt_version": "2.0.0"},
}
BROKEN: dict[str, Any] = {"status": Status.ERROR, "rows_checked": None, "rows_failed": None}  # no verdict


def a_result(rule_id: str, **fields: Any) -> Result:
    """A passed `not_null` rule on ``orders``, but for ``fields``."""
    base: dict[str, Any] = {
        "unique_id": "test.shop.orders",
        "rule_type": "not_null",
        "kind": ResultKind.RULE,
        "status": Status.PASS,
        "severity": Severity.MEDIUM,
        "node": "model.shop.orders",
        "table": "orders",
        "rows_checked": 84_112,
        "rows_failed": 0,
        "seconds": 0.02,
    }
    return Result(rule_id=rule_id, **{**base, **fields})


def a_finding(number: int, result: Result, **fields: Any) -> Finding:
    base = {"severity": result.severity, "effective_severity": result.severity}
    return Finding(id=f"F{number}", rule_id=result.rule_id, result=result, **{**base, **fields})


def a_report(
    results: Sequence[Result] = (), findings: Sequence[Finding] = (), errors: Sequence[Notice] = (), **run: Any
) -> Report:
    statuses, levels = Counter(item.status for item in results), Counter(item.effective_severity for item in findings)
    summary = Summary(
        results=len(results),
        passed=statuses[Status.PASS],
        failed=statuses[Status.FAIL],
        warned=statuses[Status.WARN],
        errors=statuses[Status.ERROR],
        skipped=statuses[Status.SKIPPED],
        findings=len(findings),
        causes=0,
        by_severity={severity: levels[severity] for severity in Severity},
        fail_on="high",
        exit_code=1 if levels[Severity.CRITICAL] + levels[Severity.HIGH] else 0 if checked(results) else 3,
        rules=sum(item.kind is ResultKind.RULE for item in results),
        checked=checked(results),
    )
    return Report(
        run=RunInfo(**{**RUN, **run}),
        summary=summary,
        findings=tuple(findings),
        results=tuple(results),
        errors=tuple(errors),
        timings={"read": 0.1, "findings": 0.02},
    )
