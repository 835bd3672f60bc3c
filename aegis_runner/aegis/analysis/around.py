"""What a reader wants to see around findings: the tables beside them, and what their rules gave before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from aegis.dbt.graph.nodes import plain_name, table_name
from aegis.domain.lineage import LineageGraph, LineageNode
from aegis.domain.report import Cause, Finding, RunInfo
from aegis.domain.results import PastResult
from aegis.errors import AuditError

if TYPE_CHECKING:
    from aegis.analysis.options import AnalyzeOptions
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


def with_history(findings: Sequence[Finding], info: RunInfo, options: AnalyzeOptions) -> tuple[Finding, ...]:
    """Each finding with what its rule gave in earlier runs, as the audit trail has it. A trail that cannot be read is
    told where the last run is read from it."""
    from aegis.analysis.record import trail_path
    from aegis.audit import AuditTrail

    path = trail_path(options.audit_db)
    if not options.audit or not findings or not path.exists():
        return tuple(findings)
    try:
        with AuditTrail.open(path) as trail:
            past = trail.past(
                {finding.rule_id for finding in findings},
                project=info.project, target=info.target, dbt_invocation_id=info.dbt_invocation_id,
            )  # fmt: skip
    except AuditError:
        return tuple(findings)
    return tuple(_with(finding, past) for finding in findings)


def _with(finding: Finding, past: Mapping[str, tuple[PastResult, ...]]) -> Finding:
    history = past.get(finding.rule_id, ())
    return finding.model_copy(update={"history": history}) if history else finding
