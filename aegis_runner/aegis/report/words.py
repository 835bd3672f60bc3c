"""What failed, in plain words: those of the rule types (`aegis.rules.traits`), each renderer's own safe way."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from types import MappingProxyType

from aegis.domain.kinds import ProposalKind, Verdict
from aegis.domain.proposals import Build, Effect, Proposal, Trial
from aegis.domain.report import BlastRadius, Exposure, Finding, Hop, Report, Usage
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.text import count, listed, percent, plural
from aegis.report.text import one_line
from aegis.rules.lookup import counts_rows, failed_share, rows_on_the_way, traits_of

Show = Callable[[str], str]

_KINDS = MappingProxyType(
    {
        ResultKind.UNIT_TEST: "the unit test gave other rows than expected",
        ResultKind.MODEL: "the model failed",
        ResultKind.SEED: "the seed failed",
        ResultKind.SNAPSHOT: "the snapshot failed",
        ResultKind.FRESHNESS: "the source is stale",
        ResultKind.OPERATION: "the operation failed",
    }
)

_FIELD = re.compile(r"\{(column|rule)\}")


def so_far(finding: Finding) -> str:
    """Since when the rule fails, and whether it flips; nothing where its past says neither."""
    history = finding.history
    if history is None:
        return ""
    told = []
    if history.failing_builds > 1:
        known = "" if history.last_passed is not None else ", all that are known"
        told.append(f"since {history.failing_since:%Y-%m-%d %H:%M} UTC ({history.failing_builds:,} builds{known})")
    if history.flips > 1:
        told.append(f"changed {history.flips} times between passed and failed in {history.builds:,} builds")
    return "; ".join(told)


def what_failed(result: Result, show: Show = one_line) -> str:
    """One phrase for what is wrong; ``show`` makes text from data safe to print."""
    if result.kind in _KINDS:
        return _KINDS[result.kind]
    column = show(result.column) if result.column else "the value"
    traits = traits_of(result.rule_type)
    if traits is not None:
        return _FIELD.sub(lambda field: column if field[1] == "column" else show(result.rule_id), traits.phrase)
    about = f" on {column}" if result.column else ""
    return f"{show(result.rule_type)} fails{about}"


def how_many(result: Result, path: Sequence[Hop] = ()) -> str:
    """``1,230 of 84,112 rows (1.5 %)``, as much of it as is known; empty where rows are not the measure. Some tests of
    dbt count values: where the ``path`` ends at the result's table, its rows were counted there."""
    failed, checked = result.rows_failed, result.rows_checked
    if failed is None or not counts_rows(result):
        return ""
    if checked is None and path and path[-1].node == result.node:
        failed = rows_on_the_way(path[-1]) or failed
    # A query returns nothing but failing rows: of how many, it does not tell.
    if checked is None or failed_share(result) is None:
        return plural(failed, "row")
    return f"{count(failed)} of {plural(checked, 'row')} ({percent(failed, checked)})"


def expectation(result: Result, show: Show = one_line, *, said: str = "") -> tuple[str, str]:
    """A label and what was expected and seen, unless it is ``said`` already; else the message: it says the same."""
    wanted = show(result.expected) if result.expected else ""
    seen = f"observed: {show(result.observed)}" if result.observed and result.observed != said else ""
    if wanted or seen:
        return "expected", "  ·  ".join(filter(None, [wanted, seen]))
    message = reason(result)
    return "message", show(message) if message else ""


def breaks(radius: BlastRadius, show: Show = one_line, *, names: int = 3) -> str:
    """``3 models (a, b, c), exposure "Weekly revenue" (owner: finance)``; empty if nothing depends on it."""
    parts = []
    if radius.models:
        listed = _listed([show(uid.rpartition(".")[2]) for uid in radius.models], names)
        parts.append(f"{plural(len(radius.models), 'model')} ({listed})")
    if radius.exposures:
        word = "exposure" if len(radius.exposures) == 1 else "exposures"
        parts.append(f"{word} {_listed([_exposure(item, show) for item in radius.exposures], names)}")
    return ", ".join(parts)


def _exposure(exposure: Exposure, show: Show) -> str:
    owner = f" (owner: {show(exposure.owner)})" if exposure.owner else ""
    return f"{show(exposure.name)}{owner}"


def _listed(items: Sequence[str], most: int) -> str:
    """The items with commas; beyond ``most`` only how many more there are."""
    shown = ", ".join(items[:most])
    return f"{shown}, +{count(len(items) - most)}" if len(items) > most else shown


_MORE = MappingProxyType(
    {"strict": "--privacy samples shows all but personal columns", "samples": "--privacy off shows all"}
)


def masking(report: Report, text: str, show: Show = one_line) -> str:
    """Why there are masks in ``text``, and how to see what they hide; empty if there are none. A report that was read
    from a file may call anything a mask."""
    privacy = report.privacy
    if privacy is None or privacy.mask not in text:
        return ""
    more = _MORE.get(privacy.mode, "")
    return f"{show(privacy.mask)} masked (privacy: {privacy.mode}){f'; {more}' if more else ''}"


def key_text(value: object) -> str:
    """A failing key as text: a composite one as ``(a, b)``, NULL as NULL."""
    if isinstance(value, list | tuple):
        return f"({', '.join(key_text(item) for item in value)})"
    if isinstance(value, dict):
        return f"({', '.join(f'{name}={key_text(item)}' for name, item in value.items())})"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "NULL" if value is None else str(value)


# What dbt puts around a database's own message: the node's name and path before it, the compiled file after it.
_DBT_HEAD = re.compile(r"\A\s*(?:\w+ )?Error in [^\n(]*\([^\n()]*\)[ \t]*\n\s*")
_DBT_TAIL = re.compile(r"\n[ \t]*compiled code at [^\n]*\s*\Z", re.IGNORECASE)


def reason(result: Result) -> str:
    """A result's message without what dbt says around it."""
    return _DBT_TAIL.sub("", _DBT_HEAD.sub("", result.message or ""))


def could_not_run(result: Result) -> bool:
    return result.status is Status.ERROR


def about(result: Result) -> str:
    """The table that a result is about, as its reader knows it."""
    return result.table or result.node or result.unique_id


def why(finding: Finding) -> str:
    """A model's words, else what the rule says of itself. A diagnosis that only repeats the evidence says nothing new
    where that stands beside it."""
    return (finding.diagnosis if finding.diagnosis_by else None) or finding.result.description or ""


_FIXES = MappingProxyType({ProposalKind.DATA_FIX: "SQL on", ProposalKind.MODEL_FIX: "a diff of"})


def proposed(proposal: Proposal) -> str:
    """What is proposed, without its text: ``SQL on raw.orders, 1,230 rows``. An action is told by itself."""
    if proposal.kind is ProposalKind.UPSTREAM_ACTION:
        return proposal.sql
    changed = proposal.trial.rows_changed
    rows = "" if changed is None else f", {plural(changed, 'row')}"
    return f"{_FIXES[proposal.kind]} {proposal.table or 'the table'}{rows}"


def tried(trial: Trial) -> str:
    """What trying it gave, in a few words."""
    undo = ", undo known" if trial.undo else ""
    if trial.verdict is Verdict.VERIFIED and trial.build is not None:
        return f"✔ built in a scratch target: {_passing(trial.build)}{f'; {trial.why}' if trial.why else ''}"
    if trial.verdict is Verdict.VERIFIED:
        return f"✔ tried: rule passes, no other check got worse{undo}{f'; {trial.why}' if trial.why else ''}"
    if trial.verdict is Verdict.PARTIAL:
        return f"tried: partial fix{undo}{f': {trial.why}' if trial.why else ''}"
    return f"{trial.verdict}{f': {trial.why}' if trial.why else ''}"


def effects(below: Sequence[Effect]) -> str:
    """What a fix does to the tables below: ``customers: 98 rows instead of 100, sum of spent 10,390 instead of 10,456;
    2 more tables stay as they are; not measured: daily (no query …)``."""
    told = [one for one in below if one.why is None]
    different = [one for one in told if one.sums or one.rows_before != one.rows_after]
    parts = [_effect(one) for one in different]
    if same := len(told) - len(different):
        more = plural(
            same, "more table" if different else "table below", "more tables" if different else "tables below"
        )
        parts.append(f"{more} {'stays as it is' if same == 1 else 'stay as they are'}")
    reasons: dict[str, list[str]] = {}
    for one in below:
        if one.why is not None:
            reasons.setdefault(one.why, []).append(one.table)
    parts += [f"not measured: {listed(tables)} ({why})" for why, tables in reasons.items()]
    return "; ".join(parts)


def _effect(effect: Effect) -> str:
    before, after = effect.rows_before or 0, effect.rows_after or 0
    rows = (
        f"{plural(before, 'row')} as before"
        if before == after
        else f"{plural(after, 'row')} instead of {count(before)}"
    )
    sums = [f"sum of {name} {_sum(new)} instead of {_sum(old)}" for name, (old, new) in effect.sums.items()]
    return f"{effect.table}: {', '.join([rows, *sums])}"


def _sum(value: float | None) -> str:
    return "NULL" if value is None else f"{value:,.15g}"


def _passing(build: Build) -> str:
    """``4 nodes, 12 tests: 3 that failed pass, none is worse``."""
    ran = f"{plural(len(build.nodes), 'node')}, {plural(build.tests, 'test')}"
    still = f", {build.failing} fail as before" if build.failing else ""
    return f"{ran}: {len(build.fixed)} that failed now pass{still}, none gets worse"


def cost(usage: Usage, model: str) -> str:
    """What a model cost: ``anthropic/claude-haiku-4-5: 3 calls, 4,522 tokens, $0.0058``. An unknown price is said to
    be."""
    tokens = usage.input_tokens + usage.output_tokens
    money = "price unknown" if usage.cost_usd is None else f"${usage.cost_usd:,.4f}"
    return f"{model}: {plural(usage.calls, 'call')}, {plural(tokens, 'token')}, {money}"


def usual_causes(findings: Sequence[Finding]) -> str:
    """What the owners of the rules say usually causes the failure, each once."""
    said = (cause for finding in findings if finding.guidance for cause in finding.guidance.common_causes)
    return "; ".join(dict.fromkeys(said))


def hinted_tables(findings: Sequence[Finding]) -> str:
    """Where the owners of the rules say the rows come from: ``raw_orders (id, amount), raw_customers``."""
    hints: dict[str, dict[str, None]] = {}
    for finding in findings:
        for table, columns in finding.guidance.lineage_hints.items() if finding.guidance else ():
            hints.setdefault(table, {}).update(dict.fromkeys(columns))
    return ", ".join(f"{table} ({', '.join(columns)})" if columns else table for table, columns in hints.items())
