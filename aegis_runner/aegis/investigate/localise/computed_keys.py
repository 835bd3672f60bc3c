"""Keys without a partner that are computed, as hashes are: what they are computed of."""

from __future__ import annotations

from dataclasses import replace

from aegis.dbt.graph.column_flow import ColumnRef
from aegis.dbt.suites.render import quoted, text_type
from aegis.errors import WarehouseError
from aegis.investigate.localise.origin import is_made
from aegis.investigate.localise.walk import Walk
from aegis.investigate.symptoms import Symptom

ABOUT = 0.2
"""So much may numbers of the same rows differ, seen through joins and filters."""
_SOME = 0.8
"""Where more of the rows have no partner, what is compared are not the keys."""


def made_of_keys(symptom: Symptom, reference: ColumnRef, walk: Walk) -> Symptom | ColumnRef | None:
    """Where both keys are computed of one column each: the same question of these, if it has the same answer; if they
    all match, where the other table made its key and lost rows. None where neither is so.

    Raises:
        BudgetExceeded: No more may be asked.
    """
    here, there = _made_of(ColumnRef(symptom.node, symptom.columns[0]), walk), _made_of(reference, walk)
    if here is None or there is None or symptom.where or not symptom.count or here[1].node in walk.seen:
        return None
    made, (at, of) = here[1], there
    try:
        every, rows = walk.probes.rows(made.node), walk.probes.rows(symptom.node)
        asked = Symptom(made.node, symptom.type, (made.column,), reference=of, dialect=symptom.dialect)
        counts = walk.probes.ask([asked, _in_text(asked, of, walk)])
    except WarehouseError:
        return None
    failed = [found.failed for found in counts if found.failed is not None]
    if not failed or max(min(failed) / max(every, 1), symptom.count / max(rows, 1)) > _SOME:
        return None
    same = next((one for one in failed if 1 - ABOUT <= one / symptom.count <= 1 + ABOUT), None)
    if same is not None:
        walk.keys_as_text = counts[0].failed != same
        return replace(asked, count=same)
    return at if min(failed) <= symptom.count * ABOUT else None


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
    text = f"nullif(upper(trim(cast({name} as {text_type(walk.probes.dialect)}))), '')"
    return f"select {text} as {name} from {walk.probes.relation(column.node)}"


def _made_of(column: ColumnRef, walk: Walk) -> tuple[ColumnRef, ColumnRef] | None:
    """Where a key is computed, by the node or by one above that it comes from as it is, and the one column of which."""
    while is_made(column.node):
        feeds = walk.known.column_lineages.of(column.node).feeds.get(column.column.lower(), ())
        sources = {feed.source for feed in feeds}
        if len(sources) != 1 or column in sources:
            return None
        [source] = sources
        if not all(feed.plain for feed in feeds):
            return column, source
        column = source
    return None
