"""Questions to the parents of a node whose answer 'yes' means that the fault was there before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from aegis.dbt.graph.column_flow import ColumnLineage, ColumnRef
from aegis.investigate.localise.walk import Asked, at_parents
from aegis.investigate.symptoms import Symptom
from aegis.rules.traits import Carry
from aegis.rules.types.completeness import NotNull
from aegis.rules.types.consistency import ForeignKey
from aegis.rules.types.uniqueness import CompositeUnique, Unique


def _carried(symptom: Symptom, column_lineage: ColumnLineage) -> Iterator[Asked]:
    """The same question of each parent that all its columns come from as they are."""
    if symptom.columns and symptom.carry in _BY_COLUMNS:
        yield from ((one, "the same fault") for one in at_parents(symptom, column_lineage))


_BY_COLUMNS = frozenset({Carry.VALUES, Carry.NULLS, Carry.UNIQUENESS, Carry.AGGREGATE})


MADE_OF_NULL = "a NULL that it is made from"
NO_MATCH = "a join that found no match"


def _made_of_null(symptom: Symptom, column_lineage: ColumnLineage) -> Iterator[Asked]:
    """NULL in what the column is computed from, where the expression passes NULL on. A condition on rows has no place
    there: what its columns are is another question."""
    if symptom.carry is not Carry.NULLS or symptom.reads:
        return
    feeds = [feed for column in symptom.columns for feed in column_lineage.feeds.get(column.lower(), ())]
    for source in dict.fromkeys(feed.source for feed in feeds if feed.nulls and not feed.plain):
        yield Symptom(source.node, NotNull.type, (source.column,)), MADE_OF_NULL


def _unmatched(symptom: Symptom, column_lineage: ColumnLineage) -> Iterator[Asked]:
    """NULL where an outer join found no partner."""
    if symptom.carry is Carry.NULLS:
        yield from unmatched(symptom, column_lineage)


def unmatched(symptom: Symptom, column_lineage: ColumnLineage) -> Iterator[Asked]:
    """Why its columns are what they are where an outer join finds no partner: a value that the joined table lacks, or a
    key that is NULL itself."""
    wanted = {feed.source.node for column in symptom.columns for feed in column_lineage.feeds.get(column.lower(), ())}
    optional = list(optional_joins(column_lineage))
    for _ in optional:  # a table that is joined by a column of one that has no partner itself
        wanted |= {kept.node for kept, other in optional if other.node in wanted}
    for kept, other in optional:
        if other.node in wanted and other.node != kept.node:
            yield Symptom(kept.node, ForeignKey.type, (kept.column,), reference=other), NO_MATCH
            yield Symptom(kept.node, NotNull.type, (kept.column,)), "a join by a key that is NULL"


def optional_joins(column_lineage: ColumnLineage) -> Iterator[tuple[ColumnRef, ColumnRef]]:
    """The columns of each outer join: of the side whose rows stay, and of that which may have no partner."""
    for join in column_lineage.joins:
        if join.optional in ("right", "both"):
            yield join.left, join.right
        if join.optional in ("left", "both"):
            yield join.right, join.left


def made_of_key(symptom: Symptom, column_lineage: ColumnLineage) -> Iterator[Asked]:
    """Duplicates of a key that is computed, as a hash is: of the columns that it is made from, by their tables; of that
    which gives the rows also of those by which the others are joined."""
    feeds = column_lineage.feeds.get(symptom.columns[0].lower(), ()) if len(symptom.columns) == 1 else ()
    base = column_lineage.base
    if symptom.carry is not Carry.UNIQUENESS or base is None or any(feed.plain or feed.grouped for feed in feeds):
        return
    parts: dict[str, list[str]] = {base: []}
    for feed in feeds:
        parts.setdefault(feed.source.node, []).append(feed.source.column)
    sides = [(join.left, join.right) for join in column_lineage.joins]
    for here, there in (*sides, *((there, here) for here, there in sides)):
        if here.node == base and there.node in parts and there.node != base:
            parts[base].append(here.column)
    for node, columns in parts.items():
        names = tuple(dict.fromkeys(columns))
        if names:
            made_of = Symptom(node, Unique.type if len(names) == 1 else CompositeUnique.type, names)
            yield made_of, "what its key is made of"


def _fanned_out(symptom: Symptom, column_lineage: ColumnLineage) -> Iterator[Asked]:
    """Duplicates after a join: of the joined key."""
    if symptom.carry is not Carry.UNIQUENESS:
        return
    by_side: dict[tuple[str, str], list[str]] = {}
    for join in column_lineage.joins:
        if join.grouped:  # each value is there once
            continue
        by_side.setdefault((join.left.node, join.right.node), []).append(join.right.column)
    for (_, right), columns in by_side.items():
        names = tuple(dict.fromkeys(columns))
        yield (
            Symptom(right, Unique.type if len(names) == 1 else CompositeUnique.type, names),
            "a joined key that is there twice",
        )


def _too_few_before(symptom: Symptom, column_lineage: ColumnLineage) -> Iterator[Asked]:
    """The number of rows is wrong in the table that gives this one its rows."""
    # Where the way goes on to what a node is made from, the limit stays behind: there is nothing to ask.
    base = column_lineage.base
    if symptom.carry is not Carry.VOLUME or not symptom.parameters or base is None:
        return
    # With a condition on rows it goes along only where the table has all columns of the condition.
    there = at_parents(symptom, column_lineage) if symptom.needs else [symptom.at(base, {})]
    yield from ((one, "the same fault") for one in there if one.node == base)


def _left_out(symptom: Symptom, column_lineage: ColumnLineage) -> Iterator[Asked]:
    """Rows that are missing after an inner join: values that the joined table lacks."""
    if symptom.carry is Carry.VOLUME:
        yield from dropped(column_lineage)


def dropped(column_lineage: ColumnLineage) -> Iterator[Asked]:
    for join in column_lineage.joins:
        if not join.optional and join.left.node != join.right.node:
            kept, other = (join.right, join.left) if join.right.node == column_lineage.base else (join.left, join.right)
            yield Symptom(kept.node, ForeignKey.type, (kept.column,), reference=other), "rows that an inner join drops"


STEPS: tuple[Callable[[Symptom, ColumnLineage], Iterator[Asked]], ...] = (
    _carried,
    made_of_key,
    _made_of_null,
    _unmatched,
    _fanned_out,
    _too_few_before,
    _left_out,
)
