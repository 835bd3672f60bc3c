"""Take the fault away and look again: whether failing rows of a table above are what makes those of a node."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from aegis.investigate.localise.walk import GONE, Walk
from aegis.investigate.symptoms import Symptom

_STAYS = 0.8
"""With at least this share of its rows still there, a fault does not come of what was taken away."""


class Proof(Enum):
    """What a look without the suspected rows showed. ``UNKNOWN``: it could not be had."""

    CAUSE = "cause"
    PART = "part"
    INNOCENT = "innocent"
    UNKNOWN = "unknown"


def proof(symptom: Symptom, above: Symptom, walk: Walk) -> Proof:
    """Whether the failing rows of ``above``, a table that the symptom's node reads, make the symptom: the node's SQL
    is run without them."""
    compiled = walk.known.column_lineages.compiled(symptom.node)
    if compiled is None or symptom.node == above.node or not symptom.is_carried:
        return Proof.UNKNOWN
    healed = walk.probes.without(above)
    if healed is None:
        return Proof.UNKNOWN
    left = walk.probes.recomputed(symptom, healed, compiled, above.node)
    now = symptom.count if symptom.count is not None else walk.probes.ask([symptom])[0].failed
    if left is None or not now:
        return Proof.UNKNOWN
    if left <= now * GONE:
        return Proof.CAUSE
    # The table may be older than what it is made from: then its own rows are no measure.
    node = walk.probes.with_sql(symptom.node, compiled)
    anew = walk.probes.ask([replace(symptom, node=node, count=None)])[0].failed
    if not anew:
        return Proof.UNKNOWN
    return Proof.INNOCENT if left >= anew * _STAYS else Proof.PART
