"""Where a fault began: a walk up the lineage that asks, at each node, whether the fault is there already.

A symptom is carried to the parents' columns and counted there. Where no parent shows it, it may have changed its form
on the way: a NULL after a LEFT JOIN is a row that the joined table lacks, a duplicate after a join is one of the joined
key, a value without a partner is a row that the other table lost. Those are asked too. Where the code is known not to
have changed, what is made from several columns is looked for in the data they come from.

The origin is the furthest node that shows the fault and has no parent that does; or the first on the way whose code
changed where it matters.
"""

from __future__ import annotations

from aegis.investigate.localise.origin import COPIES, MADE_FROM, Hop, Origin, Proof, TraceContext, is_made, tempered
from aegis.investigate.localise.search import localise

__all__ = ["COPIES", "MADE_FROM", "Hop", "Origin", "Proof", "TraceContext", "is_made", "localise", "tempered"]
