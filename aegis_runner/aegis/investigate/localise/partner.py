"""Values without a partner: of two tables, which is at fault, and where on its way."""

from __future__ import annotations

from dataclasses import replace

from aegis.dbt.graph.clauses import how_made
from aegis.dbt.graph.column_flow import ColumnLineage, ColumnRef
from aegis.domain.kinds import OriginKind
from aegis.domain.text import percent, plural, plural_of
from aegis.errors import WarehouseError
from aegis.investigate.checks import Unmatched
from aegis.investigate.localise.computed_keys import came_in, compared, lacking_too, made_of_keys
from aegis.investigate.localise.origin import MADE_FROM, Hop, Origin, are_as_many, is_made
from aegis.investigate.localise.steps import NO_MATCH, dropped, unmatched
from aegis.investigate.localise.walk import (
    STAR,
    Asked,
    Walk,
    at_parents,
    changed_at,
    origin_at,
    plain,
    shown,
    why_blocked,
)
from aegis.investigate.symptoms import Symptom
from aegis.rules.types.completeness import NotNull

# So many different values without a partner are rows that are missing.
_MANY = 3
# A value that stands in so many rows is used again and again.
_AGAIN = 5
# A join by which so many rows find no partner is by the wrong column; of columns with other names, half are many.
_NEARLY_ALL, _HALF = 0.95, 0.5
# Where so large a part of the rows has one of a few values, they are no typing errors.
_LARGE = 0.25
LACKED = "values that it lacks"
# NULLs stand for the values that are missing where there are (nearly) as many.
_MOST_OF = 0.8


def without_partner(symptom: Symptom, walk: Walk) -> Origin:
    """Which of the two: the table that lacks the values (and where it lost them), or that which has them."""
    reference = symptom.reference
    assert reference is not None
    joined = _joined_by_another(symptom, reference, walk)
    if joined is not None:
        return joined
    made_of = made_of_keys(symptom, reference, walk)
    if isinstance(made_of, Symptom):
        walk.at(made_of, "what its key is made of")
        return without_partner(made_of, walk)
    if made_of is not None:
        return _in_its_key(symptom, *made_of, walk)
    lost = _where_lost(symptom, reference, walk)
    return lost if isinstance(lost, Origin) else _where_made(symptom, lost, walk)


def _in_its_key(symptom: Symptom, at: ColumnRef, kind: OriginKind, walk: Walk) -> Origin:
    """The table that lost rows where it made its key, or makes it otherwise than the other one."""
    if kind is OriginKind.LOST_ROWS:
        return _lost_here(symptom, at, walk, [Hop(at.node, at.column, symptom.count, LACKED)])
    return _made_otherwise(at, symptom, walk)


def _made_otherwise(at: ColumnRef, symptom: Symptom, walk: Walk) -> Origin:
    walk.doubts += 1
    walk.others.insert(0, symptom.node)
    _on_the_way(walk, [Hop(at.node, at.column, None, LACKED)])
    return replace(origin_at(at.node, walk, OriginKind.LOGIC), detail=how_made((at.column,)))


def _joined_by_another(symptom: Symptom, reference: ColumnRef, walk: Walk) -> Origin | None:
    """The node that joins by columns that have next to no value in common, where no code of before tells whether it
    ever did otherwise: a key that is right for no row is another column's, if it is not spelt otherwise."""
    if walk.known.changes is not None or len(walk.hops) < 2 or walk.hops[-1].asked != NO_MATCH:
        return None
    least = _NEARLY_ALL if _are_called_alike(symptom.columns[0], reference.column) else _HALF
    orphans = walk.probes.orphans(symptom) if _share(symptom, walk) >= least else None
    if orphans is None or orphans.distinct < _MANY:
        return None
    if max(orphans.misspelt.here, orphans.misspelt.there) >= orphans.distinct * _HALF:
        return None
    walk.doubts += 1
    walk.others += [symptom.node, reference.node]
    here, there = walk.probes.name(symptom.node), walk.probes.name(reference.node)
    joined = f"{here}.{symptom.columns[0]} is joined to {there}.{reference.column}"
    detail = f"{joined}, and {percent(_share(symptom, walk), 1)} of its rows find no match"
    return replace(origin_at(walk.hops[-2].node, walk, OriginKind.JOIN), detail=detail)


def _are_called_alike(one: str, other: str) -> bool:
    """``customer_id`` and ``id`` of customers; not ``event_id`` and ``venue_id``."""
    names = sorted((name.lower().replace("_", "") for name in (one, other)), key=len)
    return names[1].endswith(names[0])


def _lost_here(symptom: Symptom, at: ColumnRef, walk: Walk, hops: list[Hop]) -> Origin:
    """The table lost rows that it is made from; or what is joined there lacks them."""
    walk.hops.extend(hop for hop in hops if hop.node not in walk.seen)
    walk.seen.update(hop.node for hop in hops)
    partner = _partner_that_lacks(replace(symptom, reference=at), at, walk)
    if partner is None:
        return origin_at(at.node, walk, OriginKind.LOST_ROWS)
    walk.at(*partner)
    return without_partner(partner[0], walk)


def _where_lost(symptom: Symptom, at: ColumnRef, walk: Walk) -> Origin | ColumnRef:
    """Up the reference: the node that lacks values which its parent has; or, if none does, the furthest column that was
    looked into, that of a source where the whole way could be gone."""
    missing = symptom.count
    hops: list[Hop] = []
    while is_made(at.node):
        hops.append(Hop(at.node, at.column, missing, LACKED))
        if at.node in walk.known.broken:
            return _lost(at.node, walk, hops, OriginKind.ERROR)
        change = walk.changed_reference(symptom, at, missing)
        if change is not None:
            _on_the_way(walk, hops)
            return changed_at(change, walk)
        if walk.known.column_lineages.of(at.node).hides(at.column):
            walk.unchecked.append(f"what feeds {at.node}.{at.column}: {STAR}")
            return _lost(at.node, walk, hops, OriginKind.UNKNOWN)
        walk.blind.clear()
        above = _values_above(symptom, at, walk)
        if above is None:
            return _lost(at.node, walk, hops, OriginKind.UNKNOWN) if walk.blind else at
        fewest, source = above
        if missing is not None and fewest < missing * 0.5:
            # Its parent has (most of) what it lacks: they were lost here, or by what is joined here.
            return _lost_here(symptom, at, walk, hops)
        at, missing = source, fewest
    walk.others.append(at.node)
    return at


def _partner_that_lacks(symptom: Symptom, at: ColumnRef, walk: Walk) -> Asked | None:
    """The joined table that has no partner for (most of) the rows that an inner join drops, as a symptom of its own.
    What is dropped are rows of the table that lacks the values, so they are held against different values."""
    following = shown(dropped(walk.known.column_lineages.of(at.node)), walk)
    if following is None:
        return None
    orphans = walk.probes.orphans(symptom)
    return following if orphans is None or (following[0].count or 0) >= orphans.distinct * 0.5 else None


def _values_above(symptom: Symptom, at: ColumnRef, walk: Walk) -> tuple[int, ColumnRef] | None:
    """Of the columns that feed this one, that which lacks the fewest values, and how many rows those are."""
    sources = plain(walk.known.column_lineages.of(at.node), at.column)
    counts = walk.probes.ask([replace(symptom, reference=source, count=None) for source in sources])
    known = [(count.failed, one) for count, one in zip(counts, sources, strict=True) if count.failed is not None]
    if not known:
        why = f": {counts[0].error}" if counts else ""
        walk.unchecked.append(f"what feeds {at.node}.{at.column}{why}")
        walk.doubts += 1
        walk.blind.update(source.node for source in sources)
        return None
    return min(known, key=lambda pair: pair[0])


def _lost(node: str, walk: Walk, hops: list[Hop], kind: OriginKind) -> Origin:
    _on_the_way(walk, hops)
    return origin_at(node, walk, kind)


def _on_the_way(walk: Walk, hops: list[Hop]) -> None:
    walk.hops.extend(hop for hop in hops if hop.node not in walk.seen)


def _where_made(symptom: Symptom, lacking: ColumnRef, walk: Walk) -> Origin:
    """Up the values: the node that makes them, or, where they come from a source, whichever source is odd."""
    node = symptom.node
    while is_made(node):
        change = walk.changed(symptom)
        if change is not None:
            return changed_at(change, walk)
        column_lineage = walk.known.column_lineages.of(node)
        asked = [one for one in at_parents(symptom, column_lineage) if one.node not in walk.seen]
        blocked = why_blocked(symptom, column_lineage)
        if blocked is not None:
            walk.unchecked.append(f"what feeds {node}: {blocked}")
            return origin_at(node, walk, OriginKind.UNKNOWN)
        walk.blind.clear()
        following = shown(iter([(one, "the same value") for one in asked]), walk)
        if following is None and walk.blind:
            return origin_at(node, walk, OriginKind.UNKNOWN)
        default = _default(symptom, column_lineage, walk) if following is None else None
        if default is not None:
            walk.at(*default)
            return without_partner(default[0], walk)
        if following is None:
            if walk.known.changes is None and not came_in(symptom, column_lineage, walk):
                return origin_at(node, walk, OriginKind.LOGIC)
            if asked:  # they have no such value
                return _of_values(node, walk)
            walk.doubts += walk.known.changes is None
            break
        symptom = following[0]
        node = symptom.node
        walk.at(symptom, following[1])
    return _which_source(symptom, lacking, walk)


def _default(symptom: Symptom, column_lineage: ColumnLineage, walk: Walk) -> Asked | None:
    """A join that found no match for as many rows, in whose place the node puts a value that is nobody's key."""
    for asked, why in unmatched(symptom, column_lineage) if symptom.count else ():
        if asked.reference is None or asked.node in walk.seen:
            continue
        [found] = walk.probes.ask([asked])
        if are_as_many(found.failed, symptom.count):
            return replace(asked, count=found.failed), why
    return None


def _came_from(column: ColumnRef, walk: Walk) -> ColumnRef:
    """Where no code changed, what a column is made from, up to the source, if it is made from one table alone."""
    while is_made(column.node) and walk.known.changes is not None:
        feeds = walk.known.column_lineages.of(column.node).feeds.get(column.column.lower(), ())
        if len({feed.source.node for feed in feeds}) != 1 or feeds[0].source.node == column.node:
            break
        column = feeds[0].source
    return column


def _which_source(symptom: Symptom, lacking: ColumnRef, walk: Walk) -> Origin:
    """The values stand in one source and are missing in another. If the other has NULL in their place, that is it. Else
    many different ones, or numbers from among those that are there, are rows that did not come; a few others, again and
    again, or numbers far from those that are there, are values that nobody else knows."""
    lacking = lacking_too(symptom, lacking, walk)
    orphans = walk.probes.orphans(compared(symptom, walk))
    here = _came_from(ColumnRef(symptom.node, symptom.columns[0]), walk)
    if here.node != symptom.node:
        walk.at(Symptom(here.node, MADE_FROM, (here.column,)), "what it is made from: no code changed on the way")
    if orphans is not None and orphans.distinct and orphans.misspelt.here >= orphans.distinct * _MOST_OF:
        walk.others.insert(0, lacking.node)
        detail = f"values of {', '.join(symptom.columns)} that {walk.probes.name(lacking.node)} spells otherwise"
        return replace(_of_values(here.node, walk), detail=detail)
    if orphans is not None and orphans.distinct and orphans.misspelt.there >= orphans.distinct * _MOST_OF:
        walk.others.insert(0, here.node)
        lacking = _came_from(lacking, walk)
        walk.at(Symptom(lacking.node, MADE_FROM, (lacking.column,)), "values that are spelt otherwise")
        detail = f"values of {lacking.column} that {walk.probes.name(symptom.node)} spells otherwise"
        return replace(_of_values(lacking.node, walk), detail=detail)
    lacking = _came_from(lacking, walk)
    walk.doubts += 1
    share = _share(symptom, walk)
    ends = orphans is not None and orphans.amid and not walk.known.column_lineages.of(lacking.node).reads
    if is_made(lacking.node) and walk.known.changes is None and (share >= _HALF or ends):
        # Nearly all its values are others; or, like a calendar that is made of no table, it ends before them.
        return _made_otherwise(lacking, symptom, walk)
    if is_made(lacking.node) or lacking.node == here.node or walk.is_as_before(lacking.node):
        return _of_values(here.node, walk)
    blank = Symptom(lacking.node, NotNull.type, (lacking.column,))
    nulls = walk.probes.ask([blank])[0].failed
    if nulls and orphans is not None and nulls >= orphans.distinct * _MOST_OF:
        walk.others.insert(0, here.node)
        walk.at(replace(blank, count=nulls), "a key that is NULL")
        return origin_at(lacking.node, walk, OriginKind.BAD_SOURCE_DATA)
    gone = walk.is_as_before(here.node) or lacking.node in (walk.known.changes or {})
    used = orphans is not None and share >= _LARGE and _is_used_again(symptom, orphans)
    many = orphans is not None and (orphans.distinct >= _MANY or (used and not orphans.numbers))
    if orphans is not None and (gone or orphans.amid or (many and not orphans.far)):
        walk.others.insert(0, here.node)
        return _did_not_come(symptom, lacking.node, orphans, walk, gone=gone)
    walk.others.insert(0, lacking.node)
    return _of_values(here.node, walk)


def _did_not_come(symptom: Symptom, lacking: str, orphans: Unmatched, walk: Walk, *, gone: bool) -> Origin:
    """Rows that did not come, where it is known that they are ``gone``, or likely: values that are used again and again
    are somebody's; others may be odd where they stand, if they are none from among those that are there, or come in one
    part of the rows."""
    again = _is_used_again(symptom, orphans)
    walk.doubts += not gone and not again and (not orphans.amid or bool(walk.hints))
    values = f"{plural(orphans.distinct, 'value')} of {', '.join(symptom.columns)}"
    absent = f"{values} {plural_of(orphans.distinct, 'is', 'are')} missing"
    return replace(origin_at(lacking, walk, OriginKind.STALE), detail=absent)


def _is_used_again(symptom: Symptom, orphans: Unmatched) -> bool:
    return (symptom.count or 0) >= _AGAIN * orphans.distinct


def _share(symptom: Symptom, walk: Walk) -> float:
    """The share of rows without a partner; 0 where that cannot be told."""
    try:
        return (symptom.count or 0) / max(walk.probes.rows(symptom.node), 1)
    except WarehouseError:
        return 0.0


def _of_values(node: str, walk: Walk) -> Origin:
    """The values are wrong where they came in, or where SQL makes them; of SQL that did not change that is not said."""
    made = OriginKind.LOGIC if walk.known.changes is None else OriginKind.UNKNOWN
    return origin_at(node, walk, made if is_made(node) else OriginKind.BAD_SOURCE_DATA)
