"""Keys without a partner that are computed, as hashes are: what they are computed of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aegis.dbt.graph.column_flow import ColumnLineage, ColumnRef
from aegis.dbt.suites.render import quoted, text_literal, text_type
from aegis.domain.kinds import OriginKind
from aegis.errors import WarehouseError
from aegis.investigate.localise.origin import GONE, are_as_many, is_made
from aegis.investigate.localise.walk import Walk
from aegis.investigate.query_budget import to_count
from aegis.investigate.symptoms import Symptom

_SOME = 0.8
"""Where more of the rows have no partner, what is compared are not the keys."""
_MOST_MISSING = 0.5
"""Where more of them have none, the other table hardly lacks rows that were loaded: its keys are made otherwise."""


@dataclass(frozen=True, slots=True)
class Made:
    """Where a key is computed, of which one column, and whether alike for every row (`aegis.dbt.graph.column_flow`)."""

    at: ColumnRef
    of: ColumnRef
    uniform: bool


def made_of_keys(symptom: Symptom, reference: ColumnRef, walk: Walk) -> Symptom | tuple[ColumnRef, OriginKind] | None:
    """Where both keys are computed of one column each: the same question of these, if it has the same answer. If they
    all match, the key that is at fault, and how: the other table lost rows where it made its key; or, where (nearly) no
    computed key matches, the one that is not made alike for every row. None where nothing of it is so.

    Raises:
        BudgetExceeded: No more may be asked.
    """
    here, there = _made_of(ColumnRef(symptom.node, symptom.columns[0]), walk), _made_of(reference, walk)
    if here is None or there is None or symptom.where or not symptom.count or here.of.node in walk.seen:
        return None
    asked = Symptom(here.of.node, symptom.type, (here.of.column,), reference=there.of, dialect=symptom.dialect)
    try:
        every, rows = walk.probes.rows(here.of.node), walk.probes.rows(symptom.node)
        counts = walk.probes.ask([asked, _in_text(asked, there.of, walk)])
    except WarehouseError:
        return None
    failed = [found.failed for found in counts if found.failed is not None]
    if not failed or min(failed) > every * _SOME:
        return None
    few = symptom.count <= rows * _SOME
    same = next((one for one in failed if are_as_many(one, symptom.count)), None)
    if same is not None and few:
        walk.keys_as_text = counts[0].failed != same
        return replace(asked, count=same)
    if min(failed) > symptom.count * GONE:
        return None
    if few:
        return there.at, OriginKind.LOST_ROWS
    odd = [one.at for one in (here, there) if not one.uniform]
    return (odd[0], OriginKind.LOGIC) if len(odd) == 1 else None


def compared(symptom: Symptom, walk: Walk) -> Symptom:
    """The question about keys as they are compared further down, where that is as text."""
    there = symptom.reference
    return _in_text(symptom, there, walk) if walk.keys_as_text and there is not None else symptom


def _in_text(symptom: Symptom, there: ColumnRef, walk: Walk) -> Symptom:
    """The same of the keys as text in capitals without blanks around."""
    here = ColumnRef(symptom.node, symptom.columns[0])
    one, other = (walk.probes.with_sql(key.node, _text_of(key, walk)) for key in (here, there))
    return replace(symptom, node=one, reference=ColumnRef(other, there.column))


def _text_of(column: ColumnRef, walk: Walk) -> str:
    name = quoted(walk.probes.dialect, column.column)
    text = f"nullif({as_text(name, walk.probes.dialect)}, '')"
    return f"select {text} as {name} from {walk.probes.relation(column.node)}"


def as_text(name: str, dialect: str) -> str:
    """A column, quoted, as text in capitals without blanks around."""
    return f"upper(trim(cast({name} as {text_type(dialect)})))"


def lacking_too(symptom: Symptom, column: ColumnRef, walk: Walk) -> ColumnRef:
    """What the key that lacks the values is computed of, if that lacks as many of them, and has most of all values."""
    made = _made_of(column, walk)
    try:
        if made is None or not symptom.count or symptom.count > walk.probes.rows(symptom.node) * _MOST_MISSING:
            return column
    except WarehouseError:
        return column
    asked = replace(symptom, reference=made.of, count=None)
    counts = walk.probes.ask([asked, _in_text(asked, made.of, walk)])
    return made.of if any(are_as_many(found.failed, symptom.count) for found in counts) else column


def came_in(symptom: Symptom, column_lineage: ColumnLineage, walk: Walk) -> bool:
    """Whether some values of the failing rows stand in a text that they are computed from: then the node took them out
    of there, and did not make them."""
    rows, dialect = walk.probes.ask([symptom])[0].rows_sql, walk.probes.dialect
    feeds = column_lineage.feeds.get(symptom.columns[0].lower(), ())
    here = ColumnRef(symptom.node, symptom.columns[0])
    if rows is None or walk.is_personal(here, *(feed.source for feed in feeds)):
        return False
    value = f"cast({quoted(dialect, symptom.columns[0])} as {text_type(dialect)})"
    some = f"select distinct {value} from ({rows}) as failing limit {_MOST_LOOKED_FOR}"
    try:
        values = [str(one) for one in walk.probes.values(some, "what values have no partner?", _MOST_LOOKED_FOR)]
        return bool(values) and any(_holds_all(feed.source, values, walk) for feed in feeds)
    except WarehouseError:
        return False


_MOST_LOOKED_FOR = 3


def _holds_all(source: ColumnRef, values: Sequence[str], walk: Walk) -> bool:
    dialect = walk.probes.dialect
    text = f"lower(cast({quoted(dialect, source.column)} as {text_type(dialect)}))"
    # What a pattern takes for a sign of its own stands for any one sign.
    patterns = (text_literal(dialect, f"%{re.sub(_SIGNS, '_', value.lower())}%") for value in values)
    held = ", ".join(f"sum(case when {text} like {one} then 1 else 0 end)" for one in patterns)
    found = walk.probes.row(f"select {held} from {walk.probes.relation(source.node)}", "do the values stand in it?")
    return all(to_count(one or 0) for one in found)


_SIGNS = re.compile(r"[%\\]")


def _made_of(column: ColumnRef, walk: Walk) -> Made | None:
    """Of a key that is computed of one column, by its node or by one above that it comes from as it is."""
    while is_made(column.node):
        feeds = walk.known.column_lineages.of(column.node).feeds.get(column.column.lower(), ())
        sources = {feed.source for feed in feeds}
        if len(sources) != 1 or column in sources:
            return None
        [source] = sources
        if not all(feed.plain for feed in feeds):
            return Made(column, source, all(feed.uniform for feed in feeds))
        column = source
    return None
