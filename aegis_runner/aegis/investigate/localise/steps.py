"""Questions to the parents of a node whose answer 'yes' means that the fault was there before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from aegis.dbt.anatomy import Anatomy
from aegis.investigate.localise.families import CARRIED, NULLS, UNIQUENESS, VOLUME
from aegis.investigate.localise.walk import Asked, plain
from aegis.investigate.symptoms import Symptom


def _carried(symptom: Symptom, anatomy: Anatomy) -> Iterator[Asked]:
    """The same question of each parent that all its columns come from as they are."""
    if symptom.type not in CARRIED or not symptom.columns:
        return
    by_parent: dict[str, list[tuple[str, str]]] = {}
    for column in symptom.columns:
        for source in plain(anatomy, column):
            by_parent.setdefault(source.node, []).append((column, source.column))
    for parent, pairs in by_parent.items():
        if len(pairs) == len(symptom.columns):
            yield symptom.at(parent, dict(pairs)), "the same fault"


def _unmatched(symptom: Symptom, anatomy: Anatomy) -> Iterator[Asked]:
    """NULL where an outer join found no partner: a value that the joined table lacks, or a key that is NULL itself."""
    if symptom.type not in NULLS:
        return
    sources = {feed.source.node for column in symptom.columns for feed in anatomy.feeds.get(column.lower(), ())}
    for join in anatomy.joins:
        for kept, other, sides in (
            (join.left, join.right, ("right", "both")),
            (join.right, join.left, ("left", "both")),
        ):
            if other.node in sources and join.optional in sides and other.node != kept.node:
                yield Symptom(kept.node, "foreign_key", (kept.column,), reference=other), "a join without a partner"
                yield Symptom(kept.node, "not_null", (kept.column,)), "a join by a key that is NULL"


def _fanned_out(symptom: Symptom, anatomy: Anatomy) -> Iterator[Asked]:
    """Duplicates after a join: of the joined key."""
    if symptom.type not in UNIQUENESS:
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


def _left_out(symptom: Symptom, anatomy: Anatomy) -> Iterator[Asked]:
    """Rows that are missing after an inner join: values that the joined table lacks."""
    if symptom.type in VOLUME:
        yield from dropped(anatomy)


def dropped(anatomy: Anatomy) -> Iterator[Asked]:
    for join in anatomy.joins:
        if not join.optional and join.left.node != join.right.node:
            kept, other = (join.right, join.left) if join.right.node == anatomy.base else (join.left, join.right)
            yield Symptom(kept.node, "foreign_key", (kept.column,), reference=other), "rows that an inner join drops"


STEPS: tuple[Callable[[Symptom, Anatomy], Iterator[Asked]], ...] = (
    _carried,
    _unmatched,
    _fanned_out,
    _left_out,
)
