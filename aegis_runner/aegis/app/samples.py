"""A few failing rows for each finding, bounded in queries and rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aegis.domain.report import Finding, Notice, Sample
from aegis.errors import WarehouseError

if TYPE_CHECKING:
    from aegis.warehouse.base import Warehouse

ROWS = 5
MOST_QUERIES = 50


def with_samples(findings: Sequence[Finding], warehouse: Warehouse) -> tuple[tuple[Finding, ...], tuple[Notice, ...]]:
    """Findings with failing rows where there is a query for them. Reading a sample never fails an analysis."""
    sampled: list[Finding] = []
    notices: list[Notice] = []
    asked = 0
    for finding in findings:
        sql = finding.result.failing_rows_sql
        if sql is None or asked >= MOST_QUERIES:
            sampled.append(finding)
            continue
        asked += 1
        try:
            rows = warehouse.execute_sample(sql, ROWS)
        except WarehouseError as error:
            notices.append(
                Notice(what=f"no failing rows of {finding.rule_id}: {error.message}", where=finding.result.table)
            )
            sampled.append(finding)
            continue
        sample = Sample(columns=rows.columns, rows=rows.rows, query=sql) if rows.rows else None
        sampled.append(finding.model_copy(update={"sample": sample}))
    return tuple(sampled), tuple(notices)
