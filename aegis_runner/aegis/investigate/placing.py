"""Findings put where their fault began: those of one origin are a group, and what could not be traced is placed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from aegis.domain.kinds import OriginKind
from aegis.domain.results import Result, ResultKind
from aegis.investigate.context import FindingState
from aegis.investigate.localise import Origin, is_made
from aegis.investigate.symptoms import Symptom

if TYPE_CHECKING:
    from aegis.dbt.graph.lineage import Lineage
    from aegis.dbt.graph.state import Change


@dataclass(frozen=True, slots=True)
class Looks:
    """What the warehouse is asked about findings that belong together.

    Attributes:
        share_rows: Of two questions to one node, whether the same rows answer them.
        explains: Of an origin and a finding that is no question, whether the finding is gone without the fault; None
            where that cannot be told.
        change: The change above such a finding with whose code of before it is gone, and whether of all changes above
            it could be told that they are innocent.
        odd: The table above such a finding of which something is odd, without which it is gone.
    """

    share_rows: Callable[[Symptom, Symptom], bool] = lambda _one, _other: False
    explains: Callable[[Origin, FindingState], bool | None] = lambda _origin, _one: None
    change: Callable[[FindingState], tuple[Change | None, bool]] = lambda _one: (None, False)
    odd: Callable[[FindingState], Origin | None] = lambda _one: None


@dataclass(slots=True)
class Group:
    """The findings of one origin."""

    origin: Origin
    symptom: Symptom | None
    traced: list[FindingState] = field(default_factory=list)


Key = tuple[str, str]
"""A node, and the column where the fault is one of a column, or the finding where it stands for itself."""


def key_of(origin: Origin, one: FindingState) -> Key:
    hop = origin.path[-1] if origin.path else None
    if origin.kind.of_all_rows or hop is None or hop.node != origin.node:
        return origin.node, ""
    if _stands_for_itself(one):
        return origin.node, one.finding.id
    return origin.node, (hop.column or "").lower()


def place(
    one: FindingState,
    groups: dict[Key, Group],
    lineage: Lineage,
    changes: Mapping[str, Change] | None,
    looks: Looks,
) -> None:
    """A finding that could not be traced, and does not tell its origin itself, belongs to the change above it with
    whose code of before it is gone; else to a known origin above it that explains it, or of which that cannot be told;
    else to what changed above it, unless that is innocent; else it stands for itself."""
    result = one.finding.result
    starts = [result.node] if result.node else list(lineage.parents.get(result.unique_id, ()))
    own = _own_origin(one, starts, lineage, changes) if starts else None
    if own is not None:
        groups.setdefault(_own_key(own, one), Group(own, one.symptom)).traced.append(one)
        return
    above = [*starts, *lineage.upstream(*starts)]
    change, innocent = looks.change(one) if one.symptom is None or not one.symptom.is_carried else (None, False)
    if change is not None:
        origin = Origin(change.origin, OriginKind.CODE_CHANGED, (), 0.95, detail=change.what)
        groups.setdefault(key_of(origin, one), Group(origin, None)).traced.append(one)
        return
    known = [key for key, group in groups.items() if key[0] in above and group.origin.kind is not OriginKind.UNKNOWN]
    told = {key: looks.explains(groups[key].origin, one) for key in known} if one.symptom is None else {}
    fitting = [key for key in known if told.get(key)] or [key for key in known if told.get(key) is None]
    cleared = (
        {seen.above for seen in one.origin.proofs if seen.before and not seen.shows_cause} if one.origin else set()
    )
    changed = [] if innocent else [node for node in above if node in (changes or {}) and node not in cleared]
    odd = looks.odd(one) if not any(told.get(key) for key in known) and one.symptom is None else None
    if odd is not None:
        groups.setdefault(key_of(odd, one), Group(odd, None)).traced.append(one)
    elif fitting:
        groups[max(fitting, key=lambda key: len(groups[key].traced))].traced.append(one)
    elif changed and changes is not None:
        change = changes[changed[0]]
        # The file of a seed is data.
        kind = OriginKind.CODE_CHANGED if is_made(change.node) else OriginKind.BAD_SOURCE_DATA
        origin = replace(_not_asked(change.origin), kind=kind, confidence=0.5, detail=change.what)
        groups[key_of(origin, one)] = Group(origin, None, [one])
    elif starts:
        origin = one.origin or _not_asked(starts[0])
        groups.setdefault(key_of(origin, one), Group(origin, one.symptom)).traced.append(one)


def _own_origin(
    one: FindingState, starts: Sequence[str], lineage: Lineage, changes: Mapping[str, Change] | None
) -> Origin | None:
    """The origin of a finding that tells it itself: a late source, a test that reads a source alone, a question that no
    other table can be asked, and a unit test, which has rows of its own: only the SQL of its model can make it fail,
    or what it expects."""
    result = one.finding.result
    if result.kind is ResultKind.FRESHNESS:
        return Origin(starts[0], OriginKind.STALE, (), 0.95, detail=result.observed)
    if result.kind is ResultKind.UNIT_TEST:
        return _of_unit_test(starts[0], changes)
    if _stands_for_itself(one):
        return one.origin or _not_asked(starts[0])
    if one.origin is None and len(starts) == 1 and _has_nothing_above(starts[0], result, lineage):
        return Origin(starts[0], OriginKind.BAD_SOURCE_DATA, (), 0.9)
    return None


def _own_key(own: Origin, one: FindingState) -> Key:
    """A place in common is no reason to be one cause with another."""
    alone = one.finding.result.kind is ResultKind.UNIT_TEST or _stands_for_itself(one)
    return (own.node, one.finding.id) if alone else key_of(own, one)


def _has_nothing_above(node: str, result: Result, lineage: Lineage) -> bool:
    """Whether a test reads one table, and no SQL of the project makes that: then its rows came as they are."""
    return not is_made(node) and set(lineage.parents.get(result.unique_id, ())) == {node}


def _stands_for_itself(one: FindingState) -> bool:
    """Whether no other table can be asked the same."""
    return one.symptom is not None and not one.symptom.is_carried


def _of_unit_test(model: str, changes: Mapping[str, Change] | None) -> Origin:
    change = (changes or {}).get(model)
    if change is None:
        return Origin(model, OriginKind.LOGIC, (), 0.9)
    return Origin(change.origin, OriginKind.CODE_CHANGED, (), 0.9, detail=change.what)


def _not_asked(node: str) -> Origin:
    return Origin(node, OriginKind.UNKNOWN, (), 0.2, ("the test could not be run on other tables",))
