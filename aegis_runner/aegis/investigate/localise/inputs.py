"""Of what a value is made from, where no question can be carried there: the input that is likeliest at fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from aegis.dbt.graph.column_flow import ColumnLineage, ColumnRef
from aegis.investigate.localise.origin import GONE, MADE_FROM, is_made
from aegis.investigate.localise.proof import made_with
from aegis.investigate.localise.walk import Walk, columns_above
from aegis.investigate.symptoms import Symptom
from aegis.rules.traits import Carry

_MOST_PARTS, _MOST_SHARED = 6, 4
"""Parts of a UNION, and columns that they share, that are looked at."""


def data_behind(symptom: Symptom, column_lineage: ColumnLineage, walk: Walk) -> Symptom | None:
    """What the symptom's columns are made from, where no code changed: the fault must have come with the data.

    A question that cannot be asked there, since the values are others, is carried as it is, without a count.
    """
    feeds = [feed.source for column in symptom.columns for feed in column_lineage.feeds.get(column.lower(), ())]
    feeds = [
        source for source in dict.fromkeys(feeds) if source.node not in walk.seen and not walk.is_as_before(source.node)
    ]
    if len(feeds) > 1:
        feeds = _likeliest_first(feeds, symptom, column_lineage, walk)
    if feeds:
        walk.others.extend(source.node for source in feeds[1:] if source.node != feeds[0].node)
        return Symptom(feeds[0].node, MADE_FROM, (feeds[0].column,))
    base = column_lineage.base or (column_lineage.reads[0] if column_lineage.reads else None)
    if base is None or base in walk.seen:
        return None
    return Symptom(base, symptom.type if symptom.carry is Carry.VOLUME else MADE_FROM, ())


def _likeliest_first(
    feeds: list[ColumnRef], symptom: Symptom, column_lineage: ColumnLineage, walk: Walk
) -> list[ColumnRef]:
    """Of the parts of a UNION, that from which the failing rows come; of other tables, that by which they stand out, or
    which more of the columns are made from, or which has more tables behind it; of columns of one table, that which is
    furthest out of the ordinary."""
    several = len({one.node for one in feeds}) > 1
    if not several:
        return sorted(feeds, key=walk.probes.spread, reverse=True)
    # Of one column, without a join, several tables are the parts of a UNION.
    union = len(symptom.columns) == 1 and not column_lineage.joins
    alone = (_only_one(feeds, walk) or _by_values(feeds, walk)) if union else None
    walk.doubts += alone is None
    alone = alone or _by_hint(feeds, walk)
    feeding = Counter(
        node
        for column in symptom.columns
        for node in {feed.source.node for feed in column_lineage.feeds.get(column.lower(), ())}
    )
    return sorted(feeds, key=lambda one: (one == alone, feeding[one.node], len(_tops_of([one], walk))), reverse=True)


def _only_one(sources: Sequence[ColumnRef], walk: Walk) -> ColumnRef | None:
    """The table of a UNION from which (nearly) all failing rows come: without its rows they are gone, and without those
    of the others they are not."""
    counted, nodes = walk.counted, {one.node for one in sources}
    if counted is None or not counted.count or not 1 < len(nodes) <= _MOST_PARTS:
        return None
    left: dict[str, int] = {}
    for node in sorted(nodes):
        made = made_with(counted.node, node, f"select * from {walk.probes.relation(node)} where 1 = 0", walk)
        failed = None if made is None else walk.probes.ask_of(counted, made).failed
        if failed is None:
            return None
        left[node] = failed
    fewest = min(left, key=lambda node: left[node])
    rest = [failed for node, failed in left.items() if node != fewest]
    if left[fewest] > counted.count * GONE or min(rest) < counted.count * (1 - GONE):
        return None
    return next(one for one in sources if one.node == fewest)


def _by_values(sources: Sequence[ColumnRef], walk: Walk) -> ColumnRef | None:
    """The table of a UNION that alone has the values of the failing rows, in a column of the same name."""
    counted, nodes = walk.counted, sorted({one.node for one in sources})
    if counted is None or not 1 < len(nodes) <= _MOST_PARTS:
        return None
    columns = {node: {name.lower() for name in walk.known.column_lineages.columns(node)} for node in nodes}
    own = [name.lower() for name in walk.known.column_lineages.columns(counted.node)]
    shared = [name for name in own if all(name in names for names in columns.values())]
    for name in shared[:_MOST_SHARED]:
        held = walk.probes.held(counted, name, nodes)
        if held is None or not held[0]:
            continue
        with_all = [node for node, many in zip(nodes, held[1:], strict=True) if many >= held[0] * (1 - GONE)]
        with_few = [node for node, many in zip(nodes, held[1:], strict=True) if many <= held[0] * GONE]
        if len(with_all) == 1 and len(with_few) == len(nodes) - 1:
            return next(one for one in sources if one.node == with_all[0])
    return None


def _by_hint(sources: Sequence[ColumnRef], walk: Walk) -> ColumnRef | None:
    """The one that comes from the same tables at the top as a column by which the failing rows stand out."""
    base = walk.known.column_lineages.of(walk.start).base
    for hint in walk.hints:
        of_hint = _tops_of([ColumnRef(walk.start, hint)], walk)
        # What gives the table its rows gives it its keys: they tell nothing of the other side.
        fitting = [one for one in sources if of_hint and base not in of_hint and _tops_of([one], walk) & of_hint]
        if len({one.node for one in fitting}) == 1:
            return fitting[0]
    return None


def _tops_of(columns: Sequence[ColumnRef], walk: Walk) -> frozenset[str]:
    """The tables at the top that the columns come from."""
    return frozenset(one.node for one in columns_above(columns, walk) if not is_made(one.node))
