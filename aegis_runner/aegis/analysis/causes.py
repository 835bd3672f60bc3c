"""What stands behind the findings: the bridge from an analysis to the investigation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from aegis.dbt.graph.nodes import table_name
from aegis.domain.report import Cause, Finding, Notice, Step
from aegis.domain.text import plural
from aegis.errors import AegisError, ArtifactError

if TYPE_CHECKING:
    from aegis.analysis.context import AnalysisContext
    from aegis.analysis.fix_builder import FixBuilder
    from aegis.analysis.options import AnalyzeOptions
    from aegis.dbt.artifacts.read import Artifacts
    from aegis.dbt.artifacts.schema import Manifest
    from aegis.investigate.query_budget import Bounds, QueryLogEntry
    from aegis.warehouse.base import Warehouse

MISSING_SHOWN = 3


@dataclass(frozen=True, slots=True)
class InvestigationResult:
    """Findings with their root cause, the causes, what must be known of the search, and what it did and asked."""

    findings: tuple[Finding, ...]
    causes: tuple[Cause, ...] = ()
    notices: tuple[Notice, ...] = ()
    asked: tuple[QueryLogEntry, ...] = ()
    trajectory: tuple[Step, ...] = ()


def investigated(context: AnalysisContext) -> InvestigationResult:
    """Failing rows, and what stands behind the findings, as far as the depth goes; nothing failed, nothing is asked."""
    nothing = not context.findings and not (context.unbuilt and context.options.depth == "causes")
    if nothing or context.options.depth == "results":
        return InvestigationResult(context.findings)
    try:
        warehouse = context.access.connect()
    except AegisError as error:
        notices = () if context.options.offline else (_not_queried(error),)
        return InvestigationResult(context.findings, notices=notices)
    return _searched(context, warehouse)


def _not_queried(refused: AegisError) -> Notice:
    what = f"the warehouse was not queried, so no cause was looked for: {refused.message}"
    return Notice(what=what, where=refused.where, hint=refused.hint)


def _searched(context: AnalysisContext, warehouse: Warehouse) -> InvestigationResult:
    """What the warehouse tells. A state that cannot be used is left out, and said to be."""
    from aegis.analysis.compiling import with_compiled
    from aegis.dbt.graph.lineage import Lineage
    from aegis.dbt.graph.state import changes, new_tests
    from aegis.investigate.context import InvestigationContext
    from aegis.investigate.investigate import investigate
    from aegis.investigate.query_budget import QueryBudget
    from aegis.investigate.trail import in_order

    options, redactor = context.options, context.redactor
    earlier, notices = _state(options.state)
    artifacts, earlier, elsewhere = _in_places(context.artifacts, earlier)
    artifacts, uncompiled = with_compiled(artifacts, context)
    same = artifacts is context.artifacts
    search = InvestigationContext(
        artifacts=artifacts,
        lineage=context.lineage if same else Lineage.of(artifacts.manifest),
        results=context.results,
        budget=QueryBudget(warehouse, _bounds(options), on_query=options.on_query),
        changes=None if earlier is None else changes(earlier, artifacts.manifest),
        new_tests=frozenset() if earlier is None else new_tests(earlier, artifacts.manifest),
        depth="causes" if options.depth == "causes" else "evidence",
        personal=lambda column, table: options.privacy != "off" and redactor.is_personal(column, table),
        redactor=redactor,
        explainer=context.model.explainer(redactor),
        propose=options.propose,
        build=_fix_builder(context),
        most_rows=options.max_rows,
    )
    found = investigate(context.findings, search, context.unbuilt)
    told = (*notices, *uncompiled, *elsewhere, *_missing(found.missing))
    return InvestigationResult(found.findings, found.causes, told, in_order(search.budget), found.trajectory)


def _fix_builder(context: AnalysisContext) -> FixBuilder | None:
    from aegis.analysis.fix_builder import FixBuilder

    if context.access.project is None or not context.options.build:
        return None
    return FixBuilder(context.access.project, context.artifacts, context.lineage)


def _bounds(options: AnalyzeOptions) -> Bounds:
    from aegis.investigate.query_budget import Bounds

    usual = Bounds()
    return Bounds(
        queries=usual.queries if options.max_queries is None else options.max_queries,
        seconds=usual.seconds if options.max_seconds is None else options.max_seconds,
    )


def _state(path: Path | None) -> tuple[Manifest | None, tuple[Notice, ...]]:
    from aegis.dbt.artifacts.read import read_manifest

    if path is None:
        return None, ()
    try:
        return read_manifest(path)
    except ArtifactError as error:
        what = f"the state was left out, so nothing is known of changes: {error.message}"
        return None, (Notice(what=what, where=error.where, hint=error.hint),)


def _in_places(artifacts: Artifacts, earlier: Manifest | None) -> tuple[Artifacts, Manifest | None, tuple[Notice, ...]]:
    """The artifacts with the tables that the run read in the environment of the earlier manifest, that manifest in the
    names of the run, and what must be known of it."""
    from aegis.dbt.artifacts.read import compiled_sqls
    from aegis.dbt.graph.environments import are_apart, in_names_of, with_deferred

    if earlier is None and artifacts.deferred:
        return artifacts, earlier, (_DEFERRED,)
    if earlier is None or not are_apart(artifacts.manifest, earlier):
        return artifacts, earlier, ()
    now = artifacts.manifest
    manifest = with_deferred(now, earlier, compiled_sqls(artifacts, now.nodes))
    moved = [table_name(node) or uid for uid, node in manifest.nodes.items() if node is not now.nodes[uid]]
    told = (Notice(what=f"{_some(moved)} not built in this target; what the state has was looked at"),) if moved else ()
    return replace(artifacts, manifest=manifest), in_names_of(earlier, manifest), told


_DEFERRED = Notice(
    what="dbt deferred to another environment: what this target has not built could not be looked at",
    hint="Name its artifacts: aegis analyze target/ --state PATH, the path that dbt was given.",
)


def _some(names: Sequence[str]) -> str:
    """``stg_orders was``, ``stg_orders and 2 more tables were``."""
    more = f" and {plural(len(names) - 1, 'more table')} were" if len(names) > 1 else " was"
    return f"{names[0]}{more}"


def _missing(told: Sequence[str]) -> tuple[Notice, ...]:
    """What could not be collected (``rule: why``): each reason once, and the first few of them."""
    by_reason: dict[str, list[str]] = {}
    for what in told:
        rule, _, reason = what.partition(": ")
        by_reason.setdefault(reason, []).append(rule)
    shown = list(by_reason.items())[:MISSING_SHOWN]
    notices = [Notice(what=f"evidence could not be collected for {_named(rules)}: {reason}") for reason, rules in shown]
    left = len(told) - sum(len(rules) for _, rules in shown)
    if left:
        notices.append(Notice(what=f"{left} more pieces of evidence could not be collected"))
    return tuple(notices)


def _named(rules: Sequence[str]) -> str:
    different = list(dict.fromkeys(rules))
    return different[0] if len(different) == 1 else f"{different[0]} and {len(different) - 1} more"
