"""`aegis audit trajectory`: what a run did, step by step."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import indent as indented
from typing import TYPE_CHECKING, Annotated

import typer

from aegis.cli import options as o
from aegis.cli.audit.common import Json, Run, call_cells, opened
from aegis.cli.output import sanitize_text, say, say_cells, say_json
from aegis.domain.text import plural

if TYPE_CHECKING:
    from pydantic import JsonValue

    from aegis.app.trajectory import Stage
    from aegis.audit.models import QueryRecord, StoredDecision
    from aegis.domain.report import Step

_BELOW = "           "
_TEXTS = {"system_prompt", "prompt", "response"}


def trajectory(
    run: Run = "latest",
    sql: Annotated[bool, typer.Option("--sql", help="With the SQL of each query.")] = False,
    json_: Json = False,
    audit_db: o.AuditDb = None,
) -> None:
    """Show what a run did on its way to the causes, step by step: what it asked the warehouse and a language model."""
    from aegis.app.trajectory import trajectory as stages_of

    with opened(audit_db) as trail:
        stages = stages_of(trail, run)
    if json_:
        say_json(_as_json(stages))
        return
    for stage in stages:
        if stage.step is not None:
            _say_step(stage.step, stage.decisions)
        _say_queries(stage.queries, sql)
        for decision in stage.decisions:
            say_cells(_BELOW, *call_cells(decision))
    if not stages:
        say("this run sent no queries beyond its results")


def _as_json(stages: Iterable[Stage]) -> JsonValue:
    """Steps, queries and decisions, each list in its own order; `aegis audit replay` has what decisions say."""
    steps: list[JsonValue] = []
    queries: list[JsonValue] = []
    decisions: list[JsonValue] = []
    for stage in stages:
        number = None if stage.step is None else len(steps)
        steps += [] if stage.step is None else [stage.step.model_dump(mode="json")]
        queries += [query.model_dump(mode="json") for query in stage.queries]
        decisions += [{"step": number, **one.model_dump(mode="json", exclude=_TEXTS)} for one in stage.decisions]
    return {"steps": steps, "queries": queries, "decisions": decisions}


def _say_step(step: Step, decisions: tuple[StoredDecision, ...]) -> None:
    asked = [f"{step.queries} quer{'y' if step.queries == 1 else 'ies'}"] if step.queries else []
    asked += [plural(len(decisions), "call")] if decisions else []
    took = f"{step.seconds:.3f} s"
    say_cells(f"{step.started:7.3f} s", f"{step.node:<9}", f"{step.table or '':<24}", took, ", ".join(asked))


def _say_queries(queries: Iterable[QueryRecord], sql: bool) -> None:
    for query in queries:
        told = query.error or plural(query.rows or 0, "row")
        say_cells(_BELOW, f"{query.seconds or 0:6.3f} s", query.purpose, told)
        if sql:
            say(indented(sanitize_text(query.sql), "             "))
