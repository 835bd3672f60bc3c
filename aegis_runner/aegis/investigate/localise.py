"""Where a fault began: a walk up the lineage that asks, at each node, whether the fault is there already.

A symptom is carried to the parents' columns and counted there. Where no parent shows it, it may have changed its form
on the way: a NULL after a LEFT JOIN is a row that the joined table lacks, a duplicate after a join is one of the joined
key, a value without a partner is a row that the other table lost. Those are asked too. Where the code is known not to
have changed, what is made from several columns is looked for in the data they come from.

The origin is the furthest node that shows the fault and has no parent that does; or the first on the way whose code
changed where it matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from aegis.dbt.anatomy import Anatomies, Anatomy, ColumnRef
from aegis.dbt.state import Change
from aegis.investigate.meter import Spent
from aegis.investigate.probes import Probes
from aegis.investigate.symptoms import Symptom

if TYPE_CHECKING:
    from aegis.dbt.lineage import Lineage

_UNIQUENESS = frozenset({"unique", "composite_unique", "duplicate_percentage_below"})
_NULLS = frozenset({"not_null", "null_percentage_below"})
# What a rule type asks of values, so that it can be asked of the values they come from.
_CARRIED = _UNIQUENESS | _NULLS | {
    "accepted_values", "not_accepted_values", "between", "min_value_check", "max_value_check", "regex_match",
    "not_empty_string", "no_future_dates", "date_order", "sql_expression",
}  # fmt: skip
_VOLUME = frozenset({"row_count", "row_count_between"})
_ASKED = _CARRIED | _VOLUME | {"foreign_key"}
_MOST_HOPS = 25
# A fault is gone where at most this share of its rows is left.
_GONE = 0.2


@dataclass(frozen=True, slots=True)
class Hop:
    """A node on the path, from the finding up to the origin: how many rows show the fault there, and what was asked."""

    node: str
    column: str | None
    rows_failed: int | None
    asked: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a fault began.

    ``kind`` is one of KINDS; ``confidence`` 0 to 1, by how much of the way could be checked; ``others`` are nodes that
    it could be instead, likeliest first.
    """

    node: str
    kind: str
    path: tuple[Hop, ...]
    confidence: float
    unchecked: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    change: str | None = None


KINDS: Mapping[str, str] = {
    "arrived_bad": "the data arrived bad",
    "logic": "introduced by this node's logic",
    "join": "introduced by a join",
    "lost_rows": "rows are missing from here on",
    "stale": "stale or partial upstream",
    "error": "could not be built",
    "code_changed": "its code changed",
    "unknown": "could not be traced further",
}
"""What is said of an origin."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the artifacts tell without a query.

    Attributes:
        lineage: The project's graph.
        anatomies: What each node's SQL says.
        changes: Nodes whose code differs from the state manifest; ``None`` where there is none to compare with.
        broken: Nodes that could not be built.
        stale: Sources that are late.
    """

    lineage: Lineage
    anatomies: Anatomies
    changes: Mapping[str, Change] | None = None
    broken: frozenset[str] = frozenset()
    stale: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Walk:
    """One search: the way so far, and what could not be checked."""

    known: Known
    probes: Probes
    hops: list[Hop] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    unchecked: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    doubts: int = 0

    def changed(self, symptom: Symptom) -> Change | None:
        """The change of the symptom's node, if the symptom comes of it: with the SQL of before, today's data have (all
        but) no rows that fail. Where that cannot be tried, if it can come of it."""
        change = (self.known.changes or {}).get(symptom.node)
        if change is None or not change.touches(symptom.columns) or not self._matters(change, symptom.columns):
            return None
        if change.before is None or symptom.type not in _ASKED:
            return change
        earlier = self.probes.earlier(symptom.node, change.before)
        return self._weighed(change, replace(symptom, node=earlier, count=None), symptom.count)

    def changed_reference(self, symptom: Symptom, reference: ColumnRef, missing: int | None) -> Change | None:
        """The change of the table that lacks values, if its SQL of before would have them."""
        change = (self.known.changes or {}).get(reference.node)
        if change is None or not change.touches((reference.column,)) or not self._matters(change, (reference.column,)):
            return None
        if change.before is None:
            return change
        earlier = ColumnRef(self.probes.earlier(reference.node, change.before), reference.column)
        return self._weighed(change, replace(symptom, reference=earlier, count=None), missing)

    def _matters(self, change: Change, columns: tuple[str, ...]) -> bool:
        """Whether the change makes other rows of today's data; where that cannot be tried, it may."""
        if change.before is None:
            return True
        differs = self.probes.differs(change.node, self.probes.earlier(change.node, change.before), columns)
        return differs is not False

    def _weighed(self, change: Change, before: Symptom, now: int | None) -> Change | None:
        count = self.probes.ask([before])[0]
        if count.failed is None:
            self.unchecked.append(f"{change.node} with its SQL of before: {count.error}")
            self.doubts += 1
            return change
        return change if now is None or count.failed <= now * _GONE else None


def localise(symptom: Symptom, known: Known, probes: Probes) -> Origin:
    """Walk up from a symptom."""
    walk = _Walk(known, probes)
    try:
        return _from(symptom, walk, "the finding")
    except Spent as spent:
        walk.unchecked.append(f"the rest of the way: {spent}")
        last = walk.hops[-1].node if walk.hops else symptom.node
        return _origin(last, walk, "unknown")


def _from(symptom: Symptom, walk: _Walk, asked: str) -> Origin:
    node = symptom.node
    walk.hops.append(Hop(node, ", ".join(symptom.columns) or None, symptom.count, asked))
    walk.seen.add(node)
    if node in walk.known.broken:
        return _origin(node, walk, "error")
    if symptom.type == "foreign_key":
        return _without_partner(symptom, walk)
    if not is_made(node):
        return _origin(node, walk, "stale" if node in walk.known.stale else "arrived_bad")
    if len(walk.hops) > _MOST_HOPS:
        walk.unchecked.append("nodes further up")
        return _origin(node, walk, "unknown")
    change = walk.changed(symptom)
    if change is not None:
        return replace(_origin(node, walk, "code_changed"), change=change.what)
    anatomy = walk.known.anatomies.of(node)
    if anatomy.unread is not None:
        walk.unchecked.append(f"what feeds {node}: {anatomy.unread}")
        walk.doubts += 2
        return _origin(node, walk, "unknown")
    for step in _STEPS:
        following = _shown(step(symptom, anatomy), walk)
        if following is not None:
            return _from(*following)
    if walk.known.changes is not None:
        data = _data_behind(symptom, anatomy, walk)
        if data is not None:
            walk.doubts += 1
            return _from(data, walk, "what it is made from: no code changed on the way")
    return _origin(node, walk, "join" if symptom.type in _UNIQUENESS and anatomy.joins else "logic")


def _shown(asked: Iterator[tuple[Symptom, str]], walk: _Walk) -> tuple[Symptom, _Walk, str] | None:
    """The question to which most rows answer yes, if any does."""
    wanted = [(one, why) for one, why in asked if one.node not in walk.seen]
    found = []
    for (one, why), count in zip(wanted, walk.probes.ask([one for one, _ in wanted]), strict=True):
        if count.failed is None:
            walk.unchecked.append(f"{', '.join(one.columns) or one.type} of {one.node}: {count.error}")
            walk.doubts += 1
        elif count.failed:
            found.append((replace(one, count=count.failed), why))
    if not found:
        return None
    found.sort(key=lambda pair: -(pair[0].count or 0))
    walk.others.extend(one.node for one, _ in found[1:])
    return found[0][0], walk, found[0][1]


# The steps: questions to the parents of a node, which mean that the fault was there before it.


def _carried(symptom: Symptom, anatomy: Anatomy) -> Iterator[tuple[Symptom, str]]:
    """The same question of each parent that all its columns come from as they are."""
    if symptom.type not in _CARRIED or not symptom.columns:
        return
    by_parent: dict[str, list[tuple[str, str]]] = {}
    for column in symptom.columns:
        for source in _plain(anatomy, column):
            by_parent.setdefault(source.node, []).append((column, source.column))
    for parent, pairs in by_parent.items():
        if len(pairs) == len(symptom.columns):
            yield symptom.at(parent, dict(pairs)), "the same fault"


def _unmatched(symptom: Symptom, anatomy: Anatomy) -> Iterator[tuple[Symptom, str]]:
    """NULL where an outer join found no partner: a value that the joined table lacks."""
    if symptom.type not in _NULLS:
        return
    sources = {feed.source.node for column in symptom.columns for feed in anatomy.feeds.get(column.lower(), ())}
    for join in anatomy.joins:
        for kept, other, sides in (
            (join.left, join.right, ("right", "both")),
            (join.right, join.left, ("left", "both")),
        ):
            if other.node in sources and join.optional in sides and other.node != kept.node:
                yield Symptom(kept.node, "foreign_key", (kept.column,), reference=other), "a join without a partner"


def _fanned_out(symptom: Symptom, anatomy: Anatomy) -> Iterator[tuple[Symptom, str]]:
    """Duplicates after a join: of the joined key."""
    if symptom.type not in _UNIQUENESS:
        return
    by_side: dict[tuple[str, str], list[str]] = {}
    for join in anatomy.joins:
        by_side.setdefault((join.left.node, join.right.node), []).append(join.right.column)
    for (_, right), columns in by_side.items():
        names = tuple(dict.fromkeys(columns))
        yield (
            Symptom(right, "unique" if len(names) == 1 else "composite_unique", names),
            "a joined key that is there twice",
        )


def _left_out(symptom: Symptom, anatomy: Anatomy) -> Iterator[tuple[Symptom, str]]:
    """Rows that are missing after an inner join: values that the joined table lacks."""
    if symptom.type not in _VOLUME:
        return
    for join in anatomy.joins:
        if not join.optional and join.left.node != join.right.node:
            kept, other = (join.left, join.right) if join.left.node == anatomy.base else (join.right, join.left)
            yield Symptom(kept.node, "foreign_key", (kept.column,), reference=other), "rows that an inner join dropped"


_STEPS: tuple[Callable[[Symptom, Anatomy], Iterator[tuple[Symptom, str]]], ...] = (
    _carried,
    _unmatched,
    _fanned_out,
    _left_out,
)


def _data_behind(symptom: Symptom, anatomy: Anatomy, walk: _Walk) -> Symptom | None:
    """What the symptom's columns are made from, where no code changed: the fault must have come with the data.

    A question that cannot be asked there, since the values are others, is carried as it is, without a count.
    """
    feeds = [feed.source for column in symptom.columns for feed in anatomy.feeds.get(column.lower(), ())]
    feeds = [source for source in dict.fromkeys(feeds) if source.node not in walk.seen]
    if feeds:
        walk.others.extend(source.node for source in feeds[1:] if source.node != feeds[0].node)
        return Symptom(feeds[0].node, "made_from", (feeds[0].column,))
    base = anatomy.base or (anatomy.reads[0] if anatomy.reads else None)
    if base is None or base in walk.seen:
        return None
    return Symptom(base, symptom.type if symptom.type in _VOLUME else "made_from", ())


# Values without a partner: two tables may be at fault.


def _without_partner(symptom: Symptom, walk: _Walk) -> Origin:
    """Which of the two: the table that lacks the values (and where it lost them), or that which has them."""
    assert symptom.reference is not None
    lost = _where_lost(symptom, walk)
    if lost is not None:
        return lost
    return _where_made(symptom, walk)


def _where_lost(symptom: Symptom, walk: _Walk) -> Origin | None:
    """Up the reference: the node that lacks values which its parent has. None if its source lacks them too."""
    at = symptom.reference
    assert at is not None
    missing = symptom.count
    hops: list[Hop] = []
    while is_made(at.node):
        hops.append(Hop(at.node, at.column, missing, "values that it lacks"))
        if at.node in walk.known.broken:
            return _lost(at.node, walk, hops, "error")
        change = walk.changed_reference(symptom, at, missing)
        if change is not None:
            return replace(_lost(at.node, walk, hops, "code_changed"), change=change.what)
        above = _values_above(symptom, at, walk)
        if above is None:
            return None
        fewest, source = above
        if missing is None or fewest < missing * 0.5:
            # Its parent has (most of) what it lacks: they were lost here.
            return _lost(at.node, walk, hops, "lost_rows")
        at, missing = source, fewest
    walk.others.append(at.node)
    return None


def _values_above(symptom: Symptom, at: ColumnRef, walk: _Walk) -> tuple[int, ColumnRef] | None:
    """Of the columns that feed this one, that which lacks the fewest values, and how many rows those are."""
    sources = _plain(walk.known.anatomies.of(at.node), at.column)
    counts = walk.probes.ask([replace(symptom, reference=source, count=None) for source in sources])
    known = [(count.failed, one) for count, one in zip(counts, sources, strict=True) if count.failed is not None]
    if not known:
        why = f": {counts[0].error}" if counts else ""
        walk.unchecked.append(f"what feeds {at.node}.{at.column}{why}")
        walk.doubts += 1
        return None
    return min(known, key=lambda pair: pair[0])


def _lost(node: str, walk: _Walk, hops: list[Hop], kind: str) -> Origin:
    walk.hops.extend(hop for hop in hops if hop.node not in walk.seen)
    return _origin(node, walk, kind)


def _where_made(symptom: Symptom, walk: _Walk) -> Origin:
    """Up the values: the node that makes them, or, where they come from a source, whichever source is odd."""
    node = symptom.node
    reference = walk.others[-1] if walk.others else (symptom.reference.node if symptom.reference else node)
    while is_made(node):
        change = walk.changed(symptom)
        if change is not None:
            return replace(_origin(node, walk, "code_changed"), change=change.what)
        sources = [
            one for one in _plain(walk.known.anatomies.of(node), symptom.columns[0]) if one.node not in walk.seen
        ]
        asked = [
            replace(symptom.at(one.node, {symptom.columns[0]: one.column}), reference=symptom.reference)
            for one in sources
        ]
        following = _shown(iter([(one, "the same value") for one in asked]), walk)
        if following is None:
            if walk.known.changes is None or not sources:
                return _origin(node, walk, "logic")
            break
        symptom = following[0]
        node = symptom.node
        walk.hops.append(Hop(node, symptom.columns[0], symptom.count, following[2]))
        walk.seen.add(node)
    return _which_source(symptom, reference, walk)


def _which_source(symptom: Symptom, reference: str, walk: _Walk) -> Origin:
    """The values stand in one source and are missing in another. Many different ones are rows that did not come; a few,
    again and again, are values that nobody else knows."""
    walk.doubts += 1
    if is_made(reference) or reference == symptom.node:
        return _origin(symptom.node, walk, "arrived_bad")
    distinct = walk.probes.distinct_orphans(symptom)
    many = distinct is not None and distinct >= 3
    if many:
        walk.others.insert(0, symptom.node)
        walk.hops.append(
            Hop(reference, symptom.reference.column if symptom.reference else None, distinct, "values that it lacks")
        )
        return _origin(reference, walk, "stale")
    walk.others.insert(0, reference)
    return _origin(symptom.node, walk, "arrived_bad")


def _plain(anatomy: Anatomy, column: str) -> list[ColumnRef]:
    return [feed.source for feed in anatomy.feeds.get(column.lower(), ()) if feed.plain]


def is_made(node: str) -> bool:
    """Whether SQL of the project makes it."""
    return node.startswith(("model.", "snapshot."))


def _origin(node: str, walk: _Walk, kind: str) -> Origin:
    confidence = max(0.2, 0.95 - 0.15 * walk.doubts) if kind != "unknown" else 0.2
    others = tuple(dict.fromkeys(one for one in walk.others if one != node))
    return Origin(node, kind, tuple(walk.hops), confidence, tuple(walk.unchecked), others)
