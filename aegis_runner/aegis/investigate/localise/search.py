"""The walk itself: from a symptom up to where it began."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

from aegis.dbt.graph.clauses import how_made
from aegis.dbt.graph.column_flow import ColumnLineage
from aegis.domain.kinds import OriginKind
from aegis.domain.text import listed, plural_of
from aegis.errors import WarehouseError
from aegis.investigate.checks import CheckRunner
from aegis.investigate.localise.doubts import in_doubt
from aegis.investigate.localise.inputs import data_behind
from aegis.investigate.localise.origin import MADE_FROM, Hop, Origin, TraceContext, is_made
from aegis.investigate.localise.partner import without_partner
from aegis.investigate.localise.passed import passed_on
from aegis.investigate.localise.proof import change_behind, proof
from aegis.investigate.localise.steps import MADE_OF_NULL, STEPS, made_of_key
from aegis.investigate.localise.walk import Asked, Walk, all_shown, at_parents, changed_at, origin_at, why_blocked
from aegis.investigate.query_budget import BudgetExceeded
from aegis.investigate.symptoms import Symptom
from aegis.rules.traits import Carry

_MOST_HOPS = 25


def localise(
    symptom: Symptom, known: TraceContext, probes: CheckRunner, hints: Sequence[str] = (), *, held_before: bool = True
) -> Origin:
    """Walk up from a symptom. ``hints`` are columns of its table by which its failing rows stand out, best first;
    ``held_before`` is whether there was the test in the earlier run, if there is one: else it may never have held."""
    walk = Walk(known, probes, hints=tuple(hints), start=symptom.node, held_before=held_before)
    try:
        if symptom.count is None and symptom.is_carried:
            symptom = replace(symptom, count=probes.ask([symptom])[0].failed)
        walk.finding = symptom
        return _by_change(symptom, walk) or in_doubt(symptom, _from(symptom, walk, "the finding"), walk)
    except BudgetExceeded as spent:
        walk.unchecked.append(f"the rest of the way: {spent}")
        last = walk.hops[-1].node if walk.hops else symptom.node
        return origin_at(last, walk, OriginKind.UNKNOWN)


def _by_change(symptom: Symptom, walk: Walk) -> Origin | None:
    """The change that makes it, if the code of before has no such fault: no walk tells more than that."""
    change = change_behind(symptom, walk) if walk.known.changes and symptom.is_carried else None
    if change is None:
        return None
    walk.at(symptom, "the finding")
    starts = [symptom.node] if symptom.reference is None else [symptom.node, symptom.reference.node]
    for node in walk.known.lineage.way_up(starts, change.origin):
        if node not in walk.seen:
            walk.hops.append(Hop(node, None, None, _TRIED))
    return changed_at(change, walk)


_TRIED = "made anew by the code of before"


def _from(symptom: Symptom, walk: Walk, asked: str) -> Origin:
    walk.at(symptom, asked)
    if symptom.node not in walk.known.broken and symptom.carry is Carry.REFERENCE:
        return without_partner(symptom, walk)
    end = _end_at(symptom, walk)
    if end is not None:
        return end
    column_lineage = walk.known.column_lineages.of(symptom.node)
    walk.blind.clear()
    for step in STEPS:
        following = _guilty(symptom, all_shown(step(symptom, column_lineage), walk), walk)
        if following is not None and _is_other_grain(symptom, following[0], column_lineage, walk):
            return _by_grain(symptom, following, column_lineage, walk)
        if following is not None:
            return _from(following[0], walk, following[1])
    blocked = why_blocked(symptom, column_lineage)
    if blocked is not None:
        return _not_further(symptom.node, walk, f"{_feeds(symptom.node)} {blocked}")
    if walk.blind:
        return origin_at(symptom.node, walk, OriginKind.UNKNOWN)
    data = data_behind(symptom, column_lineage, walk)
    made_from = passed_on(symptom, column_lineage, walk) or _made_from(symptom, data, column_lineage, walk)
    if made_from is not None:
        walk.doubts += 1
        return _from(made_from[0], walk, made_from[1])
    if data is not None:
        # Bad data and changed code look the same from here.
        walk.doubts += 3
        walk.others.insert(0, data.node)
        walk.unchecked.append(
            f"{data.node}, which it is made from: without the state of an earlier run, code changes are unknown"
        )
    if symptom.carry is Carry.AGGREGATE:
        # A filter or a join on the way changes an aggregate, and may be meant to.
        walk.doubts += 2
    return _at_node(symptom, column_lineage, walk)


def _made_from(symptom: Symptom, data: Symptom | None, column_lineage: ColumnLineage, walk: Walk) -> Asked | None:
    """What it is made from, where the node's code cannot be why."""
    if data is not None and walk.known.changes is not None:
        return data, "what it is made from: no code changed on the way"
    if data is not None and _spares_rows(symptom, column_lineage, walk):
        return data, "what it is made from, by the same arithmetic for every row"
    return None


def _at_node(symptom: Symptom, column_lineage: ColumnLineage, walk: Walk) -> Origin:
    """The node's own SQL, and what of it."""
    if symptom.carry is Carry.UNIQUENESS and column_lineage.joins:
        names = {join.within for join in column_lineage.joins}
        return _in_ephemeral(origin_at(symptom.node, walk, OriginKind.JOIN), names, walk)
    feeds = [feed for column in symptom.columns for feed in column_lineage.feeds.get(column.lower(), ())]
    found = _in_ephemeral(origin_at(symptom.node, walk, OriginKind.LOGIC), {feed.within for feed in feeds}, walk)
    return replace(found, detail=_clause(symptom, found.node, walk))


def _clause(symptom: Symptom, node: str, walk: Walk) -> str | None:
    """What of the node's SQL makes the symptom: how its columns are made, on which line of the file."""
    if symptom.carry not in (Carry.VALUES, Carry.NULLS) or not symptom.columns:
        return None
    known = (walk.known.column_lineages.line_of(node, column) for column in symptom.columns)
    lines = [str(line) for line in sorted({line for line in known if line is not None})]
    where = f" ({plural_of(len(lines), 'line')} {listed(lines)})" if lines else ""
    return how_made(symptom.columns) + where


def _by_grain(symptom: Symptom, following: Asked, column_lineage: ColumnLineage, walk: Walk) -> Origin:
    """The node that joins, or picks from, a table in which the key is there several times; unless changed code made it
    so."""
    changed = _changed_above(following, walk)
    if changed is not None:
        return changed
    walk.others.insert(0, following[0].node)
    is_base = following[0].node == column_lineage.base
    walk.doubts += is_base
    there, keys = walk.probes.name(following[0].node), ", ".join(following[0].columns)
    what = f"{there} has several rows for one {keys}"
    groups = _made_by_group(following[0], walk)
    if groups:
        # It is there to have one row for each key: more likely it groups by more than the join is meant to have.
        walk.others.insert(0, symptom.node)
        walk.doubts += 2
        walk.at(*following)
        detail = f"it has several rows for one {keys}"
        return replace(origin_at(following[0].node, walk, OriginKind.LOGIC), detail=detail)
    origin = origin_at(symptom.node, walk, OriginKind.LOGIC if is_base else OriginKind.JOIN)
    joins = [join for join in column_lineage.joins if join.right.node == following[0].node]
    return replace(_in_ephemeral(origin, {join.within for join in joins}, walk), detail=what)


def _made_by_group(there: Symptom, walk: Walk) -> bool:
    """Whether a model puts rows together by the columns, and so should have each of their values once, or by more."""
    feeds = walk.known.column_lineages.of(there.node).feeds if is_made(there.node) else {}
    of_columns = [feeds.get(column.lower(), ()) for column in there.columns]
    return all(found and all(feed.grouped for feed in found) for found in of_columns)


def _in_ephemeral(origin: Origin, names: Set[str | None], walk: Walk) -> Origin:
    """The ephemeral model of which all that is at fault is, and not the node that inlines its SQL. ``names`` are those
    of the ephemeral models, None for the node itself."""
    name = next(iter(names)) if len(names) == 1 else None
    above = walk.known.lineage.upstream(origin.node)
    found = [one for one in above if name is not None and one.startswith("model.") and one.split(".")[2] == name]
    return replace(origin, node=found[0]) if len(found) == 1 else origin


def _guilty(symptom: Symptom, found: list[Asked], walk: Walk) -> Asked | None:
    """The first of the tables above that show a fault without whose failing rows the symptom is gone, or of which that
    could not be told. One with which nothing changes is innocent, and named among the others."""
    for place, following in enumerate(found):
        told = proof(symptom, following[0], walk)
        if told is not None and told.shows_innocence:
            walk.others.append(following[0].node)
            continue
        walk.others.extend(one.node for one, _ in found[place + 1 :])
        # NULLs of other rows look the same where nothing tells which of them come through an expression.
        walk.doubts += following[1] == MADE_OF_NULL if told is None else not told.shows_cause
        return following
    return None


def _is_other_grain(symptom: Symptom, there: Symptom, column_lineage: ColumnLineage, walk: Walk) -> bool:
    """Whether duplicates above are no fault there: nothing promises that the key is unique, they are not copies of one
    another, and the table does not give the result its rows, or most of its rows are such duplicates and the node
    picks among them. Then what the node does with them is at fault."""
    is_base = there.node == column_lineage.base
    if symptom.carry is not Carry.UNIQUENESS or not (is_base or column_lineage.joins):
        return False
    if _is_promised(there, walk):
        return False
    picks = is_base and _is_picked_from(symptom, there, walk)
    if walk.known.changes is not None and walk.held_before and not picks:
        walk.doubts += not is_base
        return False  # no code changed: it did with such rows before what it does now
    copies = walk.probes.copies(there.node)
    if is_base and not picks:
        # Without the state of before, a missing deduplication looks the same as rows that came twice and differ.
        walk.doubts += 2 * (copies is None or copies < _MOSTLY * (there.count or 0))
        return False
    if copies is None:
        walk.unchecked.append(f"whether the duplicates of {there.node} are copies of one another")
        walk.doubts += 1
    return copies is None or copies < _MOSTLY * (there.count or 0)


def _is_promised(there: Symptom, walk: Walk) -> bool:
    """Whether anything says that the columns have each value once, there or in a table that they come from, as they are
    or as what they are made of."""
    asked = frozenset(column.lower() for column in there.columns)
    if any(promised <= asked for promised in walk.known.unique.get(there.node, ())):
        return True
    if not is_made(there.node):
        return False
    column_lineage = walk.known.column_lineages.of(there.node)
    above = [*at_parents(there, column_lineage), *(one for one, _ in made_of_key(there, column_lineage))]
    return any(_is_promised(one, walk) for one in above)


def _is_picked_from(symptom: Symptom, there: Symptom, walk: Walk) -> bool:
    """Whether a large part of the rows above are duplicates, and the node has fewer rows."""
    try:
        above, here = walk.probes.rows(there.node), walk.probes.rows(symptom.node)
    except WarehouseError:
        return False
    return (there.count or 0) > _LARGE * above and here < above


def _changed_above(there: Asked, walk: Walk) -> Origin | None:
    """A change of code in the joined table, or above it, that made its duplicates: its key was unique before."""
    symptom, why = there
    above = {symptom.node, *walk.known.lineage.upstream(symptom.node)}
    if not above & (walk.known.changes or {}).keys():
        return None
    found = _from(symptom, walk.branch(), why)
    return found if found.kind is OriginKind.CODE_CHANGED else None


_LARGE = 0.3
"""The share of rows that are duplicates of others above which a column is hardly meant to be a key."""

_MOSTLY = 0.5
"""The share of duplicates that must be exact copies for them to be a fault of the data."""


def _end_at(symptom: Symptom, walk: Walk) -> Origin | None:
    """The origin, where the node itself tells that the way ends here."""
    node = symptom.node
    if node in walk.known.broken:
        return origin_at(node, walk, OriginKind.ERROR)
    if not is_made(node):
        return origin_at(node, walk, OriginKind.STALE if node in walk.known.stale else OriginKind.BAD_SOURCE_DATA)
    if len(walk.hops) > _MOST_HOPS:
        return _not_further(node, walk, "nodes further up")
    change = walk.changed(symptom)
    if change is not None:
        return changed_at(change, walk)
    if symptom.traits is not None and not symptom.is_carried:
        return _not_further(node, walk, "this rule type cannot be checked on other tables")
    unread = walk.known.column_lineages.of(node).unread
    return None if unread is None else _not_further(node, walk, f"{_feeds(node)} {unread}")


def _spares_rows(symptom: Symptom, column_lineage: ColumnLineage, walk: Walk) -> bool:
    """Whether most rows are fine though all are computed alike, from one table: wrong arithmetic spares none."""
    feeds = [feed for column in symptom.columns for feed in column_lineage.feeds.get(column.lower(), ())]
    if len({feed.source.node for feed in feeds}) != 1 or not all(feed.uniform for feed in feeds):
        return False
    if len(feeds) > 1 and any(feed.plain for feed in feeds):
        return False  # a UNION, of which each part may be made otherwise
    if symptom.carry is not Carry.VALUES:
        return symptom.type == MADE_FROM  # told of the rows below
    try:
        return 0 < (symptom.count or 0) <= _FEW * walk.probes.rows(symptom.node)
    except WarehouseError:
        return False


_FEW = 0.2
"""The share of rows that must fail at most for the others to speak for the code."""


def _feeds(node: str) -> str:
    return f"what feeds {node}:"


def _not_further(node: str, walk: Walk, unchecked: str) -> Origin:
    walk.unchecked.append(unchecked)
    return origin_at(node, walk, OriginKind.UNKNOWN)
