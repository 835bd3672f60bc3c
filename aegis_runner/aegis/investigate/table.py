"""What is done for the findings of one table, one function a node of the graph: each takes a case and returns it with
more known."""

from __future__ import annotations

from dataclasses import replace

from aegis.domain.report import Sample
from aegis.domain.results import ResultKind
from aegis.errors import WarehouseError
from aegis.investigate.checks import column_types
from aegis.investigate.context import FindingState, InvestigationContext
from aegis.investigate.evidence import EvidenceContext, gather
from aegis.investigate.localise import TraceContext, localise
from aegis.investigate.query_budget import BudgetExceeded
from aegis.investigate.symptoms import symptom_of
from aegis.rules.lookup import traits_of
from aegis.rules.traits import Subject

MOST_SAMPLES = 50
"""So many findings, the worst, get failing rows to look at."""
MOST_EVIDENCE = 20
"""So many findings, the worst, get evidence of their own."""
SAMPLE_ROWS = 5


def execute(case: FindingState, inquiry: InvestigationContext) -> FindingState:
    """With a few failing rows, where SQL gives them."""
    sql = case.finding.result.failing_rows_sql
    return case if sql is None else _sampled(case, sql, inquiry)


def _sampled(case: FindingState, sql: str, inquiry: InvestigationContext) -> FindingState:
    if case.number >= MOST_SAMPLES:
        return case
    try:
        rows = inquiry.meter.ask(sql, f"failing rows of {case.finding.rule_id}", SAMPLE_ROWS)
    except (WarehouseError, BudgetExceeded) as error:
        return _lacking(case, f"failing rows: {_why(error)}")
    if not rows.rows:
        return case
    sample = Sample(columns=rows.columns, rows=rows.rows, query=sql)
    return replace(case, finding=case.finding.model_copy(update={"sample": sample}))


def classify(case: FindingState, inquiry: InvestigationContext) -> FindingState:
    """With the question that it is. How severe it is was told before, by arithmetic, with the results."""
    return replace(case, symptom=symptom_of(case.finding.result, inquiry.manifest, inquiry.tables))


def diagnose(case: FindingState, inquiry: InvestigationContext) -> FindingState:
    """With evidence, if it is among the worst; and with failing rows, where only the question gives their SQL."""
    if case.number >= MOST_EVIDENCE:
        return case
    case, scene = _scene(case, inquiry)
    if case.finding.sample is None and scene.failing is not None:
        case = _sampled(case, scene.failing, inquiry)
    evidence, missing = gather(scene)
    for what in missing:
        case = _lacking(case, what)
    return replace(case, finding=case.finding.model_copy(update={"evidence": evidence}))


def rca(case: FindingState, inquiry: InvestigationContext, known: TraceContext | None) -> FindingState:
    """With where it began, as far as the depth goes."""
    if known is None or case.symptom is None:
        return case
    return replace(case, origin=localise(case.symptom, known, inquiry.probes))


def _scene(case: FindingState, inquiry: InvestigationContext) -> tuple[FindingState, EvidenceContext]:
    """What the gatherers of evidence look at."""
    result = case.finding.result
    node = inquiry.manifest.find(result.node) if result.node else None
    relation = node.relation_name if node is not None else None
    failing: str | None = None
    columns: dict[str, str] = {}
    try:
        failing = _failing(case, inquiry)
        columns = {} if node is None or relation is None else column_types(node, inquiry.meter)
    except (WarehouseError, BudgetExceeded) as error:
        case = _lacking(case, f"its columns: {_why(error)}")
    return case, EvidenceContext(
        finding=case.finding,
        symptom=case.symptom,
        failing=failing,
        relation=relation,
        columns=columns,
        meter=inquiry.meter,
        manifest=inquiry.manifest,
        lineage=inquiry.lineage,
        results=inquiry.results,
        changes=inquiry.changes,
        personal=lambda column: inquiry.personal(column, result.table),
    )


def _failing(case: FindingState, inquiry: InvestigationContext) -> str | None:
    """SQL of the failing rows with all columns of their table: as the suite gave it, else as a rule would."""
    result = case.finding.result
    traits = traits_of(result.rule_type)
    if traits is not None and traits.subject is Subject.QUERY:
        # Its rows are whatever columns its query gives.
        return None
    if result.kind is ResultKind.RULE:
        return result.failing_rows_sql
    return None if case.symptom is None else inquiry.probes.ask([case.symptom])[0].rows_sql


def _lacking(case: FindingState, what: str) -> FindingState:
    return replace(case, missing=(*case.missing, f"{case.finding.rule_id}: {what}"))


def _why(error: WarehouseError | BudgetExceeded) -> str:
    return error.message if isinstance(error, WarehouseError) else str(error)
