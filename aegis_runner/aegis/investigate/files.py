"""Fixes of a model's file: taking a change back, and what a language model writes. They are tried by asking the rules
of the rows that its SQL makes of today's data (the SQL stands where the table's name would), then by building them in a
scratch target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import unified_diff
from typing import TYPE_CHECKING

from pydantic import JsonValue

from aegis.dbt.artifacts.read import compiled_sql
from aegis.dbt.artifacts.schema import Node
from aegis.dbt.graph.nodes import file_path, table_name
from aegis.dbt.graph.state import only_reading
from aegis.dbt.project.plain_files import is_plain, plain_sql, same_config, tables_in, without_jinja
from aegis.domain.kinds import OriginKind, ProposalKind, Verdict
from aegis.domain.proposals import Proposal, Trial
from aegis.domain.report import Finding
from aegis.domain.text import plural_of
from aegis.errors import WarehouseError
from aegis.investigate.built import built
from aegis.investigate.context import InvestigationContext
from aegis.investigate.query_budget import BudgetExceeded
from aegis.investigate.remediate.safety import MOST_LOST
from aegis.investigate.remediate.target import TrialContext, carried
from aegis.investigate.symptoms import Symptom
from aegis.sql.dialects import dialect_of
from aegis.sql.gate import check_query

if TYPE_CHECKING:
    from aegis.investigate.explain.forms import ProposedFix

FAILING = "the failing rule"
ROWS = "rows"
MODEL_CONFIDENCE = 0.5
"""What a model thinks of its own SQL is not asked; the trial says more."""


def put_back(
    lead: Finding, symptom: Symptom | None, context: InvestigationContext, bench: TrialContext
) -> list[Proposal]:
    """The proposal to take a change back, if the finding comes of one whose file is known as it was."""
    rca = lead.rca
    change = (
        (context.changes or {}).get(rca.origin) if rca is not None and rca.kind is OriginKind.CODE_CHANGED else None
    )
    node = context.manifest.find(change.node) if change is not None else None
    if change is None or node is None or change.file_before is None or node.sql is None:
        return []
    trial = Trial(verdict=Verdict.NOT_TRIED, why="its SQL of before is not one query that only reads")
    if change.before is not None:
        trial = _tried(lead, symptom, node, change.before, context, bench)
    trial = built(trial, lead, node, change.file_before, context)
    caveat = "What the change was for is lost with it: take back what does the harm, if that is a part."
    return _proposals(node, change.file_before, 0.8, caveat, trial)


def rewritten(
    fix: ProposedFix, lead: Finding, symptom: Symptom | None, context: InvestigationContext, bench: TrialContext
) -> list[Proposal]:
    """A whole new file that a model wrote, as a diff, with what its trial gave."""
    node = context.manifest.find(lead.rca.origin) if lead.rca is not None else None
    if node is None or plain_file(node, context) is None:
        return [
            Proposal(
                sql=fix.sql,
                kind=ProposalKind.MODEL_FIX,
                caveat=fix.what,
                trial=Trial(verdict=Verdict.REFUSED, why="no file was to be written"),
            )
        ]
    sql = _read_only(fix.sql, context)
    if sql is None:
        why = "the file is not one query that only reads what dbt knows, with no Jinja but ref and source"
        trial = Trial(verdict=Verdict.REFUSED, why=why)
    elif not same_config(fix.sql, node.sql or ""):
        trial = Trial(verdict=Verdict.REFUSED, why="it changes the model's config")
    else:
        trial = _of_fewer_rows(_tried(lead, symptom, node, sql, context, bench), symptom)
        if trial.verdict is not Verdict.NOT_TRIED:  # rows that it may leave out are seen by queries only
            trial = built(trial, lead, node, without_jinja(sql, node.sql or ""), context)
    return _proposals(node, fix.sql, MODEL_CONFIDENCE, said_of(fix), trial)


def said_of(fix: ProposedFix) -> str:
    """What a model says that its fix does, and what to think of before."""
    return " ".join(part for part in (fix.what, fix.caveat) if part)


def _read_only(text: str, context: InvestigationContext) -> str | None:
    """The SQL of a file that nobody has approved, if it is one query of tables that dbt knows."""
    made = plain_sql(text, context.manifest)
    dialect = dialect_of(context.budget.dialect)
    sql = None if made is None else only_reading(made, dialect)
    if sql is None:
        return None
    known = {(node.relation_name or "").lower() for node in tables_in(context.manifest)}
    read = {str(table).lower() for table in check_query(sql, dialect).tables}
    return sql if read <= {name.replace('"', "").replace("`", "") for name in known} else None


def _of_fewer_rows(trial: Trial, symptom: Symptom | None) -> Trial:
    """Rows that are left out break no rule. Where the rule is about values, to leave them out puts nothing right."""
    before, after = trial.before, trial.after
    if trial.verdict is not Verdict.VERIFIED or not isinstance(before, dict) or not isinstance(after, dict):
        return trial
    rows, left = int(str(before[ROWS])), int(str(before[ROWS])) - int(str(after[ROWS]))
    if left <= 0 or (symptom is not None and symptom.identifies and left <= MOST_LOST * rows):
        return trial
    verdict = Verdict.HARMFUL if left > MOST_LOST * rows else Verdict.PARTIAL
    return trial.model_copy(update={"verdict": verdict, "why": f"it leaves out {left:,} of {rows:,} rows"})


def plain_file(node: Node, context: InvestigationContext) -> str | None:
    """A model's file, if a new one could be tried without rendering Jinja."""
    if node.resource_type != "model" or node.sql is None:
        return None
    compiled = compiled_sql(context.artifacts, node.unique_id)
    return node.sql if is_plain(node, compiled, context.manifest) else None


def _proposals(node: Node, new: str, confidence: float, caveat: str, trial: Trial) -> list[Proposal]:
    """The change of a file as a diff; none if it changes nothing."""
    diff = _diff(node.sql or "", new, file_path(node) or f"models/{node.name}.sql")
    if not diff:
        return []
    if node.config is not None and node.config.materialized == "incremental":
        caveat += " The model is incremental: rows that are there already come right with --full-refresh."
    name = table_name(node) or node.unique_id
    return [
        Proposal(sql=diff, kind=ProposalKind.MODEL_FIX, table=name, confidence=confidence, caveat=caveat, trial=trial)
    ]


def _diff(now: str, before: str, path: str) -> str:
    lines = unified_diff(_lines(now), _lines(before), fromfile=f"a/{path}", tofile=f"b/{path}", n=2)
    return "".join(lines)


def _lines(text: str) -> list[str]:
    return [line + "\n" for line in text.rstrip().splitlines()]


def _tried(
    lead: Finding, symptom: Symptom | None, node: Node, sql: str, context: InvestigationContext, bench: TrialContext
) -> Trial:
    try:
        return _counted(lead, symptom, node.unique_id, sql, context, bench)
    except (BudgetExceeded, WarehouseError) as error:
        return Trial(verdict=Verdict.NOT_TRIED, why=str(error))


def _counted(
    lead: Finding, symptom: Symptom | None, node: str, sql: str, context: InvestigationContext, bench: TrialContext
) -> Trial:
    """The rules of the node, and those of others that point at it, asked of it as it is and as ``sql`` makes it."""
    other = context.probes.with_sql(node, sql)
    own = dict(bench.rules.get(node, {}))
    failing = carried(symptom, lead, node) if symptom is not None else None
    if failing is not None:
        own = {FAILING: failing, **own}
    pointing = bench.pointing_at(node)
    if symptom is not None and symptom.reference is not None and symptom.reference.node == node:
        pointing[FAILING] = symptom
    lost = _lost_columns(node, other, context)
    if lost:
        why = f"it lacks the {plural_of(len(lost), 'column')} {', '.join(lost)}"
        return Trial(verdict=Verdict.HARMFUL, why=why)
    before = _counts({**own, **pointing}, context)
    after = _counts(
        {
            **{rule: replace(one, node=other) for rule, one in own.items()},
            **{rule: _pointing_at(one, other) for rule, one in pointing.items()},
        },
        context,
    )
    rows = context.probes.rows
    return _verdict({**before, ROWS: rows(node)}, {**after, ROWS: rows(other)})


def _lost_columns(node: str, other: str, context: InvestigationContext) -> list[str]:
    made = {name.lower() for name in context.probes.columns(other)}
    return [name for name in context.probes.columns(node) if name.lower() not in made]


def _pointing_at(symptom: Symptom, node: str) -> Symptom:
    assert symptom.reference is not None
    return replace(symptom, reference=replace(symptom.reference, node=node))


def _counts(asked: Mapping[str, Symptom], context: InvestigationContext) -> dict[str, int | None]:
    counts = context.probes.ask([replace(one, count=None) for one in asked.values()])
    return {rule: count.failed for rule, count in zip(asked, counts, strict=True)}


def _verdict(before: Mapping[str, int | None], after: Mapping[str, int | None]) -> Trial:
    verdict, why = _judged(before, after)
    counts: list[dict[str, JsonValue]] = [dict(before), dict(after)]
    return Trial(verdict=verdict, before=counts[0], after=counts[1], why=why)


def _judged(before: Mapping[str, int | None], after: Mapping[str, int | None]) -> tuple[Verdict, str | None]:
    failed, fails = before.get(FAILING), after.get(FAILING)
    worse = [rule for rule, was in before.items() if rule != ROWS and was is not None and _more(after[rule], was)]
    if worse:
        return Verdict.HARMFUL, f"{worse[0]} gets worse"
    if failed is None or fails is None:
        return Verdict.NOT_TRIED, "the failing rule cannot be checked on the table whose code changed"
    if fails >= failed:
        return Verdict.USELESS, f"the rule fails for {fails:,} rows all the same"
    if fails:
        return Verdict.PARTIAL, f"the rule fails for {fails:,} rows instead of {failed:,}"
    return Verdict.VERIFIED, None


def _more(now: int | None, was: int) -> bool:
    """Whether a rule fails for more rows, or can no longer run."""
    return now is None or now > was
