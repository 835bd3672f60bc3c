"""What could be done about each cause: fixes that need no model, and what a model proposes, through the same trial."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

from pydantic import JsonValue

from aegis.dbt.artifacts.read import compiled_sqls
from aegis.dbt.graph.nodes import file_path
from aegis.domain.kinds import ProposalKind, Verdict
from aegis.domain.proposals import Proposal, Trial
from aegis.domain.report import Cause, Finding
from aegis.investigate.context import FindingState, InvestigationContext
from aegis.investigate.files import MODEL_CONFIDENCE, plain_file, put_back, rewritten, said_of
from aegis.investigate.made import Recipes
from aegis.investigate.remediate.copies import CopyPool
from aegis.investigate.remediate.pipeline import FixSet, remediate, sorted_out
from aegis.investigate.remediate.proposals import FixCandidate
from aegis.investigate.remediate.target import NotFixable, TrialContext, fix_target
from aegis.investigate.symptoms import Symptom
from aegis.sql.dialects import dialect_of
from aegis.warehouse.base import Sandbox, SandboxLimits

if TYPE_CHECKING:
    from aegis.investigate.explain.forms import ProposedFix, Remedy
    from aegis.privacy import Redactor

MOST_CAUSES = 20
"""So many causes, the worst, are told to a model, and get the proposals that it makes."""
MOST_TRIED = 10
"""So many causes, the worst, get proposals without one."""


def with_remedies(
    told: Sequence[Finding], causes: Sequence[Cause], states: Sequence[FindingState], context: InvestigationContext
) -> tuple[tuple[Finding, ...], tuple[Cause, ...]]:
    """The findings, the worst of each cause with proposals; and the causes, with a model's explanation if there is
    one."""
    with ExitStack() as stack:
        return _with_remedies(told, causes, states, context, _bench(context, stack))


def _bench(context: InvestigationContext, stack: ExitStack) -> TrialContext:
    limits = SandboxLimits() if context.most_rows is None else SandboxLimits(rows=context.most_rows)
    warehouse = context.budget.warehouse
    copies = CopyPool(warehouse, context.manifest, limits) if isinstance(warehouse, Sandbox) else None
    if copies is not None:
        stack.enter_context(copies)
    recipes = Recipes(context.lineage, cache(partial(_compiled, context)), context.probes)
    return TrialContext(
        context.manifest, context.budget, context.personal, limits,
        copies=copies, probes=context.probes, recipes=recipes,
    )  # fmt: skip


def _compiled(context: InvestigationContext, node: str) -> str | None:
    return compiled_sqls(context.artifacts, [node]).get(node)


def _with_remedies(
    told: Sequence[Finding],
    causes: Sequence[Cause],
    states: Sequence[FindingState],
    context: InvestigationContext,
    bench: TrialContext,
) -> tuple[tuple[Finding, ...], tuple[Cause, ...]]:
    by_id = {finding.id: finding for finding in told}
    symptoms = {one.finding.id: one.symptom for one in states}
    worst = list(causes[:MOST_CAUSES])
    leads = [_lead([by_id[name] for name in cause.finding_ids]) for cause in worst]
    said = _said(worst, leads, symptoms, bench, context)
    seconds, began = context.budget.bounds.seconds, time.monotonic()
    for place in by_table([_origin(lead) for lead in leads]):
        lead, remedy = leads[place], said[place]
        if not wants_proposals(lead):
            remedies = FixSet(why=NONE_WANTED)
        elif remedy is None and place >= MOST_TRIED:
            remedies = FixSet(why=_NOT_WORST)
        elif time.monotonic() - began > seconds:
            remedies = FixSet(why=f"{seconds:g} s were spent on the fixes of other findings")
        else:
            remedies = _remedies(lead, symptoms[lead.id], remedy, bench, context)
        update = {"proposals": remedies.suggested, "rejected": remedies.dropped}
        why = None if remedies.suggested else remedies.why
        by_id[lead.id] = lead.model_copy(update={**update, "no_proposal": why})
    explained = [_explained(cause, remedy, context) for cause, remedy in zip(worst, said, strict=True)]
    for cause in causes[MOST_CAUSES:]:
        lead = _lead([by_id[name] for name in cause.finding_ids])
        by_id[lead.id] = lead.model_copy(update={"no_proposal": _NOT_WORST})
    return tuple(by_id[one.id] for one in told), (*explained, *causes[MOST_CAUSES:])


def by_table(origins: Sequence[str]) -> list[int]:
    """The places of causes, worst first, by the tables where they began: fixes of one table follow one another, since
    they share its copy, and the table of the worst cause comes first."""
    return sorted(range(len(origins)), key=lambda place: (origins.index(origins[place]), place))


def _origin(lead: Finding) -> str:
    return (lead.rca.origin if lead.rca is not None else lead.result.node) or ""


_NOT_WORST = f"fixes are tried for the {MOST_TRIED} worst causes"
NONE_WANTED = "the rule wants none (remediation.proposal_strategy)"


def wants_proposals(finding: Finding) -> bool:
    """Whether the rule's owner lets fixes be proposed for it."""
    return finding.guidance is None or finding.guidance.proposal_strategy != "none"


def _lead(findings: Sequence[Finding]) -> Finding:
    """The worst finding of a cause of those that may have proposals, if any may."""
    return next(filter(wants_proposals, findings), findings[0])


def _remedies(
    lead: Finding, symptom: Symptom | None, remedy: Remedy | None, bench: TrialContext, context: InvestigationContext
) -> FixSet:
    fixes = remedy.proposals if remedy is not None else []
    of_rows = [fix for fix in fixes if fix.kind is ProposalKind.DATA_FIX and fix.sql.strip()]
    of_files = [fix for fix in fixes if fix.kind is ProposalKind.MODEL_FIX]
    rest = [_in_words(fix) for fix in fixes if fix not in of_rows and fix not in of_files]
    rows = remediate(lead, symptom, bench, [FixCandidate(fix.sql, MODEL_CONFIDENCE, said_of(fix)) for fix in of_rows])
    files = put_back(lead, symptom, context, bench)
    for fix in of_files:
        files += rewritten(fix, lead, symptom, context, bench)
    best = sorted_out([*files, *_with_lines(rows.suggested, lead), *rest], why=rows.why)
    return replace(best, dropped=(*rows.dropped, *best.dropped))


def _with_lines(proposals: Sequence[Proposal], lead: Finding) -> list[Proposal]:
    """Of rows of a seed, with the lines of its file on which they are, where those are known."""
    told = next((fact.text for fact in lead.evidence if (fact.artifact or "").endswith(".csv")), None)
    if told is None:
        return list(proposals)
    said = f"{told[0].upper()}{told[1:]}."
    return [one.model_copy(update={"caveat": " ".join((one.caveat or "", said)).strip()}) for one in proposals]


def _said(
    causes: Sequence[Cause],
    leads: Sequence[Finding],
    symptoms: Mapping[str, Symptom | None],
    bench: TrialContext,
    context: InvestigationContext,
) -> list[Remedy | None]:
    """What a model says of each cause, all at once; nothing without a model."""
    explainer = context.explainer
    if explainer is None or not causes:
        return [None] * len(causes)
    asked = [place for place, lead in enumerate(leads) if wants_proposals(lead)]
    answers: list[Remedy | None] = [None] * len(causes)
    causes, leads = [causes[place] for place in asked], [leads[place] for place in asked]
    targets = [_target(lead, symptoms[lead.id], bench, context.redactor) for lead in leads]
    origins = compiled_sqls(context.artifacts, [cause.origin for cause in causes if cause.origin])
    compiled = [origins.get(cause.origin or "") for cause in causes]
    files = [_file(lead, context) for lead in leads]
    with ThreadPoolExecutor(max_workers=explainer.model.concurrency) as threads:
        told = threads.map(explainer.remedy, causes, leads, targets, compiled, files)
        for place, answer in zip(asked, told, strict=True):
            answers[place] = answer
    return answers


def _target(lead: Finding, symptom: Symptom | None, bench: TrialContext, redactor: Redactor) -> JsonValue:
    """The table that a proposal may change, as a model is told of it; None where there is none."""
    if symptom is None:
        return None
    try:
        target = fix_target(lead, symptom, bench)
    except NotFixable:
        return None
    if dialect_of(target.adapter) is None:
        return None
    return {
        "sql": redactor.sql(target.relation),
        "dialect": target.dialect,
        "columns": {redactor.name(name): kind for name, kind in target.columns.items()},
        "keys": [[redactor.name(name) for name in key] for key in target.keys],
    }


def _file(lead: Finding, context: InvestigationContext) -> JsonValue:
    """The file of the dbt model whose code is at fault; None where there is none to be changed."""
    rca = lead.rca
    node = context.manifest.find(rca.origin) if rca is not None and rca.kind.of_file else None
    text = None if node is None else plain_file(node, context)
    if node is None or text is None or context.redactor.sql_about(text, lead) != text:
        return None
    return {"path": file_path(node), "text": text}


def _in_words(fix: ProposedFix) -> Proposal:
    """What a model would have people do."""
    trial = Trial(verdict=Verdict.NOT_TRIED, why="not SQL")
    return Proposal(sql=fix.what, kind=ProposalKind.UPSTREAM_ACTION, caveat=fix.caveat or None, trial=trial)


def _explained(cause: Cause, remedy: Remedy | None, context: InvestigationContext) -> Cause:
    if remedy is None or context.explainer is None:
        return cause
    return cause.model_copy(update={"explanation": remedy.explanation, "explanation_by": context.explainer.model.name})
