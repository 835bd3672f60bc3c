"""What was asked, compared with what came back: each rule has exactly one result, or is said to be left out.

This is the one place that knows it. Whoever runs rules hands in the rules that were asked for and the results that
there are; silence is turned into a result with a reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from aegis.dbt.artifacts.read import Artifacts
from aegis.dbt.results.asked import CompiledRule, compiled_rules, disabled_tables
from aegis.dbt.results.selection import selected_by
from aegis.domain.asked import AskedRule, Omission, Why
from aegis.domain.report import Notice
from aegis.domain.results import Result, ResultKind, Status

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Build:
    """What a dbt run tells about rules that gave no result.

    Attributes:
        compiled: The rules of the suites that dbt knows.
        ran: Unique ids of the nodes that are among its results.
        deselected: Why a suite that is not among them was left out on purpose, in words; None if none was.
        disabled_tables: Tables that the project disables, in lower case.
        just_compiled: Whether the suites were written for this very run; else they are whatever was there.
    """

    compiled: Mapping[str, CompiledRule] = field(default_factory=dict)
    ran: frozenset[str] = frozenset()
    deselected: str | None = None
    disabled_tables: frozenset[str] = frozenset()
    just_compiled: bool = False


@dataclass(frozen=True, slots=True)
class Accounted:
    """All results, those of rules that gave none included; the rules left out; what is odd about the rest."""

    results: tuple[Result, ...]
    omitted: tuple[Omission, ...]
    notices: tuple[Notice, ...]


def build_of(artifacts: Artifacts, *, selection: str | None = None, just_compiled: bool = False) -> Build:
    """What the artifacts of a run tell. ``selection`` is what the run was told to select, where the caller knows."""
    return Build(
        compiled=compiled_rules(artifacts.manifest),
        ran=frozenset(result.unique_id for result in artifacts.run_results.results),
        deselected=selection if just_compiled else selected_by(artifacts),
        disabled_tables=disabled_tables(artifacts.manifest),
        just_compiled=just_compiled,
    )


def account(asked: Iterable[AskedRule], results: Sequence[Result], build: Build) -> Accounted:
    """Compare. Rules of suites that ``asked`` lacks (of an installed package, say) are asked for as well."""
    rules = {rule.rule_id: rule for rule in asked}
    rules |= {rule_id: known.asked for rule_id, known in build.compiled.items() if rule_id not in rules}
    answers = Counter(result.rule_id for result in results if result.kind is ResultKind.RULE)
    omitted: list[Omission] = []
    added: list[Result] = []
    for rule in rules.values():
        if rule.rule_id in answers:
            continue
        why, text = _absence(rule, build)
        if why is None:
            added.append(_error(rule, text, build))
        else:
            omitted.append(_omission(rule, why, text))
    return Accounted((*results, *added), tuple(omitted), _repeated(answers, results))


def _absence(rule: AskedRule, build: Build) -> tuple[Why | None, str]:
    """Why a rule has no result: on purpose, and by what; or None and what went wrong."""
    known = build.compiled.get(rule.rule_id)
    if rule.deprecated:
        return "deprecated", "deprecated rules do not run"
    if rule.problem is not None:
        return None, rule.problem
    if known is None:
        return _unknown(rule, build)
    names = {(rule.table or "").lower(), (known.asked.table or "").lower()}
    if not known.enabled:
        if names & build.disabled_tables:
            return "disabled", f"its table {known.asked.table or rule.table} is disabled in the dbt project"
        return "disabled", "its test is disabled in the dbt project (enabled: false)"
    if known.suite in build.ran:
        return None, "its suite ran and gave nothing that can be read as this rule's result; run `aegis compile`"
    if build.deselected is not None:
        return "deselected", build.deselected
    return None, "dbt did not get to its suite: the run ended before, and nothing was deselected"


def _unknown(rule: AskedRule, build: Build) -> tuple[Why | None, str]:
    """Of a rule that is in no suite that dbt knows."""
    if (rule.table or "").lower() in build.disabled_tables:
        return "disabled", f"its table {rule.table} is disabled in the dbt project"
    if build.just_compiled:
        return None, (
            "dbt does not know the suite that was compiled for it: is its folder among the project's test-paths, "
            "and is it kept out by .dbtignore?"
        )
    return None, "not compiled into the suites of this build: run `aegis compile`, then `dbt build`"


def _error(rule: AskedRule, message: str, build: Build) -> Result:
    known = build.compiled.get(rule.rule_id)
    return Result(
        unique_id=known.suite if known else f"rule.{rule.rule_id}",
        rule_id=rule.rule_id,
        rule_type=rule.rule_type,
        kind=ResultKind.RULE,
        status=Status.ERROR,
        severity=rule.severity,
        level=rule.level,
        table=(known.asked.table if known else None) or rule.table,
        column=rule.column,
        message=message,
        owner=rule.owner,
        description=rule.description,
        runbook=rule.runbook,
        tags=rule.tags,
        path=rule.path,
    )


def _omission(rule: AskedRule, why: Why, text: str) -> Omission:
    return Omission(
        rule_id=rule.rule_id, rule_type=rule.rule_type, why=why, text=text, table=rule.table, path=rule.path
    )


def _repeated(answers: Mapping[str, int], results: Sequence[Result]) -> tuple[Notice, ...]:
    """Rules that more than one suite has: a suite file was copied, or an installed package has a rule of that id."""
    twice = sorted(rule_id for rule_id, number in answers.items() if number > 1)
    if not twice:
        return ()
    suites = sorted({result.unique_id for result in results if result.rule_id == twice[0]})
    more = f" and {len(twice) - _NAMED} more" if len(twice) > _NAMED else ""
    what = f"more than one suite has the rule {', '.join(twice[:_NAMED])}{more}; each result is listed"
    return (Notice(what=what, where=", ".join(suites), hint="Ids are unique in a project; was a suite file copied?"),)
