"""What changed since the state manifest, in the failing node and above it."""

from __future__ import annotations

from aegis.dbt.graph.nodes import table_name
from aegis.domain.kinds import EvidenceKind
from aegis.domain.report import Evidence
from aegis.investigate.evidence.context import EvidenceContext, make_evidence

_MOST = 5


def change(scene: EvidenceContext) -> list[Evidence]:
    """Nearest first. Nothing where there is no state to compare with."""
    node = scene.finding.result.node
    if scene.changes is None or node is None:
        return []
    way = [node, *scene.lineage.upstream(node)]
    found = [scene.changes[uid] for uid in way if uid in scene.changes]
    told = [
        make_evidence(
            EvidenceKind.CHANGE,
            f"{table_name(scene.manifest.find(one.node)) or one.node} changed: {one.what}",
            artifact="manifest.json",
        )
        for one in found[:_MOST]
    ]
    if not told:
        told.append(
            make_evidence(EvidenceKind.CHANGE, "no code changed in this table or above it", artifact="manifest.json")
        )
    return told
