"""`aegis analyze`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aegis.cli.analysis import Analysis, with_analysis


def add_to(app: typer.Typer) -> None:
    app.command(
        "analyze",
        short_help="Show what a dbt run found, how bad it is, and what it breaks.",
        epilog="Examples: aegis analyze target/ · aegis analyze target/ --json --fail-on critical",
    )(with_analysis(analyze))


def analyze(
    analysis: Analysis,
    target_dir: Annotated[
        Path | None, typer.Argument(help="dbt's target folder; that of the project if none.", show_default=False)
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Read the artifacts only; leave the warehouse alone.")
    ] = False,
) -> None:
    """Show what a dbt run found: what failed, how badly, what it breaks downstream, and which rows.

    Works on any dbt project, with or without Aegis rules: it reads manifest.json and run_results.json.
    """
    from aegis.app.analyze import analyze as run
    from aegis.connection.project import target_here

    progress = analysis.progress()
    options = analysis.options(progress, offline=offline)
    try:
        report = run(target_dir or target_here(options.connection), options)
    finally:
        progress.finish()
    analysis.emit(report)
    raise typer.Exit(report.summary.exit_code)
