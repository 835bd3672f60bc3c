"""The parts of dbt's artifacts that Aegis reads, as typed structs.

Only these fields are decoded; all others are skipped by the parser, which is what makes a manifest of
65 MB cheap. Everything beyond an identity is optional, because manifest v1 to v12, run results v1 to v6
and dbt 2 differ in what they write. Field names follow dbt's schemas (https://schemas.getdbt.com).
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from aegis.rules.generic import rule_type_of


class Shape(Struct, frozen=True, gc=False, kw_only=True):
    """A part of an artifact. Untracked by the garbage collector: artifacts are trees and hold no cycle."""


class Metadata(Shape, frozen=True):
    """What every artifact says about the invocation that wrote it."""

    dbt_schema_version: str | None = None
    dbt_version: str | None = None
    generated_at: str | None = None
    invocation_id: str | None = None
    adapter_type: str | None = None
    project_name: str | None = None


class DependsOn(Shape, frozen=True):
    nodes: list[str] | None = None
    macros: list[str] | None = None


class Constraint(Shape, frozen=True):
    """``type`` is not_null, unique, primary_key, foreign_key, check or custom."""

    type: str | None = None
    columns: list[str] | None = None
    expression: str | None = None
    to: str | None = None
    to_columns: list[str] | None = None


class Column(Shape, frozen=True):
    name: str | None = None
    data_type: str | None = None
    description: str | None = None
    constraints: list[Constraint] | None = None
    meta: dict[str, Any] | None = None


class Contract(Shape, frozen=True):
    enforced: bool | None = None


class NodeConfig(Shape, frozen=True):
    enabled: bool | None = None
    materialized: str | None = None
    severity: str | None = None
    where: str | None = None
    store_failures: bool | None = None
    fail_calc: str | None = None
    limit: int | None = None
    warn_if: str | None = None
    error_if: str | None = None
    group: str | None = None
    access: str | None = None
    meta: dict[str, Any] | None = None
    contract: Contract | None = None
    freshness: Criteria | None = None
    unique_key: str | list[str] | None = None
    delimiter: str | None = None


class TestMetadata(Shape, frozen=True):
    """What a generic test was made from. ``kwargs["model"]`` is Jinja text, not a name."""

    name: str | None = None
    namespace: str | None = None
    kwargs: dict[str, Any] | None = None

    @property
    def kind(self) -> str | None:
        """What it checks: the test's name, and the rule type where it is one of ours."""
        return rule_type_of(self.namespace, self.name) if self.name else None


class Period(Shape, frozen=True):
    count: int | None = None
    period: str | None = None


class Criteria(Shape, frozen=True):
    """When a source is too old."""

    warn_after: Period | None = None
    error_after: Period | None = None


class Checksum(Shape, frozen=True):
    name: str | None = None
    checksum: str | None = None


class Resource(Shape, frozen=True):
    """Anything in the graph. ``original_file_path`` is relative to its project."""

    unique_id: str
    name: str | None = None
    resource_type: str | None = None
    package_name: str | None = None
    original_file_path: str | None = None
    description: str | None = None
    depends_on: DependsOn | None = None
    meta: dict[str, Any] | None = None
    tags: list[str] | None = None


class Node(Resource, frozen=True):
    """A model, test, seed, snapshot, analysis, operation, source or unit test.

    SQL is ``raw_code``/``compiled_code`` since dbt 1.3 and ``raw_sql``/``compiled_sql`` before: use
    the properties. ``source_name`` and ``identifier`` are of sources, ``attached_node`` and
    ``test_metadata`` of generic tests, ``root_path`` of seeds, ``tested_node_unique_id`` of unit tests (dbt 2).
    """

    path: str | None = None
    root_path: str | None = None
    language: str | None = None
    alias: str | None = None
    database: str | None = None
    schema_: str | None = field(name="schema", default=None)
    relation_name: str | None = None
    version: str | int | float | None = None
    latest_version: str | int | float | None = None
    columns: dict[str, Column] | None = None
    config: NodeConfig | None = None
    constraints: list[Constraint] | None = None
    contract: Contract | None = None
    primary_key: list[str] | None = None
    group: str | None = None
    access: str | None = None
    checksum: str | Checksum | None = None
    raw_code: str | None = None
    raw_sql: str | None = None
    compiled_code: str | None = None
    compiled_sql: str | None = None
    compiled_path: str | None = None
    column_name: str | None = None
    attached_node: str | None = None
    file_key_name: str | None = None
    test_metadata: TestMetadata | None = None
    tested_node_unique_id: str | None = None
    source_name: str | None = None
    identifier: str | None = None
    loaded_at_field: str | None = None
    freshness: Criteria | None = None

    @property
    def sql(self) -> str | None:
        """The source text of the node, with its Jinja."""
        return self.raw_code if self.raw_code is not None else self.raw_sql

    @property
    def compiled(self) -> str | None:
        """The SQL that ran; ``dbt test`` writes manifests without it for models."""
        return self.compiled_code if self.compiled_code is not None else self.compiled_sql

    @property
    def parents(self) -> tuple[str, ...]:
        """Unique ids of the nodes it reads, in dbt's order, which means nothing."""
        return tuple(self.depends_on.nodes or ()) if self.depends_on else ()


class Owner(Shape, frozen=True):
    name: str | None = None
    email: str | list[str] | None = None


class ExposureNode(Resource, frozen=True):
    label: str | None = None
    type: str | None = None
    url: str | None = None
    owner: Owner | None = None


class Group(Shape, frozen=True):
    name: str | None = None
    owner: Owner | None = None


class Macro(Shape, frozen=True):
    unique_id: str
    package_name: str | None = None
    original_file_path: str | None = None
    macro_sql: str | None = None
    depends_on: DependsOn | None = None


class Manifest(Shape, frozen=True):
    """manifest.json. ``nodes`` excludes sources and unit tests; :meth:`find` looks everywhere."""

    metadata: Metadata
    nodes: dict[str, Node]
    sources: dict[str, Node] | None = None
    unit_tests: dict[str, Node] | None = None
    exposures: dict[str, ExposureNode] | None = None
    groups: dict[str, Group] | None = None
    metrics: dict[str, Resource] | None = None
    semantic_models: dict[str, Resource] | None = None
    saved_queries: dict[str, Resource] | None = None
    macros: dict[str, Macro] | None = None
    parent_map: dict[str, list[str]] | None = None
    child_map: dict[str, list[str]] | None = None
    disabled: dict[str, Any] | None = None
    selectors: dict[str, Any] | None = None

    def find(self, unique_id: str) -> Node | None:
        """The node, source or unit test of that id, or ``None`` where the manifest has none."""
        for shelf in (self.nodes, self.sources, self.unit_tests):
            if shelf and unique_id in shelf:
                return shelf[unique_id]
        return None

    def knows(self, unique_id: str) -> bool:
        """Whether the manifest has this id at all, exposures and metrics included."""
        shelves = (self.exposures, self.metrics, self.semantic_models, self.saved_queries)
        return self.find(unique_id) is not None or any(unique_id in shelf for shelf in shelves if shelf)


class BatchResults(Shape, frozen=True):
    """Batches of a microbatch model."""

    successful: list[Any] | None = None
    failed: list[Any] | None = None


class RunResult(Shape, frozen=True):
    """One executed node. ``failures`` may be missing (dbt 2); ``execution_time`` is in seconds."""

    unique_id: str
    status: str | None = None
    message: str | None = None
    failures: int | None = None
    execution_time: float | None = None
    relation_name: str | None = None
    compiled_code: str | None = None
    batch_results: BatchResults | None = None


class RunResults(Shape, frozen=True):
    metadata: Metadata
    results: list[RunResult]
    elapsed_time: float | None = None
    args: dict[str, Any] | None = None


class FreshnessResult(Shape, frozen=True):
    """One freshness check; times in seconds, timestamps as dbt writes them (ISO 8601)."""

    unique_id: str
    status: str | None = None
    error: str | int | None = None
    max_loaded_at: str | None = None
    snapshotted_at: str | None = None
    max_loaded_at_time_ago_in_s: float | None = None
    criteria: Criteria | None = None
    execution_time: float | None = None


class Sources(Shape, frozen=True):
    metadata: Metadata
    results: list[FreshnessResult]


class CatalogColumn(Shape, frozen=True):
    name: str | None = None
    type: str | None = None
    index: int | None = None


class CatalogTable(Shape, frozen=True):
    unique_id: str
    columns: dict[str, CatalogColumn] | None = None


class Catalog(Shape, frozen=True):
    metadata: Metadata
    nodes: dict[str, CatalogTable]
    sources: dict[str, CatalogTable] | None = None
