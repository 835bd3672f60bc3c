"""Take a fault away and look again: whether it is what makes the failing rows of a node below."""

from __future__ import annotations

from dataclasses import replace

from aegis.investigate.healed import healed
from aegis.investigate.localise.origin import Proof
from aegis.investigate.localise.walk import Walk
from aegis.investigate.symptoms import Symptom


def proof(symptom: Symptom, above: Symptom, walk: Walk) -> Proof | None:
    """What the SQL of the symptom's node gives without the fault of ``above``, a table that it reads; None where that
    cannot be told."""
    compiled = walk.known.column_lineages.compiled(symptom.node)
    if compiled is None or symptom.node == above.node or not symptom.is_carried:
        return None
    rows = healed(above, walk.probes)
    left = None if rows is None else walk.probes.recomputed(symptom, compiled, above.node, rows)
    now = symptom.count if symptom.count is not None else walk.probes.ask([symptom])[0].failed
    if left is None or left.failed is None or not now:
        return None
    found = Proof(symptom.node, above.node, above.count, left.failed, now, left.rows_sql)
    if not found.shows_cause:
        # The table may be older than what it is made from: then its own rows are no measure.
        node = walk.probes.with_sql(symptom.node, compiled)
        anew = walk.probes.ask([replace(symptom, node=node, count=None)])[0].failed
        if not anew:
            return None
        found = replace(found, now=anew)
    walk.proofs.append(found)
    return found
