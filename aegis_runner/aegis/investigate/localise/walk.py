"""One search: the way so far, what could not be checked, and whether changed code makes a difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from aegis.dbt.graph.column_flow import ColumnLineage, ColumnRef
from aegis.dbt.graph.state import Change
from aegis.domain.kinds import OriginKind
from aegis.domain.text import listed
from aegis.investigate.checks import CheckRunner
from aegis.investigate.localise.origin import GONE, Hop, Origin, Proof, TraceContext, is_made
from aegis.investigate.made import Recipes
from aegis.investigate.symptoms import Symptom
from aegis.rules.traits import Carry

Asked = tuple[Symptom, str]
"""A question, and what it is, in words."""


@dataclass(slots=True)
class Walk:
    """One search: the way so far, and what could not be checked."""

    known: TraceContext
    probes: CheckRunner
    hops: list[Hop] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    unchecked: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    doubts: int = 0
    blind: set[str] = field(default_factory=set)
    """Nodes that could not be asked."""
    proofs: list[Proof] = field(default_factory=list)
    last: Symptom | None = None
    """The question at the end of the way so far."""
    hints: tuple[str, ...] = ()
    """Columns of the first table by which its failing rows stand out."""
    start: str = ""
    held_before: bool = True
    counted: Symptom | None = None
    """The last one on the way of which the rows are known."""
    finding: Symptom | None = None
    """What the way began with."""
    keys_as_text: bool = False
    """Whether the way compares keys as text, without their case and blanks around."""

    @property
    def recipes(self) -> Recipes:
        """How the nodes are made of one another."""
        return Recipes(self.known.lineage, self.known.column_lineages.compiled, self.probes)

    def is_personal(self, *columns: ColumnRef) -> bool:
        """Whether the values of any of the columns may stand in no query."""
        return any(self.known.personal(one.column, self.probes.name(one.node)) for one in columns)

    def branch(self) -> Walk:
        """The same way so far, to go on by itself."""
        hops, unchecked, others = list(self.hops), list(self.unchecked), list(self.others)
        proofs, seen = list(self.proofs), set(self.seen)
        return replace(self, hops=hops, seen=seen, unchecked=unchecked, others=others, blind=set(), proofs=proofs)

    def at(self, symptom: Symptom, asked: str) -> None:
        """The way goes on here."""
        self.hops.append(Hop(symptom.node, ", ".join(symptom.columns) or None, symptom.count, asked, symptom.type))
        self.seen.add(symptom.node)
        self.last = symptom
        self.counted = symptom if symptom.count and symptom.is_carried else self.counted

    def is_as_before(self, node: str) -> bool:
        """Whether it is a seed whose file is that of the state: then its rows are no news."""
        return node.startswith("seed.") and self.known.changes is not None and node not in self.known.changes

    def changed(self, symptom: Symptom) -> Change | None:
        """The change of the symptom's node, if the symptom comes of it: with the SQL of before, today's data have (all
        but) no rows that fail. Where that cannot be tried, if it can come of it."""
        change = (self.known.changes or {}).get(symptom.node)
        if change is None:
            return None
        if change.before is None or not symptom.is_carried:
            return change if change.touches(symptom.columns) and self._matters(change, symptom.columns) else None
        earlier = self.probes.with_sql(symptom.node, change.before)
        return self._weighed(change, replace(symptom, node=earlier, count=None), symptom.count)

    def changed_reference(self, symptom: Symptom, reference: ColumnRef, missing: int | None) -> Change | None:
        """The change of the table that lacks values, if its SQL of before would have them."""
        change = (self.known.changes or {}).get(reference.node)
        if change is None or not change.touches((reference.column,)) or not self._matters(change, (reference.column,)):
            return None
        if change.before is None:
            return change
        earlier = ColumnRef(self.probes.with_sql(reference.node, change.before), reference.column)
        return self._weighed(change, replace(symptom, reference=earlier, count=None), missing)

    def _matters(self, change: Change, columns: tuple[str, ...]) -> bool:
        """Whether the change makes other rows of today's data; where that cannot be tried, it may."""
        if change.before is None:
            return True
        differs = self.probes.differs(change.node, self.probes.with_sql(change.node, change.before), columns)
        return differs is not False

    def _weighed(self, change: Change, before: Symptom, now: int | None) -> Change | None:
        count = self.probes.ask([before])[0]
        if count.failed is None:
            self.unchecked.append(f"{change.node} with its SQL of before: {count.error}")
            self.doubts += 1
            return change
        return change if now is None or count.failed <= now * GONE else None


def shown(asked: Iterator[Asked], walk: Walk) -> Asked | None:
    """The question to which most rows answer yes, if any does; the other nodes that do are noted in ``walk.others``."""
    found = all_shown(asked, walk)
    walk.others.extend(one.node for one, _ in found[1:])
    return found[0] if found else None


def all_shown(asked: Iterator[Asked], walk: Walk) -> list[Asked]:
    """The questions to which rows answer yes, most first. One that could not be asked is noted in ``walk.blind``:
    clean is only what was looked at and found clean."""
    wanted = [(one, why) for one, why in asked if _new(one, walk)]
    found = []
    for (one, why), count in zip(wanted, walk.probes.ask([one for one, _ in wanted]), strict=True):
        if count.failed is None:
            walk.unchecked.append(f"{', '.join(one.columns) or one.type} of {one.node}: {count.error}")
            walk.doubts += 1
            walk.blind.add(one.reference.node if one.reference else one.node)
        elif count.failed:
            found.append((replace(one, count=count.failed), why))
    return sorted(found, key=lambda pair: -(pair[0].count or 0))


def _new(symptom: Symptom, walk: Walk) -> bool:
    """Of a value without a partner, the table that lacks it is what is new."""
    return (symptom.reference.node if symptom.reference else symptom.node) not in walk.seen


def plain(column_lineage: ColumnLineage, column: str) -> list[ColumnRef]:
    return [feed.source for feed in column_lineage.feeds.get(column.lower(), ()) if feed.plain]


def _carrying(symptom: Symptom, column_lineage: ColumnLineage, column: str) -> list[ColumnRef]:
    """The columns that bring a fault here. A GROUP BY lets no duplicate through: it makes its own, or there is none."""
    feeds = column_lineage.feeds.get(column.lower(), ())
    stops = symptom.carry is Carry.UNIQUENESS
    return [feed.source for feed in feeds if feed.plain and not (stops and feed.grouped)]


def at_parents(symptom: Symptom, column_lineage: ColumnLineage) -> Iterator[Symptom]:
    """The same question of each parent that has all the columns it needs, as they are."""
    by_parent: dict[str, dict[str, str]] = {}
    ambiguous = set()
    for column in symptom.needs:
        for source in _carrying(symptom, column_lineage, column):
            names = by_parent.setdefault(source.node, {})
            if names.setdefault(column, source.column) != source.column:
                ambiguous.add(source.node)
    for parent, names in by_parent.items():
        if len(names) == len(symptom.needs) and parent not in ambiguous:
            yield symptom.at(parent, names)


STAR = "the columns of its * are not known"


def why_blocked(symptom: Symptom, column_lineage: ColumnLineage) -> str | None:
    """Why the question cannot be asked of what feeds the node: no parent that has the columns it is about has all that
    its conditions read, or it is not known where they come from."""
    bare = not symptom.columns or any(plain(column_lineage, column) for column in symptom.columns)
    if bare and symptom.reads and not any(at_parents(symptom, column_lineage)):
        return "its tables lack columns that the rule reads"
    if not any(column_lineage.hides(column) for column in symptom.needs):
        return None
    strangers = listed(column_lineage.strangers[:3])
    return f"it reads {strangers}, which dbt does not know" if strangers else STAR


def origin_at(node: str, walk: Walk, kind: OriginKind) -> Origin:
    confidence = round(max(0.2, 0.95 - 0.15 * walk.doubts), 2) if kind is not OriginKind.UNKNOWN else 0.2
    others = tuple(dict.fromkeys(one for one in walk.others if one != node))
    shown = walk.last if walk.last is not None and walk.last.node == node else None
    hops, unchecked, proofs = tuple(walk.hops), tuple(walk.unchecked), tuple(walk.proofs)
    return Origin(node, kind, hops, confidence, unchecked, others, proofs=proofs, shown=shown)


def changed_at(change: Change, walk: Walk) -> Origin:
    """The node whose file was changed, and what of it."""
    return replace(origin_at(change.origin, walk, OriginKind.CODE_CHANGED), detail=change.what)


def columns_above(columns: Sequence[ColumnRef], walk: Walk) -> frozenset[ColumnRef]:
    """These, and all that they are made from."""
    waiting, seen = list(columns), set(columns)
    while waiting:
        one = waiting.pop()
        feeds = walk.known.column_lineages.of(one.node).feeds.get(one.column.lower(), ()) if is_made(one.node) else ()
        new = {feed.source for feed in feeds} - seen
        seen |= new
        waiting += new
    return frozenset(seen)
