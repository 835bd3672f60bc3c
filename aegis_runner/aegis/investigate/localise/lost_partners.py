"""Rows whose partner is missing, of an outer join above: what is computed of nothing is wrong, and no question leads
there. Each such join is tried: the rows without a partner left out, all between made anew, and the finding asked again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from aegis.dbt.graph.column_flow import ColumnRef
from aegis.errors import WarehouseError
from aegis.investigate.localise.origin import GONE, Origin, Proof, is_made
from aegis.investigate.localise.partner import without_partner
from aegis.investigate.localise.proof import made_with
from aegis.investigate.localise.steps import optional_joins
from aegis.investigate.localise.top import FEW
from aegis.investigate.localise.walk import Walk
from aegis.investigate.symptoms import Symptom
from aegis.rules.types.consistency import ForeignKey

_MOST_JOINS = 12
_SURE = 0.65


def lost_partner(symptom: Symptom, walk: Walk) -> Origin | None:
    """Where the partners were lost of the few rows without which the finding is gone.

    Raises:
        BudgetExceeded: No more may be asked.
    """
    for kept, other in _joins(symptom.node, walk):
        alone = Symptom(kept.node, ForeignKey.type, (kept.column,), reference=other)
        many = walk.probes.ask([alone])[0].failed
        without = _left_out(alone, many, walk)
        made = None if without is None else made_with(symptom.node, kept.node, without, walk)
        left = None if made is None else walk.probes.ask_of(symptom, made).failed
        if many and symptom.count and left is not None and left <= symptom.count * GONE:
            return _lost(symptom, replace(alone, count=many), left, walk)
    return None


def _joins(node: str, walk: Walk) -> Iterator[tuple[ColumnRef, ColumnRef]]:
    """The outer joins of the node and above it, nearest first, each once."""
    above = [one for one in (node, *walk.known.lineage.upstream(node)) if is_made(one)]
    every = (pair for one in above for pair in optional_joins(walk.known.column_lineages.of(one)))
    known = [(kept, other) for kept, other in dict.fromkeys(every) if walk.probes.relation(kept.node)]
    yield from known[:_MOST_JOINS]


def _left_out(alone: Symptom, many: int | None, walk: Walk) -> str | None:
    """The table without the rows that have no partner, if they are few."""
    try:
        few = many and many <= FEW * walk.probes.rows(alone.node)
    except WarehouseError:
        return None
    condition = walk.probes.condition(alone) if few else None
    here = walk.probes.relation(alone.node)
    return None if condition is None else f"select * from {here} where not coalesce(({condition}), false)"


def _lost(symptom: Symptom, alone: Symptom, left: int, walk: Walk) -> Origin:
    anew = Walk(walk.known, walk.probes, proofs=walk.proofs, held_before=walk.held_before)
    anew.proofs.append(Proof(symptom.node, alone.node, alone.count, left, symptom.count or 0, None))
    anew.at(symptom, "the finding")
    if alone.node != symptom.node:
        anew.at(alone, "unmatched rows")
    found = without_partner(alone, anew)
    return replace(found, confidence=min(found.confidence, _SURE))
