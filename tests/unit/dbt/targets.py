"""Small target folders, made or recorded, for the tests of the dbt room."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from aegis.dbt.artifacts.read import Artifacts, read_artifacts

RECORDED = Path(__file__).parents[2] / "fixtures" / "targets"
ENGINES = ("dbt-1.10", "dbt-1.12", "dbt-2")
SUITE = "test.corner.aegis_stg_orders"

Document = dict[str, Any]


def metadata(kind: str = "manifest", version: int = 12, **fields: Any) -> Document:
    schema = f"https://schemas.getdbt.com/dbt/{kind}/v{version}.json"
    return {"dbt_schema_version": schema, "dbt_version": "1.12.6", "invocation_id": "i-1", **fields}


def model(name: str, /, *reads: str, **fields: Any) -> Document:
    return node(f"model.shop.{name}", *reads, **fields)


def node(unique_id: str, /, *reads: str, **fields: Any) -> Document:
    kind, package, *names = unique_id.split(".")
    return {
        "unique_id": unique_id,
        "resource_type": kind,
        "package_name": package,
        "name": names[-1] if kind != "test" else names[0],
        "depends_on": {"nodes": list(reads)},
        **fields,
    }


def generic_test(name: str, about: str, kind: str, column: str | None = None, **fields: Any) -> Document:
    base: Document = {
        "column_name": column,
        "attached_node": about,
        "test_metadata": {"name": kind, "namespace": None, "kwargs": {}},
        "config": {"severity": "ERROR"},
    }
    return node(f"test.shop.{name}.0123456789", about, **{**base, **fields})


def suite(name: str, about: str, *rules: Document, **fields: Any) -> Document:
    meta = {"aegis": {"table": about.rpartition(".")[2], "rules": json.dumps(rules)}}
    return node(f"test.shop.{name}", about, **{"config": {"meta": meta, "store_failures": True}, **fields})


def rule(rule_id: str, kind: str = "not_null", **fields: Any) -> Document:
    return {"id": rule_id, "type": kind, "severity": "high", "level": "error", **fields}


def row(rule_id: str, status: str = "pass", **fields: Any) -> Document:
    """One stored suite row."""
    return {
        "rule_id": rule_id,
        "rule_type": "not_null",
        "severity": "high",
        "level": "error",
        "column_name": "id",
        "status": status,
        "rows_checked": 100,
        "rows_failed": 0 if status == "pass" else 3,
        "observed": None,
        "expected": None,
        "failing_keys": None,
        "failing_rows_sql": None,
        "message": None,
        **fields,
    }


def result(unique_id: str, status: str, **fields: Any) -> Document:
    return {"unique_id": unique_id, "status": status, "execution_time": 0.5, **fields}


def write_target(
    folder: Path,
    nodes: Iterable[Document] = (),
    results: Iterable[Document] = (),
    *,
    sources: Iterable[Document] = (),
    freshness: Iterable[Document] | None = None,
    manifest: Mapping[str, Any] | None = None,
    run_results: Mapping[str, Any] | None = None,
    dbt_version: str = "1.12.6",
) -> Path:
    """Write the artifacts of a project; ``manifest`` and ``run_results`` replace top-level parts of theirs."""
    folder.mkdir(parents=True, exist_ok=True)
    head: Document = {"dbt_version": dbt_version}
    documents: dict[str, Document] = {
        "manifest.json": {
            "metadata": metadata(**head),
            "nodes": {item["unique_id"]: item for item in nodes},
            "sources": {item["unique_id"]: item for item in sources},
            **(manifest or {}),
        },
        "run_results.json": {
            "metadata": metadata("run-results", 6, **head),
            "results": list(results),
            "args": {"which": "build"},
            **(run_results or {}),
        },
    }
    if freshness is not None:
        documents["sources.json"] = {"metadata": metadata("sources", 3, **head), "results": list(freshness)}
    for name, document in documents.items():
        (folder / name).write_text(json.dumps(document), encoding="utf-8")
    return folder


def recorded(engine: str) -> Artifacts:
    return read_artifacts(RECORDED / engine)


def recorded_rows(engine: str) -> dict[str, list[Document]]:
    rows: dict[str, list[Document]] = json.loads((RECORDED / engine / "rows.json").read_text(encoding="utf-8"))
    return rows
