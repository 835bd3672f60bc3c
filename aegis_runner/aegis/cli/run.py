"""`aegis run`."""

from __future__ import annotations

from typing import Annotated

import typer

from aegis.cli import options as o
from aegis.cli.analysis import Analysis, with_analysis


def add_to(app: typer.Typer) -> None:
    app.command(
        "run",
        short_help="Run rules and report, in a project or on a database.",
        epilog="Examples: aegis run rules.yml --db shop.duckdb · aegis run --select orders+",
    )(with_analysis(run))


def run(
    analysis: Analysis,
    rules: o.Rules = None,
    db: o.Db = None,
    select: Annotated[list[str] | None, typer.Option("--select", "-s", help="dbt's node selection.")] = None,
    exclude: Annotated[list[str] | None, typer.Option("--exclude", help="What dbt's selection leaves out.")] = None,
    threads: Annotated[int | None, typer.Option("--threads", help="dbt's threads.", min=1)] = None,
) -> None:
    """Run rules and report: in a dbt project compile, build and analyze; with --db check a database.

    A database is only read and nothing is left behind in it.
    """
    from aegis.app.run import run as execute
    from aegis.app.run_options import RunOptions

    progress = analysis.progress()
    options = RunOptions(
        analyze=analysis.options(progress),
        select=tuple(select or ()),
        exclude=tuple(exclude or ()),
        threads=threads,
        on_progress=progress if progress.shown else None,
    )
    try:
        report = execute(rules or [], options, database=o.database(db, analysis.project_dir))
    finally:
        progress.finish()
    analysis.emit(report)
    raise typer.Exit(report.summary.exit_code)
