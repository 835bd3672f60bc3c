"""What a reader wants to see around causes: the tables beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from aegis.dbt.graph.nodes import plain_name, table_name
from aegis.domain.lineage import LineageGraph, LineageNode
from aegis.domain.report import Cause

if TYPE_CHECKING:
    from aegis.dbt.artifacts.schema import Manifest
    from aegis.dbt.graph.lineage import Lineage

_KINDS = ("source", "seed", "model", "snapshot", "exposure")
_ABOVE = 2
_BELOW = 24
"""Levels above where a cause began, and nodes below it, that are worth drawing."""


def lineage_around(causes: Sequence[Cause], lineage: Lineage, manifest: Manifest) -> LineageGraph | None:
    """The nodes around all causes and the edges between them; None where there is no cause to draw."""
    shown: dict[str, None] = {}
    left_out = 0
    for cause in causes:
        way = [hop.node for hop in cause.path] + ([cause.origin] if cause.origin else [])
        below = [uid for uid in lineage.downstream(*way) if _is_drawn(uid)]
        left_out += max(0, len(below) - _BELOW)
        shown |= dict.fromkeys([*_above(lineage, way), *way, *below[:_BELOW]])
    nodes = [_node(uid, lineage, manifest) for uid in shown if _is_drawn(uid)]
    if not nodes:
        return None
    known = {node.id for node in nodes}
    edges = tuple((uid, child) for uid in known for child in lineage.children.get(uid, ()) if child in known)
    return LineageGraph(nodes=tuple(nodes), edges=tuple(sorted(edges)), left_out=left_out)


def _above(lineage: Lineage, way: Iterable[str]) -> list[str]:
    level, found = list(dict.fromkeys(way)), list[str]()
    for _ in range(_ABOVE):
        level = [parent for uid in level for parent in lineage.parents.get(uid, ())]
        found += level
    return found


def _is_drawn(unique_id: str) -> bool:
    return unique_id.partition(".")[0] in _KINDS


def _node(unique_id: str, lineage: Lineage, manifest: Manifest) -> LineageNode:
    exposure = lineage.exposures.get(unique_id)
    name = exposure.name if exposure else table_name(manifest.find(unique_id)) or plain_name(unique_id)
    return LineageNode(id=unique_id, name=name, kind=unique_id.partition(".")[0])
