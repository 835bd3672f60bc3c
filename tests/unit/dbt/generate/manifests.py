"""Manifests as dbt writes them, made by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aegis.dbt.artifacts.read import read_manifest
from aegis.dbt.generate.from_manifest import generate
from aegis.dbt.generate.model import Generated
from aegis.dbt.generate.text import one_text, sections, unwritable

Node = dict[str, Any]
PLAIN = {"enabled": True, "severity": "ERROR", "warn_if": "!= 0", "error_if": "!= 0", "fail_calc": "count(*)"}


def model(name: str, *columns: str, package: str = "shop", version: int | None = None, **more: Any) -> Node:
    suffix = "" if version is None else f".v{version}"
    return {
        "unique_id": f"model.{package}.{name}{suffix}", "name": name, "resource_type": "model", "package_name": package,
        "database": "db", "schema": "main", "alias": f"{name}{suffix.replace('.', '_')}",
        "relation_name": f'"db"."main"."{name}{suffix.replace(".", "_")}"', "version": version,
        "columns": {column: {"name": column} for column in columns}, "config": {"materialized": "table"}, **more,
    }  # fmt: skip


def source(name: str, table: str, *columns: str) -> Node:
    return {
        "unique_id": f"source.shop.{name}.{table}", "name": table, "source_name": name, "resource_type": "source",
        "package_name": "shop", "database": "db", "schema": name, "identifier": table,
        "columns": {column: {"name": column} for column in columns},
    }  # fmt: skip


def test_on(
    node: Node,
    kind: str,
    column: str | None = None,
    config: Node | None = None,
    *,
    others: tuple[Node, ...] = (),
    name: str | None = None,
    package: str = "shop",
    **arguments: Any,
) -> Node:
    """A generic test; ``kind`` is ``unique`` or ``dbt_utils.accepted_range``."""
    namespace, _, plain = kind.rpartition(".")
    made = f"{kind.replace('.', '_')}_{node['name']}_{column or 'table'}"
    called = name or made
    call = f"ref('{node['name']}')"
    if node.get("source_name"):
        call = f"source('{node['source_name']}', '{node['name']}')"
    elif node.get("version") is not None:
        call = f"ref('{node['name']}', version='{node['version']}')"
    given = {**({"column_name": column} if column else {}), **arguments}
    digest = f"{abs(hash(json.dumps([node['unique_id'], kind, given, config, name], default=str))):010x}"[:10]
    return {
        "unique_id": f"test.{package}.{called}.{digest}", "name": called, "resource_type": "test",
        "package_name": package, "column_name": column,
        "attached_node": None if node.get("source_name") else node["unique_id"],
        # The tested one last: its place means nothing.
        "depends_on": {"nodes": [*(one["unique_id"] for one in others), node["unique_id"]], "macros": []},
        "test_metadata": {
            "name": plain, "namespace": namespace or None,
            "kwargs": {**given, "model": f"{{{{ get_where_subquery({call}) }}}}"},
        },
        "config": {**PLAIN, **(config or {})}, "tags": (config or {}).get("tags", []),
    }  # fmt: skip


test_on.__test__ = False  # type: ignore[attr-defined]  # pytest would collect it


def manifest(*nodes: Node, **more: Any) -> Node:
    sources = {node["unique_id"]: node for node in nodes if node["resource_type"] == "source"}
    return {
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "dbt_version": "1.11.0",
            "project_name": "shop", "adapter_type": "duckdb",
        },
        "nodes": {node["unique_id"]: node for node in nodes if node["resource_type"] != "source"},
        "sources": sources, "macros": {}, "disabled": {}, **more,
    }  # fmt: skip


def written(folder: Path, document: Node) -> Path:
    file = folder / "manifest.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def generated(folder: Path, document: Node) -> Generated:
    return unwritable(generate(read_manifest(written(folder, document))[0]))


def text_of(found: Generated) -> str:
    return one_text(sections(found), ())
