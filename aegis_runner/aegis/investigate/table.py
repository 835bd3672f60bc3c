"""What is done for the findings of one table, one function a node of the graph: each takes a finding and hands it on
with more known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aegis.dbt.artifacts.read import compiled_sql
from aegis.domain.kinds import EvidenceKind
from aegis.domain.report import Evidence, Sample
from aegis.domain.results import ResultKind
from aegis.errors import WarehouseError
from aegis.investigate.context import FindingState, InvestigationContext
from aegis.investigate.evidence import EvidenceContext, gather, numbered, proofs_of
from aegis.investigate.evidence.seed_lines import seed_lines
from aegis.investigate.localise import Origin, TraceContext, localise, tempered
from aegis.investigate.query_budget import MOST_KEPT, BudgetExceeded
from aegis.investigate.symptoms import symptom_of
from aegis.investigate.table_facts import column_types
from aegis.investigate.unbuilt import down_to, is_unbuilt, known_of
from aegis.rules.lookup import traits_of
from aegis.rules.traits import Subject

MOST_SAMPLES = 50
"""So many findings, the worst, get failing rows to look at."""
MOST_EVIDENCE = 20
"""So many findings, the worst, get evidence of their own."""
SAMPLE_ROWS = 5


def keep(states: Sequence[FindingState], context: InvestigationContext) -> None:
    """The failing rows of a table's findings are kept by one look at the table: of findings that get evidence, and of
    those that get a few rows shown, where another look is saved by that."""
    shown = [one for one in states if one.number < MOST_SAMPLES and _are_few(one)]
    if len(shown) > 1 or any(one.number < MOST_EVIDENCE for one in shown):
        context.budget.keep_rows([one.finding.result.failing_rows_sql or "" for one in shown])


def _are_few(state: FindingState) -> bool:
    result = state.finding.result
    return result.failing_rows_sql is not None and 0 < (result.rows_failed or 0) <= MOST_KEPT


def execute(state: FindingState, context: InvestigationContext) -> FindingState:
    """With a few failing rows, where SQL gives them."""
    sql = state.finding.result.failing_rows_sql
    return state if sql is None else _sampled(state, sql, context)


def _sampled(state: FindingState, sql: str, context: InvestigationContext) -> FindingState:
    if state.number >= MOST_SAMPLES:
        return state
    if state.number < MOST_EVIDENCE:
        context.budget.keep_rows([sql])
    try:
        rows = context.budget.ask(sql, f"failing rows of {state.finding.rule_id}", SAMPLE_ROWS)
    except (WarehouseError, BudgetExceeded) as error:
        return _lacking(state, f"failing rows: {_why(error)}")
    if not rows.rows:
        return state
    sample = Sample(columns=rows.columns, rows=rows.rows, query=sql)
    return replace(state, finding=state.finding.model_copy(update={"sample": sample}))


def classify(state: FindingState, context: InvestigationContext) -> FindingState:
    """With the question that it is. How severe it is was told before, by arithmetic, with the results."""
    if state.symptom is not None:
        return state
    result, artifacts = state.finding.result, context.artifacts
    found = symptom_of(result, context.manifest, context.tables, lambda test: compiled_sql(artifacts, test))
    return replace(state, symptom=found)


def diagnose(state: FindingState, context: InvestigationContext) -> FindingState:
    """With evidence, if it is among the worst; and with failing rows, where only the question gives their SQL."""
    if state.number >= MOST_EVIDENCE:
        return state
    state, scene = _scene(state, context)
    if state.finding.sample is None and scene.failing is not None:
        state = _sampled(state, scene.failing, context)
    evidence, missing = gather(scene)
    for what in missing:
        state = _lacking(state, what)
    return replace(state, finding=state.finding.model_copy(update={"evidence": evidence}))


def rca(state: FindingState, context: InvestigationContext, known: TraceContext | None) -> FindingState:
    """With where it began, as far as the depth goes."""
    if known is None or state.symptom is None:
        return state
    if is_unbuilt(state):
        model = state.finding.result.unique_id
        found = down_to(model, localise(state.symptom, known_of(model, known), context.probes))
    else:
        stand_out = [fact for fact in state.finding.evidence if fact.kind is EvidenceKind.SEGMENTS]
        hints = dict.fromkeys(value.column for fact in stand_out for value in fact.values)
        held = state.finding.result.unique_id not in context.new_tests
        found = localise(state.symptom, known, context.probes, tuple(hints), held_before=held)
    found = found if is_unbuilt(state) else tempered(found, known)
    more = [*proofs_of(found.proofs, context.manifest), *_lines_of(found, context)]
    finding = state.finding.model_copy(update={"evidence": numbered(state.finding, more)})
    return replace(state, finding=finding, origin=found)


def _lines_of(origin: Origin, context: InvestigationContext) -> list[Evidence]:
    """On which lines of a seed's file the rows are, where it began there."""
    shown, node = origin.shown, context.manifest.find(origin.node)
    if shown is None or shown.traits is None or node is None or node.resource_type != "seed":
        return []
    try:
        failing = context.probes.ask([shown])[0].rows_sql
        return [] if failing is None else seed_lines(node, shown.columns, failing, context.budget)
    except (WarehouseError, BudgetExceeded):
        return []  # the rows are known without it


def _scene(state: FindingState, context: InvestigationContext) -> tuple[FindingState, EvidenceContext]:
    """What the gatherers of evidence look at."""
    result = state.finding.result
    about = result.node
    if is_unbuilt(state) and state.symptom is not None:  # the model has no rows; those that failed are elsewhere
        about = state.symptom.node if state.symptom.node != result.node else None
    node = context.manifest.find(about) if about else None
    relation = node.relation_name if node is not None else None
    failing: str | None = None
    columns: dict[str, str] = {}
    try:
        failing = _failing(state, context)
        columns = {} if node is None or relation is None else column_types(node, context.budget)
    except (WarehouseError, BudgetExceeded) as error:
        state = _lacking(state, f"its columns: {_why(error)}")
    return state, EvidenceContext(
        finding=state.finding,
        symptom=state.symptom,
        failing=failing,
        relation=relation,
        columns=columns,
        budget=context.budget,
        manifest=context.manifest,
        lineage=context.lineage,
        results=context.results,
        changes=context.changes,
        personal=lambda column: context.personal(column, result.table),
        counted=context.counted,
    )


def _failing(state: FindingState, context: InvestigationContext) -> str | None:
    """SQL of the failing rows with all columns of their table: as the suite gave it, else as a rule would."""
    result = state.finding.result
    traits = traits_of(result.rule_type)
    if traits is not None and traits.subject is Subject.QUERY:
        # Its rows are whatever columns its query gives.
        return None
    if result.kind is ResultKind.RULE:
        return result.failing_rows_sql
    return None if state.symptom is None else context.probes.ask([state.symptom])[0].rows_sql


def _lacking(state: FindingState, what: str) -> FindingState:
    return replace(state, missing=(*state.missing, f"{state.finding.rule_id}: {what}"))


def _why(error: WarehouseError | BudgetExceeded) -> str:
    return error.message if isinstance(error, WarehouseError) else str(error)
