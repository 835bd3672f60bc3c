"""`aegis audit list-runs`, `show` and `search`: which runs there were, and what is in them."""

from __future__ import annotations

from typing import Annotated

import typer

from aegis.cli import options as o
from aegis.cli.audit.common import Json, Run, opened
from aegis.cli.output import say, say_cells, say_json, say_report


def list_runs(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Number of runs.")] = 20,
    json_: Json = False,
    audit_db: o.AuditDb = None,
) -> None:
    """List runs, newest first."""
    with opened(audit_db) as trail:
        runs = trail.list_runs(limit)
    if json_:
        say_json([run.model_dump(mode="json") for run in runs])
        return
    for run in runs:
        told = "did not finish"
        if run.summary is not None:
            s = run.summary
            told = f"{s.passed} passed  {s.failed + s.warned} failed  {s.errors} could not run"
        say_cells(
            run.run_id, f"{run.started_at:%Y-%m-%d %H:%M:%S}", f"{run.command:<7}", f"{run.project or '-':<20}", told
        )
    if not runs:
        say("no runs yet")


def show(
    run: Run = "latest",
    format: o.Format = "terminal",
    verbose: o.Verbose = False,
    no_color: o.NoColor = False,
    audit_db: o.AuditDb = None,
) -> None:
    """Show the report of a run again."""
    with opened(audit_db) as trail:
        report = trail.show(run)
    say_report(report, format, verbose=verbose, no_color=no_color)


def search(
    text: Annotated[str, typer.Argument(help="Words to look for.")],
    run: Annotated[
        str | None, typer.Option("--run", help="Only this run: its id, the beginning of one, latest or previous.")
    ] = None,
    raw: Annotated[
        bool,
        typer.Option("--raw", help="The text is an SQLite FTS5 expression; columns: text, prompt, response, system."),
    ] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many hits.")] = 20,
    json_: Json = False,
    audit_db: o.AuditDb = None,
) -> None:
    """Search rules, messages, tables, columns, findings and what models were asked and said, in all runs or in one."""
    with opened(audit_db) as trail:
        hits = trail.search(text, raw=raw, limit=limit, run=run)
    if json_:
        say_json([hit.model_dump(mode="json") for hit in hits])
        return
    for hit in hits:
        what = hit.status.value if hit.status else hit.kind
        say_cells(hit.run_id, f"{hit.recorded_at:%Y-%m-%d %H:%M}", what, hit.rule_id or hit.kind, hit.excerpt)
    if not hits:
        say("nothing found")
