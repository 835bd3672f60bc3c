"""What a build of a file's fix says beyond the queries: whether its tests, and those of all below it, pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from aegis.domain.kinds import Verdict
from aegis.domain.proposals import Build, Trial
from aegis.domain.report import Finding
from aegis.domain.results import Result, ResultKind, Status
from aegis.errors import AegisError
from aegis.investigate.context import BuildResult, InvestigationContext

if TYPE_CHECKING:
    from aegis.dbt.artifacts.schema import Node

Key = tuple[str, str]
Known = Mapping[Key, Result]

_TESTS = frozenset({ResultKind.RULE, ResultKind.TEST})
_NODES = frozenset({ResultKind.MODEL, ResultKind.SNAPSHOT})
_RAN = frozenset({Status.PASS, Status.FAIL, Status.WARN})
_WORSE = (Status.PASS, Status.WARN, Status.FAIL)
_MESSAGE = 200
# DuckDB, of what a scratch target may not open.
_HELD_BACK = "disabled by configuration"


def built(trial: Trial, lead: Finding, node: Node, text: str, context: InvestigationContext) -> Trial:
    """The trial, and what a build in a scratch target adds to it: nothing where queries have already said no.

    Args:
        trial: What queries gave.
        text: The node's new file.
    """
    if not trial.verdict.may_be_suggested:
        return trial
    if context.build is None:
        return _unbuilt(trial, "builds were left out")
    seconds = context.budget.bounds.seconds
    try:
        made = context.build(node, text, seconds)
        before, after = _by_key(context.results), _by_key(made.results)
        verdict, why = _judged(lead, before, after, made)
        if verdict is not Verdict.VERIFIED:
            # The run that is analyzed may be older than the data, or have had what a copy has not: what the file that
            # is there gives in a scratch target tells that apart from what the fix does.
            before = _by_key(context.build(node, node.sql or "", seconds).results)
            verdict, why = _judged(lead, before, after, made)
    except AegisError as error:
        return _unbuilt(trial, error.message)
    if verdict is None:
        return _unbuilt(trial, str(why))
    if trial.verdict.helps and trial.verdict.rank >= verdict.rank:
        verdict, why = trial.verdict, trial.why or why
    return trial.model_copy(update={"verdict": verdict, "why": why, "build": _told(made.nodes, before, after)})


def _unbuilt(trial: Trial, why: str) -> Trial:
    told = f"{trial.why}; " if trial.why else ""
    return trial.model_copy(update={"why": f"{told}it was not built: {why}"})


def _by_key(results: Sequence[Result]) -> dict[Key, Result]:
    return {(one.unique_id, one.rule_id): one for one in results if one.kind in _TESTS | _NODES}


def _told(nodes: Sequence[str], before: Known, after: Known) -> Build:
    ran = {key: one for key, one in after.items() if one.kind in _TESTS and one.status in _RAN}
    fixed = sorted(one.rule_id for key, one in ran.items() if one.status is Status.PASS and _failed(before.get(key)))
    failing = sum(one.failed for one in ran.values())
    return Build(nodes=tuple(nodes), tests=len(ran), fixed=tuple(fixed), failing=failing)


def _failed(result: Result | None) -> bool:
    return result is not None and result.failed


def _judged(lead: Finding, before: Known, after: Known, made: BuildResult) -> tuple[Verdict | None, str | None]:
    """A verdict with its reason; no verdict where the build does not tell."""
    doubts, unseen = [], []
    for key, result in after.items():
        was = before.get(key)
        if result.status is Status.ERROR:
            if _HELD_BACK not in (result.message or "") and (was is None or was.status is not Status.ERROR):
                return Verdict.HARMFUL, f"dbt cannot build {_name(result)} with it: {_short(result.message)}"
            unseen.append(f"{_name(result)} cannot be built in a scratch target: {_short(result.message)}")
        elif was is not None and was.status in _RAN and _is_worse(was, result):
            return Verdict.HARMFUL, f"{result.rule_id} {'fails' if was.status is Status.PASS else 'gets worse'} with it"
        elif result.failed and not _failed(was):
            doubts.append(f"{result.rule_id}, which had not run, fails with it")
        elif result.status is Status.SKIPPED and was is not None and was.status in _RAN:
            doubts.append(f"{result.rule_id} was not run with it")
    for key, was in before.items():
        if key not in after and was.status in _RAN and was.kind in _TESTS and was.node in made.wanted:
            doubts.append(f"{was.rule_id} was not run with it")
    unseen += [f"{uid.split('.', 2)[2]} was not built" for uid in made.wanted if uid not in made.nodes]
    found, was = (known.get((lead.result.unique_id, lead.result.rule_id)) for known in (after, before))
    if found is None or found.status not in _RAN:
        return None, [*unseen, *doubts, f"{lead.rule_id} was not run by it"][0]
    if found.status is Status.PASS:
        return (Verdict.PARTIAL, doubts[0]) if doubts else (Verdict.VERIFIED, unseen[0] if unseen else None)
    was_failed, fails = was.rows_failed if was is not None else None, found.rows_failed
    if was_failed is None or fails is None or fails >= was_failed:
        return Verdict.USELESS, f"{lead.rule_id} fails all the same when it is built"
    return Verdict.PARTIAL, f"{lead.rule_id} fails for {fails:,} rows instead of {was_failed:,} when it is built"


def _is_worse(was: Result, now: Result) -> bool:
    """Whether a rule that ran fails, or fails for more rows or in earnest."""
    if now.status not in _RAN:
        return False
    more = (now.rows_failed or 0) > (was.rows_failed or 0)
    return _WORSE.index(now.status) > _WORSE.index(was.status) or (now.failed and more)


def _name(result: Result) -> str:
    return result.table or result.rule_id


def _short(message: str | None) -> str:
    return " ".join((message or "no message").split())[:_MESSAGE]
