"""`aegis audit compare`: what changed between two runs."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from aegis.cli import options as o
from aegis.cli.audit.common import Json, opened, say_columns, usd
from aegis.cli.output import say, say_cells, say_json
from aegis.domain.text import plural

if TYPE_CHECKING:
    from aegis.audit.compare import CauseChange, Compared, Comparison, RuleChange, Side
    from aegis.domain.report import Usage

_VERDICTS = ("pass", "fail", "warn")
_TAKES = "an id, the beginning of one, latest or previous"


def compare(
    before: Annotated[
        str, typer.Argument(metavar="A", help=f"The earlier run: {_TAKES} (the one before B).")
    ] = "previous",
    after: Annotated[str, typer.Argument(metavar="B", help=f"The later run: {_TAKES}.")] = "latest",
    json_: Json = False,
    audit_db: o.AuditDb = None,
) -> None:
    """Show what changed from run A to run B: rules that began to fail, fail still, were healed; causes; cost."""
    with opened(audit_db) as trail:
        comparison = trail.compare(before, after)
    if json_:
        say_json(comparison.model_dump(mode="json"))
        return
    _say_runs(comparison)
    for change, rules in groupby(comparison.rules, key=lambda one: one.change):
        rows = [_rule(one) for one in rules]
        say(f"{change} ({len(rows)})")
        say_columns(rows, indent="  ")
    say(f"{plural(comparison.passed, 'rule')} passed in both")
    _say_causes(comparison.causes)
    say(f"cost: {_cost(comparison.before.usage)} → {_cost(comparison.after.usage)}")


def _say_runs(comparison: Comparison) -> None:
    before, after = comparison.before, comparison.after
    say_cells(*_run(before), "→", *_run(after))
    if before.run_id == after.run_id:
        say("  this is one run, and not two")
    elif (before.project, before.target) != (after.project, after.target):
        say("  these runs are of different projects or targets")
    elif before.dbt_invocation_id is not None and before.dbt_invocation_id == after.dbt_invocation_id:
        say("  both looked at the same dbt build")


def _run(run: Compared) -> tuple[str, ...]:
    return run.run_id, f"{run.finished_at:%Y-%m-%d %H:%M:%S}", "/".join(filter(None, (run.project, run.target)))


def _rule(rule: RuleChange) -> tuple[str, ...]:
    sides = [side for side in (rule.before, rule.after) if side is not None]
    statuses = [side.status.value for side in sides]
    severities = [side.severity.value for side in sides if side.failed] or [sides[-1].severity.value]
    return (
        severities[-1] if len(set(severities)) == 1 else " → ".join(severities),
        rule.rule_id,
        rule.table or "-",
        statuses[-1] if len(set(statuses)) == 1 else " → ".join(statuses),
        _rows(rule.before, rule.after),
    )


def _rows(before: Side | None, after: Side | None) -> str:
    """How many rows fail, and how many more than before."""
    counts = [side.rows_failed for side in (before, after) if side is not None]
    if any(side is not None and side.status not in _VERDICTS for side in (before, after)):
        return ""
    if len(counts) < 2 or counts[0] is None or counts[1] is None:
        return "" if counts[-1] is None else plural(counts[-1], "row")
    change = counts[1] - counts[0]
    return plural(counts[1], "row") + (f" ({change:+,})" if change else "")


def _say_causes(causes: tuple[CauseChange, ...] | None) -> None:
    if causes is None:
        say("causes: one of the runs looked for none")
        return
    if causes:
        say(f"causes ({len(causes)})")
        say_columns(
            [(one.change.value, one.severity.value, one.title, one.origin or "-", one.kind or "-") for one in causes],
            indent="  ",
        )


def _cost(usage: Usage) -> str:
    if not usage.calls:
        return "no calls"
    return (
        f"{plural(usage.calls, 'call')}, {usage.input_tokens:,} in, {usage.output_tokens:,} out, {usd(usage.cost_usd)}"
    )
