"""`aegis analyze`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, get_args

import typer

from aegis.cli import options as o


def add_to(app: typer.Typer) -> None:
    app.command(
        "analyze",
        short_help="Tell what a dbt run found, how bad it is, and what it breaks.",
        epilog="Examples: aegis analyze target/ · aegis analyze target/ --json --fail-on critical",
    )(analyze)


def analyze(
    target_dir: Annotated[
        Path | None, typer.Argument(help="dbt's target folder; that of the project if none.", show_default=False)
    ] = None,
    depth: o.Depth = "causes",
    fail_on: o.FailOn = "high",
    privacy: o.Privacy = "strict",
    offline: Annotated[
        bool, typer.Option("--offline", help="Read the artifacts only; leave the warehouse alone.")
    ] = False,
    state: o.State = None,
    max_queries: o.MaxQueries = None,
    max_seconds: o.MaxSeconds = None,
    max_rows: o.MaxRows = None,
    no_proposals: o.NoProposals = False,
    no_builds: o.NoBuilds = False,
    llm: o.Llm = None,
    llm_model: o.LlmModel = None,
    llm_url: o.LlmUrl = None,
    no_llm: o.NoLlm = False,
    require_llm: o.RequireLlm = False,
    max_usd: o.MaxUsd = None,
    no_cache: o.NoCache = False,
    json: o.Json = False,
    output_json: o.OutputJson = None,
    output_markdown: o.OutputMarkdown = None,
    verbose: o.Verbose = False,
    quiet: o.Quiet = False,
    no_color: o.NoColor = False,
    project_dir: o.ProjectDir = None,
    profiles_dir: o.ProfilesDir = None,
    target: o.Target = None,
    dbt: o.DbtPath = None,
    wait: o.Wait = 0.0,
    warehouse: o.Warehouse = None,
    audit_db: o.AuditDb = None,
    no_audit: o.NoAudit = False,
) -> None:
    """Tell what a dbt run found: what failed, how badly, what it breaks downstream, and which rows.

    Works on any dbt project, with or without Aegis rules: it reads manifest.json and run_results.json.
    """
    from aegis.app.analyze import analyze as run
    from aegis.app.analyze_options import AnalyzeOptions, Depth, PrivacyMode
    from aegis.app.project_context import target_here
    from aegis.cli.output import emit

    connection = o.connection(project_dir, profiles_dir, target, dbt, wait, warehouse)
    report = run(
        target_dir or target_here(connection),
        AnalyzeOptions(
            connection=connection,
            depth=o.one_of("--depth", depth, get_args(Depth)),  # type: ignore[arg-type]  # checked by one_of
            fail_on=fail_on,
            privacy=o.one_of("--privacy", privacy, get_args(PrivacyMode)),  # type: ignore[arg-type]  # checked by one_of
            audit_db=audit_db,
            audit=not no_audit,
            state=state,
            max_queries=max_queries,
            max_seconds=max_seconds,
            max_rows=max_rows,
            propose=not no_proposals,
            build=not no_builds,
            llm=o.language_model(llm, llm_model, llm_url, no_llm, max_usd, no_cache),
            require_llm=require_llm,
            offline=offline,
        ),
    )
    emit(
        report, json=json, verbose=verbose, quiet=quiet, no_color=no_color,
        output_json=output_json, output_markdown=output_markdown,
    )  # fmt: skip
    raise typer.Exit(report.summary.exit_code)
