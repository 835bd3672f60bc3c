"""Findings that one fault explains, put together: twenty red tests, one cause."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from aegis.dbt.graph.nodes import table_name
from aegis.domain.kinds import OriginKind
from aegis.domain.report import Cause, Finding, Hop, Rca
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Level
from aegis.investigate.context import FindingState
from aegis.investigate.localise import MADE_FROM, Origin, is_made
from aegis.investigate.localise import Hop as OriginHop
from aegis.investigate.symptoms import Symptom
from aegis.rules.lookup import traits_of
from aegis.rules.traits import Traits
from aegis.rules.types.validity import SqlExpression

if TYPE_CHECKING:
    from aegis.dbt.artifacts.schema import Manifest
    from aegis.dbt.graph.lineage import Lineage
    from aegis.dbt.graph.state import Change


@dataclass(slots=True)
class _Group:
    """The findings of one origin."""

    origin: Origin
    symptom: Symptom | None
    traced: list[FindingState] = field(default_factory=list)


def reconcile(
    traced: Sequence[FindingState],
    lineage: Lineage,
    manifest: Manifest,
    changes: Mapping[str, Change] | None,
    share_rows: Callable[[Symptom, Symptom], bool] = lambda _one, _other: False,
    explains: Callable[[Origin, FindingState], bool | None] = lambda _origin, _one: None,
) -> tuple[tuple[Finding, ...], tuple[Cause, ...]]:
    """The findings with their root cause, in their order, and the causes, worst first. ``share_rows`` tells of two
    questions to one node whether the same rows answer them, ``explains`` of an origin and a finding that is no question
    whether the finding is gone without the fault, None where that cannot be told."""
    groups: dict[_Key, _Group] = {}
    loose: list[FindingState] = []
    for one in traced:
        if one.origin is None or one.origin.kind is OriginKind.UNKNOWN:
            loose.append(one)
        else:
            groups.setdefault(_key(one.origin, one), _Group(one.origin, one.symptom)).traced.append(one)
    _merge_same_rows(groups, share_rows)
    _merge_doubtful(groups, lineage)
    for one in loose:
        _place(one, groups, lineage, changes, explains)
    ordered = sorted(groups.values(), key=_worst_first)
    causes = []
    found: dict[str, Finding] = {}
    for number, group in enumerate(ordered, 1):
        cause = _cause(f"C{number}", group, manifest)
        causes.append(cause)
        for one in group.traced:
            origin = one.origin if one.origin is not None and one.origin.node == group.origin.node else group.origin
            found[one.finding.id] = one.finding.model_copy(update={"rca": _rca(origin, manifest), "cause_id": cause.id})
    return tuple(found.get(one.finding.id, one.finding) for one in traced), tuple(causes)


_Key = tuple[str, str]
"""A node, and the column where the fault is one of a column, or the finding where it stands for itself."""


def _key(origin: Origin, one: FindingState) -> _Key:
    hop = origin.path[-1] if origin.path else None
    if origin.kind.of_all_rows or hop is None or hop.node != origin.node:
        return origin.node, ""
    if _stands_for_itself(one):
        return origin.node, one.finding.id
    return origin.node, (hop.column or "").lower()


def _merge_same_rows(groups: dict[_Key, _Group], share_rows: Callable[[Symptom, Symptom], bool]) -> None:
    """Faults of several columns that one piece of SQL makes in the same rows are one. Data of several columns may be
    bad in one row for reasons that have nothing to do with each other."""
    for key in [key for key, group in groups.items() if group.origin.kind.of_code]:
        group = groups[key]
        for other, rival in groups.items():
            if other == key or other[0] != key[0] or rival.origin.kind is not group.origin.kind:
                continue
            one, two = group.origin.shown, rival.origin.shown
            if one is not None and two is not None and share_rows(one, two):
                rival.traced.extend(group.traced)
                del groups[key]
                break


def _merge_doubtful(groups: dict[_Key, _Group], lineage: Lineage) -> None:
    """An origin that is less sure than another one above it, or that names that one as an alternative, is that one."""
    for key in list(groups):
        group = groups[key]
        node = group.origin.node
        near = {*lineage.upstream(node), *group.origin.others} - {node}
        passed = {(hop.node, (hop.column or "").lower()) for hop in group.origin.path}
        better = [
            other
            for other, rival in groups.items()
            if rival.origin.node in near
            and (not other[1] or other in passed)
            and rival.origin.confidence > group.origin.confidence
            and _explains(rival, group)
        ]
        if better:
            into = max(better, key=lambda other: (len(groups[other].traced), groups[other].origin.confidence))
            groups[into].traced.extend(group.traced)
            del groups[key]


def _explains(rival: _Group, group: _Group) -> bool:
    """Whether the rows of one fault are as many as (half of) the other's, as far as both are known."""
    one, other = rival.origin.path, group.origin.path
    counts = (one[0].rows_failed if one else None), (other[0].rows_failed if other else None)
    return None in counts or (counts[0] or 0) >= 0.5 * (counts[1] or 0)


def _place(
    one: FindingState,
    groups: dict[_Key, _Group],
    lineage: Lineage,
    changes: Mapping[str, Change] | None,
    explains: Callable[[Origin, FindingState], bool | None],
) -> None:
    """A finding that could not be traced, and does not tell its origin itself, belongs to a known one above it that
    explains it, or of which that cannot be told; else to what changed above it; else it stands for itself."""
    result = one.finding.result
    starts = [result.node] if result.node else list(lineage.parents.get(result.unique_id, ()))
    own = _own_origin(one, starts, lineage, changes) if starts else None
    if own is not None:
        groups.setdefault(_own_key(own, one), _Group(own, one.symptom)).traced.append(one)
        return
    above = [*starts, *lineage.upstream(*starts)]
    known = [key for key, group in groups.items() if key[0] in above and group.origin.kind is not OriginKind.UNKNOWN]
    told = {key: explains(groups[key].origin, one) for key in known} if one.symptom is None else {}
    fitting = [key for key in known if told.get(key)] or [key for key in known if told.get(key) is None]
    changed = [node for node in above if node in (changes or {})]
    if fitting:
        groups[max(fitting, key=lambda key: len(groups[key].traced))].traced.append(one)
    elif changed and changes is not None:
        change = changes[changed[0]]
        # The file of a seed is data.
        kind = OriginKind.CODE_CHANGED if is_made(change.node) else OriginKind.BAD_SOURCE_DATA
        origin = replace(_not_asked(change.origin), kind=kind, confidence=0.5, detail=change.what)
        groups[_key(origin, one)] = _Group(origin, None, [one])
    elif starts:
        origin = one.origin or _not_asked(starts[0])
        groups.setdefault(_key(origin, one), _Group(origin, one.symptom)).traced.append(one)


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


def _own_key(own: Origin, one: FindingState) -> _Key:
    """A place in common is no reason to be one cause with another."""
    alone = one.finding.result.kind is ResultKind.UNIT_TEST or _stands_for_itself(one)
    return (own.node, one.finding.id) if alone else _key(own, one)


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


def _worst_first(group: _Group) -> tuple[object, ...]:
    """As findings are ordered: drafts last, then the severest, then those that explain most."""
    ranks = [one.finding.effective_severity.rank for one in group.traced]
    draft = all(one.finding.result.level is Level.NONE for one in group.traced)
    return (draft, -max(ranks), -len(ranks), -group.origin.confidence, group.origin.node)


def _rca(origin: Origin, manifest: Manifest) -> Rca:
    return Rca(
        origin=origin.node,
        kind=origin.kind,
        path=_path(origin, manifest),
        confidence=round(origin.confidence, 2),
        unchecked=origin.unchecked,
        others=origin.others,
    )


def _path(origin: Origin, manifest: Manifest) -> tuple[Hop, ...]:
    """From the origin down to the finding, as data flows."""
    return tuple(
        Hop(
            node=hop.node, table=table_name(manifest.find(hop.node)) or hop.node, column=hop.column,
            rows_failed=hop.rows_failed, asked=hop.asked, type=hop.type,
        )
        for hop in reversed(origin.path)
    )  # fmt: skip


def _cause(identity: str, group: _Group, manifest: Manifest) -> Cause:
    longest = max((one.origin for one in group.traced if one.origin and one.origin.node == group.origin.node),
                  key=lambda origin: len(origin.path), default=group.origin)  # fmt: skip
    table = table_name(manifest.find(group.origin.node)) or group.origin.node
    severity = max((one.finding.effective_severity for one in group.traced), key=lambda one: one.rank)
    return Cause(
        id=identity,
        title=_title(table, group),
        severity=severity,
        finding_ids=tuple(one.finding.id for one in group.traced),
        origin=group.origin.node,
        table=table,
        kind=group.origin.kind,
        kind_text=_kind_text(group.origin),
        path=_path(longest, manifest),
        confidence=round(group.origin.confidence, 2),
        unchecked=tuple(dict.fromkeys(text for one in group.traced if one.origin for text in one.origin.unchecked)),
        others=tuple(dict.fromkeys(node for one in group.traced if one.origin for node in one.origin.others)),
    )


def _kind_text(origin: Origin) -> str:
    return f"{origin.kind.text}: {origin.detail}" if origin.detail else origin.kind.text


def _title(table: str, group: _Group) -> str:
    """What is wrong where it began, in words."""
    kind = group.origin.kind
    if kind is OriginKind.STALE and group.traced[0].finding.result.kind is ResultKind.FRESHNESS:
        return f"{table} is late"
    if kind in (OriginKind.STALE, OriginKind.LOST_ROWS):
        return f"rows missing from {table}"
    if kind is OriginKind.ERROR:
        return f"{table} {kind.text}"
    symptom, hop = group.symptom, group.origin.path[-1] if group.origin.path else None
    unbuilt = group.traced[0].finding.result.status is Status.ERROR
    if symptom is not None and unbuilt and symptom.type == SqlExpression.type:
        columns = hop.column if hop is not None and hop.node == group.origin.node else ", ".join(symptom.columns)
        what = f"{columns} that cannot be converted"
        return f"{table} arrived with {what}" if kind is OriginKind.BAD_SOURCE_DATA else f"{table}: {what}"
    here = hop if hop is not None and hop.node == group.origin.node else None
    if symptom is not None and here is not None and here.type == MADE_FROM:
        return f"{table} arrived with bad values behind {', '.join(symptom.columns) or group.traced[0].finding.rule_id}"
    known = (_traits(here), symptom.traits if symptom is not None else None)
    wrong = next((one.title for one in known if one is not None and one.title), None)
    if symptom is None or wrong is None:
        return f"{table}: {group.traced[0].finding.rule_id} does not hold"
    what = wrong.format(columns=(here.column if here is not None else None) or ", ".join(symptom.columns))
    return f"{table} arrived with {what}" if kind is OriginKind.BAD_SOURCE_DATA else f"{table}: {what}"


def _traits(hop: OriginHop | None) -> Traits | None:
    return traits_of(hop.type) if hop is not None and hop.type else None
