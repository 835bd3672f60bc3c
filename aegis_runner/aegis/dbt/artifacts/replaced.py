"""Artifacts with some of their parts replaced: they are frozen."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from aegis.dbt.artifacts.schema import Manifest, Node


def with_nodes(manifest: Manifest, nodes: Mapping[str, Node]) -> Manifest:
    """The manifest with these nodes in place of those of the same ids; the manifest itself where there are none."""
    return msgspec.structs.replace(manifest, nodes={**manifest.nodes, **nodes}) if nodes else manifest


def with_compiled_sql(node: Node, sql: str) -> Node:
    """The node with other compiled SQL."""
    return msgspec.structs.replace(node, compiled_code=sql)
