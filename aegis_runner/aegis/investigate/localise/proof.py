"""Take a fault away and look again: whether it is what makes the failing rows of a node below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from aegis.dbt.graph.state import Change
from aegis.investigate.healed import healed
from aegis.investigate.localise.origin import Proof
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
    made = None if rows is None else walk.probes.rewired(symptom.node, compiled, above.node, rows)
    if made is None:
        return None
    node = walk.probes.with_sql(symptom.node, made)
    left = walk.probes.ask([replace(symptom, node=node, count=None)])[0]
    if left.failed is None or not symptom.count:
        return None
    return _weighed(
        Proof(symptom.node, above.node, above.count, left.failed, symptom.count, left.rows_sql), symptom, walk
    )


def change_behind(symptom: Symptom, walk: Walk) -> Change | None:
    """The change above the symptom's node that makes it: with the SQL of before there, and all between made anew, it is
    gone."""
    changes = walk.known.changes or {}
    suspects = [changes[node] for node in walk.known.lineage.upstream(symptom.node) if node in changes]
    for change in suspects[:_SUSPECTS]:
        made = None if change.before is None else _made(symptom.node, change, walk, 0)
        if made is None or not symptom.count:
            continue
        node = walk.probes.with_sql(symptom.node, made)
        left = walk.probes.ask([replace(symptom, node=node, count=None)])[0]
        if left.failed is None:
            continue
        found = Proof(symptom.node, change.node, None, left.failed, symptom.count, left.rows_sql, before=True)
        found_now = _weighed(found, symptom, walk)
        if found_now is not None and found_now.shows_cause:
            return change
    return None


def _made(node: str, change: Change, walk: Walk, depth: int) -> str | None:
    """The SQL of a node where the changed one, above it, is made by its SQL of before; None where that is not known."""
    if node == change.node:
        return change.before
    sql = walk.known.column_lineages.compiled(node)
    for parent in _inputs(node, walk):
        if parent != change.node and change.node not in walk.known.lineage.upstream(parent):
            continue
        rows = _made(parent, change, walk, depth + 1) if sql is not None and depth < _DEEPEST else None
        sql = None if sql is None or rows is None else walk.probes.rewired(node, sql, parent, rows)
    return sql


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
        node = walk.probes.with_sql(symptom.node, compiled)
        anew = walk.probes.ask([replace(symptom, node=node, count=None)])[0].failed
        if not anew:
            return None
        found = replace(found, now=anew)
    walk.proofs.append(found)
    return found
