"""Why dbt skipped a node. dbt 1 does not say; the graph and the other results do."""

from __future__ import annotations

from collections.abc import Mapping

from aegis.dbt.graph.lineage import Lineage
from aegis.dbt.graph.nodes import plain_name
from aegis.domain.results import Status


def skip_reasons(statuses: Mapping[str, Status], lineage: Lineage) -> dict[str, str]:
    """For every skipped node that something else stopped, what it was.

    As ``dbt build`` does it: a node that could not run stops all below it, a unit test its model too, and a data
    test only what lies below all of the nodes that it reads.
    """
    reasons: dict[str, str] = {}
    skipped = {uid for uid, status in statuses.items() if status is Status.SKIPPED}
    stoppers = [uid for uid, status in statuses.items() if status in (Status.ERROR, Status.FAIL)]
    for uid in sorted(stoppers, key=_by_kind):
        kind = uid.partition(".")[0].replace("_", " ")
        what = "could not run" if statuses[uid] is Status.ERROR else "failed"
        for stopped in _stopped_by(uid, lineage) & skipped:
            reasons.setdefault(stopped, f"skipped because {kind} {plain_name(uid)} {what}")
    return reasons


def _by_kind(unique_id: str) -> tuple[bool, bool, str]:
    """The plainest reason first: a node that broke, then a unit test, then a data test."""
    return unique_id.startswith("test."), unique_id.startswith("unit_test."), unique_id


def _stopped_by(unique_id: str, lineage: Lineage) -> set[str]:
    parents = lineage.parents.get(unique_id, ())
    if unique_id.startswith("unit_test."):
        return {*parents, *lineage.downstream(*parents)}
    if unique_id.startswith("test."):
        below = [set(lineage.downstream(parent)) for parent in parents]
        return set.intersection(*below) if below else set()
    return set(lineage.downstream(unique_id))
