"""A small shop in a real DuckDB file, with a fault in it, and its manifest: what trials are tried on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from aegis.dbt.artifacts.schema import DependsOn, Manifest, Metadata, Node, NodeConfig, TestMetadata
from aegis.dbt.graph.tables import tables_of
from aegis.domain.kinds import OriginKind
from aegis.domain.report import Finding, Hop, Rca
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Severity
from aegis.investigate.query_budget import QueryBudget
from aegis.investigate.remediate.target import FixTarget, TrialContext, fix_target
from aegis.investigate.symptoms import Symptom, symptom_of
from aegis.warehouse.duckdb_files import DuckDbFiles

ORDERS, CUSTOMERS, PAYMENTS = "source.shop.raw.orders", "source.shop.raw.customers", "source.shop.raw.payments"
SUITE = "test.shop.raw_orders"
STATUSES = ["placed", "shipped", "returned"]
ROWS = 200

RULES: Mapping[str, dict[str, Any]] = {
    "id not null": {"type": "not_null", "column": "id"},
    "id unique": {"type": "unique", "column": "id"},
    "email not null": {"type": "not_null", "column": "email"},
    "id and code unique": {"type": "composite_unique", "columns": ["id", "code"]},
    "status": {"type": "accepted_values", "column": "status", "values": STATUSES},
    "customer": {
        "type": "foreign_key", "column": "customer_id", "reference_table": "raw.customers", "reference_column": "id",
    },
    "note": {"type": "not_empty_string", "column": "note", "where": "note is not null"},
    "amount": {"type": "between", "column": "amount", "min_value": 0, "max_value": 1000},
    "code": {"type": "regex_match", "column": "code", "pattern": "^A-[0-9]+$"},
    "quantity": {"type": "max_value_check", "column": "quantity", "max_value": 100},
    "net": {"type": "sql_expression", "expression": "net <= amount", "uses": ["net", "amount"]},
    "dates": {"type": "date_order", "column": "created_at", "column_b": "updated_at"},
    "kind": {"type": "not_accepted_values", "column": "kind", "values": ["n/a", "test"]},
    "rows": {"type": "row_count_between", "min_value": 100, "max_value": 1000},
}  # fmt: skip

TABLES = (
    "create schema raw",
    "create table raw.customers as select i as id, 'c' || i || '@x.y' as email from range(1, 21) as r(i)",
    "create table raw.orders as select i::int as id, (i % 20 + 1)::int as customer_id, "
    f"list_extract({STATUSES!r}, 1 + (i % 3)::int) as status, 'c' || (i % 20 + 1) || '@x.y' as email, "
    "'A-' || (100 + i) as code, (10 + i % 50)::double as amount, (5 + i % 50)::double as net, "
    "(1 + i % 9)::int as quantity, case when i % 4 = 0 then null else 'note ' || i end as note, "
    "timestamp '2026-01-01' + to_hours(i::int) as created_at, timestamp '2026-02-01' + to_hours(i::int) as updated_at, "
    f"'web' as kind from range({ROWS}) as r(i)",
    "create table raw.payments as select i as id, i as order_id from range(100, 110) as r(i)",
)


@cache
def _whole() -> bytes:
    """The shop's file before any fault: to make it costs more than to copy it."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "shop.duckdb")
        with duckdb.connect(str(path)) as connection:
            for statement in TABLES:
                connection.execute(statement)
        return path.read_bytes()


def make(path: Path, *faults: str) -> Path:
    path.write_bytes(_whole())
    with duckdb.connect(str(path)) as connection:
        for statement in faults:
            connection.execute(statement)
    return path


def fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def source(name: str, **fields: Any) -> Node:
    return Node(
        unique_id=f"source.shop.raw.{name}", name=name, resource_type="source", source_name="raw", identifier=name,
        database="shop", schema_="raw", relation_name=f'"shop"."raw"."{name}"', **fields,
    )  # fmt: skip


def manifest(rules: Sequence[str] = tuple(RULES), **nodes: Node) -> Manifest:
    """The sources, and one suite with the rules named."""
    made = [{"id": rule, "severity": "high", "level": "error", **RULES[rule]} for rule in rules]
    meta = {"aegis": {"table": "raw.orders", "rules": json.dumps(made)}}
    suite = Node(
        unique_id=SUITE, name="raw_orders", resource_type="test", config=NodeConfig(meta=meta),
        depends_on=DependsOn(nodes=[ORDERS]),
    )  # fmt: skip
    sources = {one.unique_id: one for one in (source("orders"), source("customers"), source("payments"))}
    return Manifest(
        metadata=Metadata(), nodes={SUITE: suite, **{n.unique_id: n for n in nodes.values()}}, sources=sources
    )


def payments_test() -> Node:
    """Payments point at orders."""
    return Node(
        unique_id="test.shop.payments_of_orders.0123456789", name="payments_of_orders", resource_type="test",
        attached_node=PAYMENTS, column_name="order_id", depends_on=DependsOn(nodes=[ORDERS, PAYMENTS]),
        test_metadata=TestMetadata(name="relationships", kwargs={"to": "source('raw', 'orders')", "field": "id"}),
    )  # fmt: skip


def finding(rule: str, node: str = ORDERS, rca: Rca | None = None) -> Finding:
    result = Result(
        unique_id=SUITE, rule_id=rule, rule_type=str(RULES[rule]["type"]), kind=ResultKind.RULE, status=Status.FAIL,
        severity=Severity.HIGH, node=node, table="raw.orders",
    )  # fmt: skip
    return Finding(
        id="F1", rule_id=rule, result=result, severity=Severity.HIGH, effective_severity=Severity.HIGH, rca=rca
    )


def arrived(origin: str = ORDERS, kind: str = "bad_source_data") -> Rca:
    return Rca(
        origin=origin, kind=OriginKind(kind), path=(Hop(node=origin, table="raw.orders", asked="it"),), confidence=0.9
    )


def bench(path: Path, known: Manifest | None = None, **fields: Any) -> TrialContext:
    return TrialContext(known or manifest(), QueryBudget(DuckDbFiles({"shop": path}, threads=1)), **fields)


def symptom(rule: str, known: Manifest) -> Symptom:
    found = symptom_of(finding(rule).result, known, tables_of(known))
    assert found is not None
    return found


def case(path: Path, rule: str, **fields: Any) -> FixTarget:
    made = bench(path, **fields)
    return fix_target(finding(rule), symptom(rule, made.manifest), made)
