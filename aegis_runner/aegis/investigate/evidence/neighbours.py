"""How the tables that this one reads fared in the same run."""

from __future__ import annotations

from aegis.dbt.graph.nodes import table_name
from aegis.domain.kinds import EvidenceKind
from aegis.domain.report import Evidence
from aegis.domain.results import Status
from aegis.investigate.evidence.context import EvidenceContext, make_evidence

_MOST = 5


def neighbours(scene: EvidenceContext) -> list[Evidence]:
    """Parents and what is above them with results that failed or could not run, nearest first."""
    node = scene.finding.result.node
    if node is None:
        return []
    bad: dict[str, list[str]] = {}
    for result in scene.results:
        if result.node and result.node != node and result.status in (Status.FAIL, Status.WARN, Status.ERROR):
            bad.setdefault(result.node, []).append(result.rule_id)
    told = []
    for uid in scene.lineage.upstream(node):
        if uid in bad:
            name = table_name(scene.manifest.find(uid)) or uid
            rules = ", ".join(bad[uid][:3]) + (f", +{len(bad[uid]) - 3}" if len(bad[uid]) > 3 else "")
            told.append(
                make_evidence(
                    EvidenceKind.NEIGHBOURS, f"{name}, above it, fails too: {rules}", artifact="run_results.json"
                )
            )
    return told[:_MOST]
