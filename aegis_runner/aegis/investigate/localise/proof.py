"""Take a fault away and look again: whether it is what makes the failing rows of a node below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from aegis.dbt.graph.state import Change
from aegis.domain.kinds import OriginKind
from aegis.investigate.healed import healed
from aegis.investigate.localise.origin import GONE, Origin, Proof
from aegis.investigate.localise.walk import Walk
from aegis.investigate.symptoms import Symptom

_SUSPECTS = 5
_DEEPEST = 6


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
    return _weighed(found, symptom, walk)


def change_behind(symptom: Symptom, walk: Walk) -> Change | None:
    """The change above the symptom's node that makes it: with the SQL of before there, and all between made anew, it is
    gone."""
    changes = walk.known.changes or {}
    suspects = [changes[node] for node in walk.known.lineage.upstream(symptom.node) if node in changes]
    for change in suspects[:_SUSPECTS]:
        made = None if change.before is None else _made(symptom.node, change.node, change.before, walk, 0)
        if made is None or not symptom.count:
            continue
        left = walk.probes.ask_of(symptom, made)
        if left.failed is None:
            continue
        found = Proof(symptom.node, change.node, None, left.failed, symptom.count, left.rows_sql, before=True)
        seen = _weighed(found, symptom, walk)
        if seen is not None and seen.shows_cause:
            return change
    return None


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
        rows = healed(shown, walk.probes, walk.known.column_lineages.columns(shown.node)) if shown is not None else None
    made = None if rows is None else _made(test, origin.node, rows, walk, 0, compiled)
    if made is None:
        return None
    now, left = walk.probes.count(compiled), walk.probes.count(made)
    return None if not now or left is None else left <= now * GONE


def _made(node: str, at: str, by: str, walk: Walk, depth: int, compiled: str | None = None) -> str | None:
    """The SQL of a node where the node ``at``, above it, is made ``by`` other SQL; None where that is not known."""
    if node == at:
        return by
    sql = compiled if compiled is not None else walk.known.column_lineages.compiled(node)
    between = [parent for parent in _inputs(node, walk) if parent == at or at in walk.known.lineage.upstream(parent)]
    # A dependency that is said, as in a comment for dbt, is not read.
    read = [parent for parent in between if sql is not None and walk.probes.mentions(sql, parent)]
    rows = {parent: _made(parent, at, by, walk, depth + 1) for parent in read} if depth < _DEEPEST else {}
    known = {parent: query for parent, query in rows.items() if query is not None}
    return None if sql is None or len(known) < len(read) else walk.probes.rewired(node, sql, known)


def _inputs(node: str, walk: Walk) -> Iterator[str]:
    """The tables that its SQL reads; that of an ephemeral model stands in it."""
    for parent in walk.known.lineage.parents.get(node, ()):
        if walk.probes.relation(parent) is None:
            yield from _inputs(parent, walk)
        else:
            yield parent


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
