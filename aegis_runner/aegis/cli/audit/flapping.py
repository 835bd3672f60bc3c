"""`aegis audit flapping`: rules that pass now and fail then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from aegis.cli import options as o
from aegis.cli.audit.common import Json, opened, say_columns
from aegis.cli.output import say, say_cells, say_json
from aegis.domain.text import plural

if TYPE_CHECKING:
    from aegis.audit.flapping import FlappingRule
    from aegis.domain.results import Status

_SIGNS = {"pass": "✔", "fail": "●", "warn": "▲", "error": "✖", "skipped": "○"}
_ABSENT = "·"


def flapping(
    runs: Annotated[int, typer.Option("--runs", min=2, help="Look at the last so many builds.")] = 30,
    least: Annotated[int, typer.Option("--least", min=1, help="Rules that flipped at least so often.")] = 2,
    project: Annotated[str | None, typer.Option("--project", help="Of this project; that of the last run.")] = None,
    target: Annotated[str | None, typer.Option("--target", "-t", help="Of this target; that of the last run.")] = None,
    json_: Json = False,
    audit_db: o.AuditDb = None,
) -> None:
    """Show rules that often changed between passed and failed in the last runs of a project and target.

    A flip is a change from passed to failed or warned, or back. Runs in which a rule could
    not run, or was skipped, are passed over; several runs that looked at one build count once.
    """
    with opened(audit_db) as trail:
        found = trail.flapping(project=project, target=target, runs=runs, least=least)
    if json_:
        say_json(found.model_dump(mode="json"))
        return
    place = "/".join(filter(None, (found.project, found.target))) or "no project"
    say_cells(f"{place}: the last {plural(len(found.runs), 'build')}")
    say_columns([_row(rule) for rule in found.rules])
    if found.rules:
        say("✔ passed  ● failed  ▲ warned  ✖ could not run  ○ skipped  · not there")
    else:
        say(f"no rule flipped {'once' if least == 1 else f'{least} times'}")


def _row(rule: FlappingRule) -> tuple[str, ...]:
    last = rule.last_flip
    return (
        plural(rule.flips, "flip"),
        "".join(map(_sign, rule.statuses)),
        rule.rule_id,
        rule.table or "-",
        f"{last.before.value} → {last.after.value} in {last.run.run_id}, {last.run.finished_at:%Y-%m-%d %H:%M}",
    )


def _sign(status: Status | None) -> str:
    return _ABSENT if status is None else _SIGNS[status.value]
