"""Take a fault away and look again: whether it is what makes the failing rows of a node below."""

from __future__ import annotations

from dataclasses import replace

from aegis.dbt.graph.column_flow import ColumnRef
from aegis.dbt.graph.state import Change
from aegis.domain.kinds import OriginKind
from aegis.investigate.healed import healed
from aegis.investigate.localise.origin import GONE, Origin, Proof
from aegis.investigate.localise.walk import Walk
from aegis.investigate.symptoms import Symptom

_SUSPECTS = 8


def proof(symptom: Symptom, above: Symptom, walk: Walk) -> Proof | None:
    """What the SQL of the symptom's node gives without the fault of ``above``, a table that it reads; None where that
    cannot be told."""
    compiled = walk.known.column_lineages.compiled(symptom.node)
    if compiled is None or symptom.node == above.node or not symptom.is_carried:
        return None
    rows = healed(above, walk.probes, walk.known.column_lineages.columns(above.node))
    made = None if rows is None else walk.probes.rewired(symptom.node, compiled, {above.node: rows})
    if made is None:
        return None
    left = walk.probes.ask_of(symptom, made)
    if left.failed is None or not symptom.count:
        return None
    found = Proof(symptom.node, above.node, above.count, left.failed, symptom.count, left.rows_sql)
    further = _at_finding(above, rows or "", walk) if 0 < left.failed < symptom.count else None
    return further if further is not None else _weighed(found, symptom, walk)


def _at_finding(above: Symptom, rows: str, walk: Walk) -> Proof | None:
    """What the finding itself is without the fault, with all between made anew: where failing rows on the way have
    several reasons, one of them alone may be that of the finding."""
    finding = walk.finding
    if finding is None or finding.node in (above.node, walk.hops[-1].node) or not finding.count:
        return None
    made = made_with(finding.node, above.node, rows, walk) if finding.is_carried else None
    left = None if made is None else walk.probes.ask_of(finding, made)
    if left is None or left.failed is None:
        return None
    found = Proof(finding.node, above.node, above.count, left.failed, finding.count, left.rows_sql)
    return _weighed(found, finding, walk)


def change_behind(symptom: Symptom, walk: Walk) -> Change | None:
    """The change of the symptom's node, or above it, that makes it: with the SQL of before there, and all between made
    anew, it is gone. The nearest is tried first."""
    for change in suspects(symptom.node, walk):
        made = None if change.before is None else made_with(symptom.node, change.node, change.before, walk)
        found = None if made is None else look_again(symptom, change.node, made, walk, before=True)
        if found is not None and found.shows_cause:
            return change
    return None if symptom.reference is None else _change_of_reference(symptom, symptom.reference, walk)


def _change_of_reference(symptom: Symptom, reference: ColumnRef, walk: Walk) -> Change | None:
    """The change of the table that lacks values, or above it, with whose SQL of before it has them."""
    for change in suspects(reference.node, walk):
        made = None if change.before is None else made_with(reference.node, change.node, change.before, walk)
        if made is None or not symptom.count:
            continue
        earlier = ColumnRef(walk.probes.with_sql(reference.node, made), reference.column)
        left = walk.probes.ask([replace(symptom, reference=earlier, count=None)])[0]
        if left.failed is not None and left.failed <= symptom.count * GONE:
            walk.proofs.append(Proof(symptom.node, change.node, None, left.failed, symptom.count, left.rows_sql, True))
            return change
    return None


def blocked_changes(symptom: Symptom, walk: Walk) -> list[Change]:
    """Those above the symptom's node with which it cannot be asked anew, as behind an incremental model, or where the
    database refuses, and which make other rows of today's data."""
    found = []
    for change in suspects(symptom.node, walk):
        before = change.before
        if before is None or _can_be_asked(symptom, made_with(symptom.node, change.node, before, walk), walk):
            continue
        if walk.probes.differs(change.node, walk.probes.with_sql(change.node, before), ()):
            found.append(change)
    return found


def _can_be_asked(symptom: Symptom, made: str | None, walk: Walk) -> bool:
    return made is not None and walk.probes.ask_of(symptom, made).failed is not None


def suspects(node: str, walk: Walk) -> list[Change]:
    """The changes of the node and above it, nearest first; of very many the first few."""
    changes = walk.known.changes or {}
    return [changes[one] for one in (node, *walk.known.lineage.upstream(node)) if one in changes][:_SUSPECTS]


def look_again(symptom: Symptom, above: str, made: str, walk: Walk, *, before: bool = False) -> Proof | None:
    """What ``made``, other SQL of the symptom's node, gives where ``above`` is another; None where that is not told."""
    left = walk.probes.ask_of(symptom, made) if symptom.count else None
    if left is None or left.failed is None or not symptom.count:
        return None
    return _weighed(Proof(symptom.node, above, None, left.failed, symptom.count, left.rows_sql, before), symptom, walk)


def change_explains(test: str, compiled: str, walk: Walk) -> tuple[Change | None, bool]:
    """The change above a test that nobody understands, of which ``compiled`` is the SQL, with whose SQL of before it
    gives (nearly) no rows; and whether of all changes above it could be told that they are innocent.

    Raises:
        BudgetExceeded: No more may be asked.
    """
    every = suspects(test, walk)
    now, told = walk.probes.count(compiled) if every else 0, True
    for change in every:
        made = None if change.before is None else made_with(test, change.node, change.before, walk, compiled)
        left = None if made is None else walk.probes.count(made)
        if now and left is not None and left <= now * GONE:
            return change, True
        told = told and ((bool(now) and left is not None) or _makes_no_difference(change, walk))
    return None, told


def _makes_no_difference(change: Change, walk: Walk) -> bool:
    before = change.before
    return (
        before is not None and walk.probes.differs(change.node, walk.probes.with_sql(change.node, before), ()) is False
    )


def made_with(node: str, at: str, by: str, walk: Walk, compiled: str | None = None) -> str | None:
    """The SQL of a node where the node ``at``, above it or itself, is made ``by`` other SQL; None where that is not
    known."""
    return walk.recipes.made_with(node, at, by, compiled)


def explains(origin: Origin, test: str, compiled: str, walk: Walk) -> bool | None:
    """Whether a test that nobody understands, of which this is the SQL, gives (nearly) no rows any more without the
    fault of the origin, or with its code of before; None where that cannot be told.

    Raises:
        BudgetExceeded: No more may be asked.
    """
    change = (walk.known.changes or {}).get(origin.node)
    if origin.kind is OriginKind.CODE_CHANGED:
        rows = change.before if change is not None else None
    else:
        shown = origin.shown
        asked = shown is not None and shown.traits is not None
        rows = healed(shown, walk.probes, walk.known.column_lineages.columns(shown.node)) if shown and asked else None
    made = None if rows is None else made_with(test, origin.node, rows, walk, compiled)
    if made is None:
        return None
    now, left = walk.probes.count(compiled), walk.probes.count(made)
    return None if not now or left is None else left <= now * GONE


def _weighed(found: Proof, symptom: Symptom, walk: Walk) -> Proof | None:
    """Noted, if it says something."""
    if not found.shows_cause:
        # The table may be older than what it is made from: then its own rows are no measure.
        compiled = walk.known.column_lineages.compiled(symptom.node)
        if compiled is None:
            return None
        anew = walk.probes.ask_of(symptom, compiled).failed
        if not anew:
            return None
        found = replace(found, now=anew)
    walk.proofs.append(found)
    return found
