"""Findings that one fault explains, put together: twenty red tests, one cause."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from aegis.dbt.graph.nodes import table_name
from aegis.domain.kinds import OriginKind
from aegis.domain.report import Cause, Finding, Hop, Rca
from aegis.domain.results import ResultKind, Status
from aegis.domain.severity import Level
from aegis.domain.text import listed
from aegis.investigate.context import FindingState
from aegis.investigate.localise import COPIES, MADE_FROM, Origin, is_made
from aegis.investigate.localise import Hop as OriginHop
from aegis.investigate.placing import Group, Key, Looks, key_of, place
from aegis.investigate.symptoms import Symptom
from aegis.rules.lookup import traits_of
from aegis.rules.traits import Carry, Traits
from aegis.rules.types.consistency import ForeignKey
from aegis.rules.types.validity import NotAcceptedValues, SqlExpression

if TYPE_CHECKING:
    from aegis.dbt.artifacts.schema import Manifest
    from aegis.dbt.graph.lineage import Lineage
    from aegis.dbt.graph.state import Change


def reconcile(
    traced: Sequence[FindingState],
    lineage: Lineage,
    manifest: Manifest,
    changes: Mapping[str, Change] | None,
    looks: Looks | None = None,
) -> tuple[tuple[Finding, ...], tuple[Cause, ...]]:
    """The findings with their root cause, in their order, and the causes, worst first."""
    looks = looks or Looks()
    groups: dict[Key, Group] = {}
    loose: list[FindingState] = []
    for one in traced:
        if one.origin is None or one.origin.kind is OriginKind.UNKNOWN:
            loose.append(one)
        else:
            groups.setdefault(key_of(one.origin, one), Group(one.origin, one.symptom)).traced.append(one)
    _merge_same_rows(groups, looks.share_rows)
    _merge_one_partner(groups)
    _merge_doubtful(groups, lineage)
    _merge_copies(groups)
    for one in loose:
        place(one, groups, lineage, changes, looks)
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


def _merge_same_rows(groups: dict[Key, Group], share_rows: Callable[[Symptom, Symptom], bool]) -> None:
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


def _merge_one_partner(groups: dict[Key, Group]) -> None:
    """Values of two tables that have no partner in a third, of which each by itself might be wrong: the third lacks
    rows."""
    by_partner: dict[str, list[Key]] = {}
    for key, group in groups.items():
        origin = group.origin
        asked = any(hop.type == ForeignKey.type for hop in origin.path)
        if origin.kind is OriginKind.BAD_SOURCE_DATA and origin.detail is None and asked and origin.confidence <= 0.8:
            for other in origin.others[:1]:
                by_partner.setdefault(other, []).append(key)
    for partner, keys in by_partner.items():
        if len({key[0] for key in keys}) > 1 and not is_made(partner):
            first = groups[keys[0]]
            detail = f"values of {len(keys)} tables are missing"
            origin = replace(first.origin, node=partner, kind=OriginKind.STALE, detail=detail, shown=None)
            traced = [one for key in keys for one in groups.pop(key).traced]
            groups.setdefault((partner, ""), Group(origin, first.symptom)).traced.extend(traced)


def _merge_copies(groups: dict[Key, Group]) -> None:
    """Rows that are there twice are duplicates of their keys: without these there are no copies."""
    for key in [key for key, group in groups.items() if group.origin.detail == COPIES]:
        group = groups[key]
        for other, rival in groups.items():
            shown = rival.origin.shown
            if other != key and other[0] == key[0] and shown is not None and shown.carry is Carry.UNIQUENESS:
                rival.traced.extend(group.traced)
                del groups[key]
                break


def _merge_doubtful(groups: dict[Key, Group], lineage: Lineage) -> None:
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


def _explains(rival: Group, group: Group) -> bool:
    """Whether the rows of one fault are as many as (half of) the other's, as far as both are known."""
    one, other = rival.origin.path, group.origin.path
    counts = (one[0].rows_failed if one else None), (other[0].rows_failed if other else None)
    return None in counts or (counts[0] or 0) >= 0.5 * (counts[1] or 0)


def _worst_first(group: Group) -> tuple[object, ...]:
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


def _cause(identity: str, group: Group, manifest: Manifest) -> Cause:
    longest = max((one.origin for one in group.traced if one.origin and one.origin.node == group.origin.node),
                  key=lambda origin: len(origin.path), default=group.origin)  # fmt: skip
    table = table_name(manifest.find(group.origin.node)) or group.origin.node
    severity = max((one.finding.effective_severity for one in group.traced), key=lambda one: one.rank)
    reads = _reads(group, manifest)
    return Cause(
        id=identity,
        title=f"{group.traced[0].finding.rule_id} does not hold" if reads else _title(table, group),
        severity=severity,
        finding_ids=tuple(one.finding.id for one in group.traced),
        origin=group.origin.node,
        table=table,
        kind=group.origin.kind,
        kind_text=f"{_kind_text(group.origin)}; the test reads {reads}" if reads else _kind_text(group.origin),
        path=_path(longest, manifest),
        confidence=round(group.origin.confidence, 2),
        unchecked=tuple(dict.fromkeys(text for one in group.traced if one.origin for text in one.origin.unchecked)),
        others=tuple(dict.fromkeys(node for one in group.traced if one.origin for node in one.origin.others)),
    )


def _reads(group: Group, manifest: Manifest) -> str:
    """Of a test of several tables that nothing is known of: their names. None of them is likelier than the others."""
    if group.origin.kind is not OriginKind.UNKNOWN or any(one.symptom is not None for one in group.traced):
        return ""
    test = manifest.find(group.traced[0].finding.result.unique_id)
    names = [table_name(manifest.find(parent)) or parent for parent in (test.parents if test is not None else ())]
    return listed(names) if len(names) > 1 else ""


def _kind_text(origin: Origin) -> str:
    return f"{origin.kind.text}: {origin.detail}" if origin.detail else origin.kind.text


def _title(table: str, group: Group) -> str:
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
    if here is not None and here.type == MADE_FROM and group.origin.detail and kind is OriginKind.BAD_SOURCE_DATA:
        return f"{table} arrived with {group.origin.detail}"
    if symptom is not None and here is not None and here.type == MADE_FROM:
        return f"{table} arrived with bad values behind {', '.join(symptom.columns) or group.traced[0].finding.rule_id}"
    known = (_traits(here), symptom.traits if symptom is not None else None)
    wrong = next((one.title for one in known if one is not None and one.title), None)
    if symptom is None or wrong is None:
        return f"{table}: {group.traced[0].finding.rule_id} does not hold"
    column = (here.column if here is not None else None) or ", ".join(symptom.columns)
    passed_on = here is not None and here.type == NotAcceptedValues.type != symptom.type
    what = f"bad values in {column}" if passed_on else wrong.format(columns=column)
    return f"{table} arrived with {what}" if kind is OriginKind.BAD_SOURCE_DATA else f"{table}: {what}"


def _traits(hop: OriginHop | None) -> Traits | None:
    return traits_of(hop.type) if hop is not None and hop.type else None
