"""Wrong values that an expression passes on: they stand in what it is computed from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from aegis.dbt.graph.column_flow import ColumnLineage, ColumnRef
from aegis.dbt.suites.render import quoted, text_literal
from aegis.errors import WarehouseError
from aegis.investigate.localise.computed_keys import as_text
from aegis.investigate.localise.origin import are_as_many
from aegis.investigate.localise.proof import proof
from aegis.investigate.localise.walk import Asked, Walk
from aegis.investigate.symptoms import Symptom
from aegis.rules.traits import Carry
from aegis.rules.types.validity import NotAcceptedValues

_MOST_INPUTS = 4
_MOST_VALUES, _MOST_OTHERS = 20, 3
"""Different values that are looked for: those of the column itself, and those that another value was made of."""
_RARE = 0.05
"""The share of rows that have a value at most for it to be an error of the data: one that a CASE should have mapped is
that of a whole group of rows."""


def passed_on(symptom: Symptom, column_lineage: ColumnLineage, walk: Walk) -> Asked | None:
    """The question of a column that a computed one is made from, where as many rows, and few, have the wrong values,
    and without these the symptom is gone.

    Raises:
        BudgetExceeded: No more may be asked.
    """
    if symptom.carry is not Carry.VALUES or len(symptom.needs) != 1 or not symptom.count:
        return None
    feeds = column_lineage.feeds.get(symptom.needs[0].lower(), ())
    sources = dict.fromkeys(one.source for one in feeds if not one.grouped and one.source.node not in walk.seen)
    for source in list(sources)[:_MOST_INPUTS]:
        for asked, why in _questions(symptom, source, column_lineage, walk):
            [found] = walk.probes.ask([asked])
            if not are_as_many(found.failed, symptom.count):
                continue
            following = replace(asked, count=found.failed)
            told = proof(symptom, following, walk)
            if (told is None or told.shows_cause) and _are_few(following, walk):
                return following, why
    return None


def _questions(
    symptom: Symptom, source: ColumnRef, column_lineage: ColumnLineage, walk: Walk
) -> Iterator[tuple[Symptom, str]]:
    """The same rule; the same values, as text; and the values of the rows in another column that comes from there."""
    [column] = symptom.needs
    yield symptom.at(source.node, {column: source.column}), "the same values, in what it is computed from"
    same = _with_values_of(column, symptom, source, _MOST_VALUES, walk)
    if same is not None:
        yield same, "the same values, in what it is computed from"
    others = [
        name
        for name, feeds in column_lineage.feeds.items()
        if name != column.lower() and {feed.source for feed in feeds} == {source}
    ]
    for name in others[:1]:
        made_of = _with_values_of(name, symptom, source, _MOST_OTHERS, walk)
        if made_of is not None:
            yield made_of, "what the values are made of"


def _with_values_of(column: str, symptom: Symptom, source: ColumnRef, most: int, walk: Walk) -> Symptom | None:
    """Which rows of the source have a value that the failing rows have in a column of their own, if those are few
    different ones."""
    rows, there = walk.probes.ask([symptom])[0].rows_sql, walk.probes.relation(source.node)
    if rows is None or there is None or walk.is_personal(ColumnRef(symptom.node, column), source):
        return None
    dialect = walk.probes.dialect
    own, name = quoted(dialect, column), quoted(dialect, source.column)
    told = f"select distinct {as_text(own, dialect)} from ({rows}) as failing where {own} is not null"
    try:
        values = walk.probes.values(told, "what values do failing rows have?", most)
        if not values:
            return None
        wanted = ", ".join(text_literal(dialect, str(one)) for one in values)
        found = f"select distinct {name} from {there} where {as_text(name, dialect)} in ({wanted})"
        spellings = walk.probes.values(found, "which values are these there?", _MOST_VALUES)
    except WarehouseError:
        return None
    if not spellings:
        return None
    return Symptom(
        source.node, NotAcceptedValues.type, (source.column,), {"values": spellings}, dialect=symptom.dialect
    )  # fmt: skip


def _are_few(symptom: Symptom, walk: Walk) -> bool:
    try:
        return (symptom.count or 0) <= _RARE * walk.probes.rows(symptom.node)
    except WarehouseError:
        return False
