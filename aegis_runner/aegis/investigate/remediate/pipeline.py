"""A fix that was tried: proposals for a finding, each run on a copy of its table and judged by what it did there.

Nothing is run against the user's tables. A fix that does harm, or nothing, is never suggested; it is handed back apart,
for the audit trail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aegis.dbt.graph.nodes import file_path, table_name
from aegis.domain.kinds import OriginKind, ProposalKind, Verdict
from aegis.domain.proposals import Proposal, Trial
from aegis.domain.report import Finding, Rca
from aegis.domain.results import ResultKind, Status
from aegis.domain.text import plural
from aegis.errors import WarehouseError
from aegis.investigate.query_budget import BudgetExceeded
from aegis.investigate.remediate.proposals import FixCandidate, drafts
from aegis.investigate.remediate.target import FixTarget, NotFixable, TrialContext, fix_target
from aegis.investigate.remediate.trial import Trials, gate
from aegis.investigate.symptoms import Symptom
from aegis.rules.types.validity import SqlExpression

if TYPE_CHECKING:
    from aegis.dbt.artifacts.schema import Node

_SURE = 0.8
_DERIVED = "This table is built by dbt: the next build writes it again. Change what it is built from."
_SEED = "This table is a seed: change its CSV file too, or the next `dbt seed` writes it again."
_AGAIN = {"model": _DERIVED, "snapshot": _DERIVED, "seed": _SEED}


@dataclass(frozen=True, slots=True)
class FixSet:
    """What to suggest, best first; what is not to be suggested; and why there is nothing else, in words."""

    suggested: tuple[Proposal, ...] = ()
    dropped: tuple[Proposal, ...] = ()
    why: str | None = None


_NOT_UNDERSTOOD = "this test type is not understood, so no fix of rows can be tried"
_ROWS_OF_ITS_OWN = "a unit test has rows of its own; correct the model's SQL, or what the test expects"


def remediate(
    finding: Finding, symptom: Symptom | None, bench: TrialContext, asked: Sequence[FixCandidate] = ()
) -> FixSet:
    """Proposals that need no model, and others', tried on the same copies.

    Args:
        finding: With its `rca`, where there is one: a fix is of the table where the fault began.
        symptom: The finding as a question; None where it is none.
        bench: What all findings share.
        asked: Fixes that somebody else drafted.
    """
    if symptom is None:
        own = finding.result.kind is ResultKind.UNIT_TEST
        return _refused(asked, _ROWS_OF_ITS_OWN if own else _NOT_UNDERSTOOD)
    ready, why = _without_rows(finding, symptom, bench)
    if not asked and (ready or why):
        return FixSet(ready, why=why)
    try:
        target = fix_target(finding, symptom, bench)
    except NotFixable as reason:
        return _refused(asked, why or str(reason), ready)
    tried = list(ready)
    with Trials(target) as trials:

        def one(draft: FixCandidate) -> Proposal:
            trial = trials.try_sql(draft.sql, failing_only=draft.failing_only)
            return proposal(draft, target, judged(trial, target, symptom))

        try:
            for draft in () if ready or why else drafts(target):
                tried.append(one(draft))
                if tried[-1].trial.verdict is Verdict.VERIFIED:
                    break
        except (BudgetExceeded, WarehouseError) as error:
            why = str(error)
        if not tried and why is None:
            why = "the rule does not say what is right"
        tried += map(one, asked)
    return sorted_out(tried, why=why)


def _without_rows(finding: Finding, symptom: Symptom, bench: TrialContext) -> tuple[tuple[Proposal, ...], str | None]:
    """What is to be done where no change of rows is: an action; or why nothing is."""
    if finding.rca is not None and finding.rca.kind is OriginKind.STALE:
        return (_load_again(finding.rca.origin, bench),), None
    if finding.rca is not None and finding.rca.kind.of_code:
        causes = "causes" if finding.rca.confidence >= _SURE else "may cause"
        return (), f"the model's SQL {causes} this; the next build would undo a row fix"
    if finding.rca is not None and finding.result.status is Status.ERROR and symptom.type == SqlExpression.type:
        return (_correct(finding.rca, symptom, bench),), None
    return (), None


def _refused(asked: Sequence[FixCandidate], why: str, ready: tuple[Proposal, ...] = ()) -> FixSet:
    """Of a table that is not known, or has no rows of its own, nothing can be tried."""
    trial = Trial(verdict=Verdict.REFUSED, why=why)
    dropped = (
        Proposal(sql=one.sql, kind=ProposalKind.DATA_FIX, caveat=one.caveat or None, trial=trial) for one in asked
    )
    return FixSet(ready, tuple(dropped), why)


def judged(trial: Trial, target: FixTarget, symptom: Symptom) -> Trial:
    """A trial of another rule than that of the finding, which changed its form on the way: it says less."""
    if trial.verdict is not Verdict.VERIFIED or target.symptom.type == symptom.type:
        return trial
    holds = f"{target.symptom.type} holds on {target.name} then"
    why = f"{holds}; what becomes of the failing rows further down was not tried"
    return trial.model_copy(update={"verdict": Verdict.PARTIAL, "why": why})


def proposal(draft: FixCandidate, target: FixTarget, trial: Trial) -> Proposal:
    """A fix of a table's rows, as the report shows it, whoever drafted it."""
    # What is shown is what was tried: the tree printed again, the table by its full name.
    sql = draft.sql if trial.verdict is Verdict.REFUSED else gate(draft.sql, target).sql
    caveats = [draft.caveat, _removed(trial), _AGAIN.get(target.node.resource_type or "", "")]
    return Proposal(
        sql=sql,
        kind=ProposalKind.DATA_FIX,
        table=target.name,
        confidence=draft.confidence,
        caveat=" ".join(one for one in caveats if one) or None,
        trial=trial,
    )


def _removed(trial: Trial) -> str:
    before, after = trial.before, trial.after
    if not isinstance(before, dict) or not isinstance(after, dict):
        return ""
    many = int(str(before["rows"])) - int(str(after["rows"]))
    return f"It removes {plural(many, 'row')}." if many > 0 else ""


def sorted_out(proposals: list[Proposal], *, why: str | None = None) -> FixSet:
    """What may be suggested, best first, apart from what may not."""
    fine = [one for one in proposals if one.trial.verdict.may_be_suggested]
    fine.sort(key=lambda one: (one.trial.verdict.rank, -(one.confidence or 0.0)))
    return FixSet(tuple(fine), tuple(one for one in proposals if not one.trial.verdict.may_be_suggested), why)


def _load_again(origin: str, bench: TrialContext) -> Proposal:
    """What is late is not put right by SQL."""
    name, node = _named(origin, bench)
    return _action(f"Load {name} again", name, node, 0.6, "not SQL: missing rows cannot be recreated here")


def _correct(rca: Rca, symptom: Symptom, bench: TrialContext) -> Proposal:
    """What such a value was meant to be, nobody here knows; where it stands is known."""
    name, node = _named(rca.origin, bench)
    hop = rca.path[0]
    where = file_path(node) if node is not None and node.resource_type == "seed" else None
    rows = f" ({plural(hop.rows_failed, 'row')})" if hop.rows_failed else ""
    what = f"Correct {hop.column or ', '.join(symptom.columns)} in {where or name}{rows}"
    return _action(what, name, node, 0.6, "not SQL: what the values should be is not known here")


def _named(origin: str, bench: TrialContext) -> tuple[str, Node | None]:
    node = bench.manifest.find(origin)
    return table_name(node) or origin, node


def _action(what: str, name: str, node: Node | None, confidence: float, why: str) -> Proposal:
    """Something to do outside the warehouse, then a build of all that is made from it."""
    select = f"source:{name}" if node is not None and node.source_name else name
    return Proposal(
        sql=f"{what}, then run: dbt build --select {select}+",
        kind=ProposalKind.UPSTREAM_ACTION,
        table=name,
        confidence=confidence,
        trial=Trial(verdict=Verdict.NOT_TRIED, why=why),
    )
