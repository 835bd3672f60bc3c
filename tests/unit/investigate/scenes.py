"""Findings on tables of a real DuckDB file, for the tests of evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from aegis.dbt.artifacts.schema import Manifest, Metadata
from aegis.dbt.graph.lineage import Lineage
from aegis.domain.report import Finding
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Severity
from aegis.investigate.evidence import EvidenceContext
from aegis.investigate.query_budget import Bounds, QueryBudget
from aegis.investigate.symptoms import Symptom
from aegis.warehouse.duckdb_files import DuckDbFiles

NODE = "model.shop.orders"
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def database(folder: Path, *statements: str) -> Path:
    path = folder / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


def budget(path: Path, **bounds: Any) -> QueryBudget:
    return QueryBudget(DuckDbFiles({path.stem: path}), Bounds(**bounds))


def scene(path: Path, condition: str, symptom: Symptom | None = None, **fields: Any) -> EvidenceContext:
    """A finding on the table ``orders``, whose failing rows satisfy ``condition``."""
    asked = fields.pop("budget", None) or budget(path)
    described = asked.ask("describe select * from orders", "columns").rows
    columns: Mapping[str, str] = {str(row[0]): str(row[1]).lower() for row in described}
    result = Result(
        unique_id="test.shop.t", rule_id="r", rule_type=symptom.type if symptom else "sql_expression",
        kind=ResultKind.RULE, status=Status.FAIL, severity=Severity.HIGH, node=NODE, table="orders",
    )  # fmt: skip
    finding = Finding(id="F1", rule_id="r", result=result, severity=Severity.HIGH, effective_severity=Severity.HIGH)
    manifest = Manifest(metadata=Metadata(), nodes={})
    whole: dict[str, Any] = {
        "finding": finding, "symptom": symptom, "failing": f"select * from orders where {condition}",
        "relation": "orders",
        "columns": columns, "budget": asked, "manifest": manifest, "lineage": Lineage.of(manifest), "results": (),
        "changes": None, **fields,
    }  # fmt: skip
    return EvidenceContext(**whole)
