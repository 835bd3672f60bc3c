"""The nodes of the pipeline: plan → one branch a table → reconcile → remediate → report.

    plan ─┬─► orders     execute ─► classify ─► diagnose ─► rca ─┐
          ├─► customers  execute ─► classify ─► diagnose ─► rca ─┼─► reconcile ─► remediate ─► report
          └─► …                                                  ┘

State is what the nodes hand on: frozen values. What they share is the `InvestigationContext`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, TypedDict, TypeVar

from aegis.dbt.artifacts.read import compiled_sql
from aegis.dbt.graph.state import Change
from aegis.domain.report import Cause, Finding, Step
from aegis.domain.results import ResultKind
from aegis.investigate import table
from aegis.investigate.causes import reconcile
from aegis.investigate.context import FindingState, InvestigationContext, known
from aegis.investigate.localise import TraceContext
from aegis.investigate.localise.proof import change_explains, explains
from aegis.investigate.localise.suspicion import odd_table
from aegis.investigate.localise.walk import Walk
from aegis.investigate.placing import Looks
from aegis.investigate.query_budget import BudgetExceeded
from aegis.investigate.remedies import with_remedies
from aegis.investigate.symptoms import Symptom
from aegis.investigate.unbuilt import rows_behind

# One query in so many is left for fixes, however much there is to trace.
_FOR_FIXES = 8


@dataclass(frozen=True, slots=True)
class Investigated:
    """Findings with evidence and origin, the causes, what could not be had, in words, and the steps that were taken."""

    findings: tuple[Finding, ...]
    causes: tuple[Cause, ...]
    missing: tuple[str, ...] = ()
    trajectory: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The tables with findings, the worst first, each with its findings; what the artifacts tell of what is above them,
    and what could not be had for that."""

    tables: tuple[tuple[str, tuple[FindingState, ...]], ...] = ()
    known: TraceContext | None = None
    missing: tuple[str, ...] = ()


class Branch(TypedDict):
    """What one table's branch is given."""

    name: str
    known: TraceContext | None
    states: tuple[FindingState, ...]


class Whole(TypedDict, total=False):
    """The state of the investigation."""

    findings: tuple[Finding, ...]
    unbuilt: tuple[Finding, ...]
    plan: Plan
    done: Annotated[list[FindingState], operator.add]
    told: tuple[Finding, ...]
    causes: tuple[Cause, ...]
    missing: tuple[str, ...]
    investigation: Investigated


def one_table(state: Branch, context: InvestigationContext) -> Whole:
    """A branch is one node whose steps follow one another: a graph within the graph would cost 3 ms a table, and say no
    more than the trail."""
    states = state["states"]
    for name, step in STEPS.items():
        with context.trail.step(name, state["name"]):
            states = step(states, context, state["known"])
    return Whole(done=list(states))


def branches(state: Whole) -> list[Branch]:
    """What each table's branch is given."""
    plan = state["plan"]
    return [Branch(name=name, states=states, known=plan.known) for name, states in plan.tables]


def _plan(state: Whole, context: InvestigationContext) -> Whole:
    """The findings by table, in the order of severity."""
    context.budget.reserve = context.budget.bounds.queries // _FOR_FIXES if context.propose else 0
    findings, unbuilt = state["findings"], state.get("unbuilt", ())
    found, missing = known(context, (*findings, *unbuilt)) if context.depth == "causes" else (None, ())
    states = [FindingState(number, finding) for number, finding in enumerate(findings)]
    states += [] if found is None else rows_behind(unbuilt, found, context.probes, first=len(states))
    tables: dict[str, list[FindingState]] = {}
    for one in states:
        result = one.finding.result
        tables.setdefault(result.table or result.node or one.finding.rule_id, []).append(one)
    planned = tuple((name, tuple(states)) for name, states in tables.items())
    return Whole(plan=Plan(planned, found, missing))


_States = tuple[FindingState, ...]


def _execute(states: _States, context: InvestigationContext, _known: TraceContext | None) -> _States:
    table.keep(states, context)
    return tuple(table.execute(one, context) for one in states)


def _classify(states: _States, context: InvestigationContext, _known: TraceContext | None) -> _States:
    return tuple(table.classify(one, context) for one in states)


def _diagnose(states: _States, context: InvestigationContext, _known: TraceContext | None) -> _States:
    """Evidence one after the other, since the warehouse is asked one query at a time; words all at once."""
    states = tuple(table.diagnose(one, context) for one in states)
    explainer = context.explainer
    if explainer is None:
        return states
    if len(states) == 1:
        return (replace(states[0], finding=explainer.diagnosed(states[0].finding)),)
    with ThreadPoolExecutor(max_workers=explainer.model.concurrency) as threads:
        told = threads.map(explainer.diagnosed, [one.finding for one in states])
        return tuple(replace(one, finding=finding) for one, finding in zip(states, told, strict=True))


def _rca(states: _States, context: InvestigationContext, known: TraceContext | None) -> _States:
    return tuple(table.rca(one, context, known) for one in states)


STEPS: Mapping[str, Callable[[_States, InvestigationContext, TraceContext | None], _States]] = {
    "execute": _execute,
    "classify": _classify,
    "diagnose": _diagnose,
    "rca": _rca,
}
"""What is done for the findings of one table, in this order."""


def _reconcile(state: Whole, context: InvestigationContext) -> Whole:
    """Findings of one origin put together."""
    states = sorted(state["done"], key=lambda one: one.number)
    missing = (*state["plan"].missing, *(what for one in states for what in one.missing))
    if state["plan"].known is None:
        return Whole(told=tuple(one.finding for one in states), causes=(), missing=missing)
    known = state["plan"].known
    told, causes = reconcile(states, context.lineage, context.manifest, context.changes, _looks(context, known))
    return Whole(told=told, causes=causes, missing=missing)


_T = TypeVar("_T")
_NO_CHANGE: tuple[Change | None, bool] = (None, False)


def _looks(context: InvestigationContext, known: TraceContext) -> Looks:
    """What may be asked when findings are put together; once nothing more may be asked, nothing is known."""

    def share(one: Symptom, other: Symptom) -> bool:
        try:
            return context.probes.share_rows(one, other)
        except BudgetExceeded:
            return False  # each stays a cause of its own

    def of_test(one: FindingState, look: Callable[[str, str, Walk], _T], unknown: _T) -> _T:
        """A look at a test by its own SQL."""
        result = one.finding.result
        sql = compiled_sql(context.artifacts, result.unique_id) if result.kind is ResultKind.TEST else None
        try:
            return unknown if sql is None else look(result.unique_id, sql, Walk(known, context.probes))
        except BudgetExceeded:
            return unknown

    return Looks(
        share_rows=share,
        explains=lambda origin, one: of_test(one, partial(explains, origin), None),
        change=lambda one: of_test(one, change_explains, _NO_CHANGE),
        odd=lambda one: of_test(one, odd_table, None),
    )


def _remediate(state: Whole, context: InvestigationContext) -> Whole:
    """With what could be done about each cause, tried."""
    if not context.propose:
        return Whole()
    context.budget.reserve = 0
    told, causes = with_remedies(state["told"], state["causes"], state["done"], context)
    return Whole(told=told, causes=causes)


def _report(state: Whole, context: InvestigationContext) -> Whole:
    """All that was found out, as the report takes it."""
    return Whole(investigation=Investigated(state["told"], state["causes"], state["missing"]))


_Node = Callable[[Whole, InvestigationContext], Whole]


def _noted(name: str, step: _Node) -> _Node:
    """A node that leaves a step on the trail."""

    def node(state: Whole, context: InvestigationContext) -> Whole:
        with context.trail.step(name):
            return step(state, context)

    return node


plan = _noted("plan", _plan)
"""What comes before the branches."""
AFTER: Mapping[str, _Node] = {
    name: _noted(name, step)
    for name, step in (("reconcile", _reconcile), ("remediate", _remediate), ("report", _report))
}
"""What comes after them, in this order."""
