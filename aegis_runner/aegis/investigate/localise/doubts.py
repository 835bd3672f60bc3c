"""Where the way leaves doubt: what changed above, and tables at the top of which something is odd."""

from __future__ import annotations

from dataclasses import replace

from aegis.dbt.graph.column_flow import ColumnRef
from aegis.dbt.graph.state import Change
from aegis.domain.kinds import OriginKind
from aegis.investigate.localise.lost_partners import lost_partner
from aegis.investigate.localise.origin import MADE_FROM, Origin
from aegis.investigate.localise.proof import blocked_changes
from aegis.investigate.localise.suspicion import NO_ROWS, PERHAPS, POSSIBLE, Question, empty_above, suspected
from aegis.investigate.localise.walk import Walk, changed_at, columns_above, origin_at
from aegis.investigate.symptoms import Symptom

_OTHER_FILE = "a file that is not that of the state"
_SURE = 0.8
"""An origin of this confidence is not doubted."""


def in_doubt(symptom: Symptom, origin: Origin, walk: Walk) -> Origin:
    """A table at the top with something odd about it, where the way leaves doubt and the finding is gone without it."""
    if not symptom.is_carried or not symptom.count:
        return origin
    if any(one.shows_cause for one in origin.proofs if one.above == origin.node):
        return _behind(origin, walk)
    changed = _perhaps(symptom, origin, walk)
    if changed is not None or origin.confidence >= _SURE:
        return changed or origin
    return _odd(symptom, walk) or lost_partner(symptom, walk) or _empty(symptom, walk) or origin


def _behind(origin: Origin, walk: Walk) -> Origin:
    """Rows that are known to make the finding, of a node of which it is in doubt whether it or its data made them so:
    the same question of that node."""
    shown = origin.shown
    if origin.confidence >= _SURE or origin.kind is not OriginKind.LOGIC or shown is None or not shown.is_carried:
        return origin
    found = _odd(shown, walk) if shown.count else None
    if found is None:
        return origin
    return replace(found, path=(*origin.path, *found.path[1:]))


def _odd(symptom: Symptom, walk: Walk) -> Origin | None:
    question = Question(symptom.node, symptom.count or 0, lambda made: walk.probes.ask_of(symptom, made).failed)
    found = suspected(question, walk)
    if found is None:
        return None
    odd, seen = found
    if seen is not None:
        walk.proofs.append(seen)
    named = _at_top(symptom, odd.node, odd.column, odd.what, walk)
    return named if seen is not None else replace(named, confidence=POSSIBLE)


def _empty(symptom: Symptom, walk: Walk) -> Origin | None:
    empty = empty_above(symptom.node, walk)
    if empty is None:
        return None
    return replace(_at_top(symptom, empty, None, NO_ROWS, walk), kind=OriginKind.STALE, confidence=PERHAPS)


def _perhaps(symptom: Symptom, origin: Origin, walk: Walk) -> Origin | None:
    """What changed above, of which the finding may come, where the way leaves doubt: the file of a seed, which is data;
    or code with which the finding could not be asked again, though it makes other rows of today's data."""
    if origin.kind is OriginKind.CODE_CHANGED or origin.confidence > _SURE:
        return None
    reference = () if symptom.reference is None else (symptom.reference.node,)
    above = walk.known.lineage.upstream(symptom.node, *reference)
    seeds = [one for one in (*reference, *above) if one.startswith("seed.") and one in (walk.known.changes or {})]
    if seeds and origin.node not in seeds:
        return replace(_at_top(symptom, seeds[0], None, _OTHER_FILE, walk), confidence=PERHAPS)
    changed = [one for one in blocked_changes(symptom, walk) if _may_matter(one, symptom, walk)]
    if len(changed) == 1 and origin.confidence < _SURE:
        anew = Walk(walk.known, walk.probes, proofs=walk.proofs)
        anew.at(symptom, "the finding")
        return replace(changed_at(changed[0], anew), confidence=PERHAPS)
    return None


def _may_matter(change: Change, symptom: Symptom, walk: Walk) -> bool:
    """Whether what the change touches is on the way to what the symptom is about."""
    if change.rows or change.columns is None:
        return True
    above = columns_above([ColumnRef(symptom.node, column.lower()) for column in symptom.columns], walk)
    return any(ColumnRef(change.node, column) in above for column in change.columns)


def _at_top(symptom: Symptom, node: str, column: str | None, what: str, walk: Walk) -> Origin:
    anew = Walk(walk.known, walk.probes, proofs=walk.proofs)
    anew.at(symptom, "the finding")
    anew.at(Symptom(node, MADE_FROM, (column,) if column else ()), what)
    return replace(origin_at(node, anew, OriginKind.BAD_SOURCE_DATA), detail=what)
