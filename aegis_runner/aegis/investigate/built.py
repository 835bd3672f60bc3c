"""What a build of a file's fix says beyond the queries: whether its tests, and those of all below it, pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from aegis.domain.report import Build, Finding, Trial
from aegis.domain.results import Result, ResultKind, Status
from aegis.errors import AegisError
from aegis.investigate.inquiry import Inquiry

if TYPE_CHECKING:
    from aegis.dbt.shapes import Node

Key = tuple[str, str]

# From the best verdict to the worst.
_ORDER = ("verified", "partial", "not tried", "useless", "refused", "harmful")
_TESTS = frozenset({ResultKind.RULE, ResultKind.TEST, ResultKind.UNIT_TEST})
_GOOD = ("verified", "partial")


def built(trial: Trial, lead: Finding, node: Node, text: str, inquiry: Inquiry) -> Trial:
    """The trial, and what a build in a scratch target adds to it: nothing where queries have already said no.

    Args:
        trial: What queries gave.
        text: The node's new file.
    """
    if trial.verdict not in (*_GOOD, "not tried"):
        return trial
    if inquiry.build is None:
        return _unbuilt(trial, "builds were left out")
    try:
        made = inquiry.build(node, text, inquiry.meter.bounds.seconds)
    except AegisError as error:
        return _unbuilt(trial, error.message)
    before = _by_key(inquiry.results)
    after = _by_key(made.results)
    build = _told(made.nodes, before, after)
    verdict, why = _judged(lead, node, before, after)
    if verdict is None:
        return _unbuilt(trial, str(why))
    if trial.verdict in _GOOD and _ORDER.index(trial.verdict) >= _ORDER.index(verdict):
        verdict, why = trial.verdict, trial.why
    return trial.model_copy(update={"verdict": verdict, "why": why, "build": build})


def _unbuilt(trial: Trial, why: str) -> Trial:
    told = f"{trial.why}; " if trial.why else ""
    return trial.model_copy(update={"why": f"{told}it was not built: {why}"})


def _by_key(results: Sequence[Result]) -> dict[Key, Result]:
    return {(one.unique_id, one.rule_id): one for one in results}


def _told(nodes: Sequence[str], before: Mapping[Key, Result], after: Mapping[Key, Result]) -> Build:
    tests = {key: one for key, one in after.items() if one.kind in _TESTS}
    fixed = sorted(one.rule_id for key, one in tests.items() if one.status is Status.PASS and _failed(before.get(key)))
    failing = sum(one.failed for one in tests.values())
    return Build(nodes=tuple(nodes), tests=len(tests), fixed=tuple(fixed), failing=failing)


def _failed(result: Result | None) -> bool:
    return result is not None and result.failed


def _judged(
    lead: Finding, node: Node, before: Mapping[Key, Result], after: Mapping[Key, Result]
) -> tuple[str | None, str | None]:
    """A verdict with its reason; no verdict where the build does not tell."""
    new = [one for key, one in after.items() if one.failed and not _failed(before.get(key))]
    broken = [(one, before.get(key)) for key, one in after.items() if one.status is Status.ERROR]
    for result, was in broken:
        if result.unique_id == node.unique_id or (was is not None and was.status is Status.PASS):
            return "harmful", f"dbt cannot build {result.table or result.rule_id} with it: {_short(result.message)}"
        if was is None or was.status is not Status.ERROR:
            return None, f"{result.rule_id} could not run: {_short(result.message)}"
    for result in new:
        was = before.get((result.unique_id, result.rule_id))
        if was is not None and was.status is Status.PASS:
            return "harmful", f"{result.rule_id}, which passed, fails with it"
    found = after.get((lead.result.unique_id, lead.result.rule_id))
    if found is None or found.status in (Status.SKIPPED, Status.ERROR):
        return None, f"{lead.rule_id} was not run by it"
    if found.status is Status.PASS:
        return ("partial", f"{new[0].rule_id}, which had not run, fails with it") if new else ("verified", None)
    was_failed, fails = lead.result.rows_failed, found.rows_failed
    if was_failed is None or fails is None or fails >= was_failed:
        return "useless", f"{lead.rule_id} fails all the same when it is built"
    return "partial", f"{lead.rule_id} fails for {fails:,} rows instead of {was_failed:,} when it is built"


def _short(message: str | None) -> str:
    return " ".join((message or "no message").split())[:200]
