"""`aegis audit …`: what happened before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import islice
from textwrap import indent as indented
from typing import TYPE_CHECKING, Annotated

import typer

from aegis.cli import options as o
from aegis.cli.output import harmless, say, say_cells, say_json, say_report

if TYPE_CHECKING:
    from pydantic import JsonValue

    from aegis.audit import AuditTrail
    from aegis.audit.models import QueryRecord

Path_ = o.AuditDb
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


def add_to(app: typer.Typer) -> None:
    audit = typer.Typer(
        help="What happened before: list-runs, show, trajectory, search, verify, prune.", no_args_is_help=True
    )
    audit.command("list-runs", epilog="Example: aegis audit list-runs --limit 5")(list_runs)
    audit.command("show", epilog="Example: aegis audit show latest --format markdown")(show)
    audit.command("trajectory", epilog="Example: aegis audit trajectory latest --sql")(trajectory)
    audit.command("search", epilog='Example: aegis audit search "null email"')(search)
    audit.command("verify", epilog="Example: aegis audit verify")(verify)
    audit.command("prune", epilog="Example: aegis audit prune --keep 90d")(prune)
    app.add_typer(audit, name="audit")


def _trail(path: o.AuditDb) -> AuditTrail:
    from aegis.app.record import open_trail

    return open_trail(path)


def list_runs(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="The newest so many.")] = 20,
    json_: Json = False,
    audit_db: Path_ = None,
) -> None:
    """List runs, newest first."""
    with _trail(audit_db) as trail:
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
    run: Annotated[str, typer.Argument(help="A run id, the beginning of one, or latest.")] = "latest",
    format: Annotated[str, typer.Option("--format", "-f", help="terminal, json or markdown.")] = "terminal",
    verbose: o.Verbose = False,
    no_color: o.NoColor = False,
    audit_db: Path_ = None,
) -> None:
    """Show the report of a run again."""
    with _trail(audit_db) as trail:
        report = trail.show(run)
    say_report(report, format, verbose=verbose, no_color=no_color)


def trajectory(
    run: Annotated[str, typer.Argument(help="A run id, the beginning of one, or latest.")] = "latest",
    sql: Annotated[bool, typer.Option("--sql", help="With the SQL of each query.")] = False,
    json_: Json = False,
    audit_db: Path_ = None,
) -> None:
    """Show what a run did on its way to the causes, step by step, and what it asked the warehouse."""
    with _trail(audit_db) as trail:
        report, queries = trail.show(run), trail.queries(run)
    if json_:
        whole: dict[str, JsonValue] = {
            "steps": [step.model_dump(mode="json") for step in report.trajectory],
            "queries": [query.model_dump(mode="json") for query in queries],
        }
        say_json(whole)
        return
    # Queries stand in the trail in the order of the steps that asked them.
    left = iter(queries)
    outside = len(queries) - sum(step.queries for step in report.trajectory)
    _say_queries(islice(left, outside), sql)
    for step in report.trajectory:
        asked = f"{step.queries} quer{'y' if step.queries == 1 else 'ies'}" if step.queries else ""
        say_cells(
            f"{step.started:7.3f} s", f"{step.node:<9}", f"{step.table or '':<24}", f"{step.seconds:.3f} s", asked
        )
        _say_queries(islice(left, step.queries), sql)
    if not report.trajectory and not queries:
        say("this run asked nothing beyond its results")


def _say_queries(queries: Iterable[QueryRecord], sql: bool) -> None:
    for query in queries:
        told = query.error or f"{query.rows} row{'' if query.rows == 1 else 's'}"
        say_cells("           ", f"{query.seconds or 0:6.3f} s", query.purpose, told)
        if sql:
            say(indented(harmless(query.sql), "             "))


def search(
    text: Annotated[str, typer.Argument(help="Words to look for.")],
    raw: Annotated[bool, typer.Option("--raw", help="The text is an SQLite FTS5 expression.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many hits.")] = 20,
    json_: Json = False,
    audit_db: Path_ = None,
) -> None:
    """Search rules, messages, tables, columns and descriptions of all runs."""
    with _trail(audit_db) as trail:
        hits = trail.search(text, raw=raw, limit=limit)
    if json_:
        say_json([hit.model_dump(mode="json") for hit in hits])
        return
    for hit in hits:
        say_cells(hit.run_id, f"{hit.recorded_at:%Y-%m-%d %H:%M}", hit.rule_id or hit.kind, hit.excerpt)
    if not hits:
        say("nothing found")


def verify(audit_db: Path_ = None) -> None:
    """Check the hash chain: is the trail as it was written?"""
    from aegis.errors import AuditError

    with _trail(audit_db) as trail:
        checked = trail.verify()
        path = str(trail.path)
    if checked.broken is not None:
        raise AuditError(
            f"does not verify: {checked.broken}", where=path, hint="What comes after it cannot be trusted."
        )
    say(f"{checked.rows} rows verified, head {checked.head}")


def prune(
    keep: Annotated[str, typer.Option("--keep", help="How long to keep runs, such as 90d.")],
    audit_db: Path_ = None,
) -> None:
    """Remove old runs; a checkpoint in the chain says so."""
    from aegis.errors import UsageError

    days = keep.removesuffix("d")
    if not (days.isascii() and days.isdigit()):
        raise UsageError(f"--keep cannot be {keep!r}", hint="It is a number of days, such as 90d.")
    with _trail(audit_db) as trail:
        pruned = trail.prune(timedelta(days=int(days)))
    say(f"removed {pruned.rows} rows of {pruned.runs} runs")
