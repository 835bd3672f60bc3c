"""`aegis run`."""

from __future__ import annotations

from typing import Annotated, get_args

import typer

from aegis.cli import options as o


def add_to(app: typer.Typer) -> None:
    app.command(
        "run",
        short_help="Run rules and report, in a project or on a database.",
        epilog="Examples: aegis run rules.yml --db shop.duckdb · aegis run --select orders+",
    )(run)


def run(
    rules: o.Rules = None,
    db: o.Db = None,
    select: Annotated[list[str] | None, typer.Option("--select", "-s", help="dbt's node selection.")] = None,
    exclude: Annotated[list[str] | None, typer.Option("--exclude", help="What dbt's selection leaves out.")] = None,
    threads: Annotated[int | None, typer.Option("--threads", help="dbt's threads.", min=1)] = None,
    depth: o.Depth = "causes",
    fail_on: o.FailOn = "high",
    privacy: o.Privacy = "strict",
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
    """Run rules and report: in a dbt project compile, build and analyze; with --db check a database.

    A database is only read and nothing is left behind in it.
    """
    from aegis.app.analyze_options import AnalyzeOptions, Depth, PrivacyMode
    from aegis.app.run import RunOptions
    from aegis.app.run import run as execute
    from aegis.cli.output import Progress, emit

    progress = Progress(quiet or json)
    options = RunOptions(
        analyze=AnalyzeOptions(
            connection=o.connection(project_dir, profiles_dir, target, dbt, wait, warehouse),
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
            command="run",
            rules_file=", ".join(str(path) for path in rules) if rules else None,
        ),
        select=tuple(select or ()),
        exclude=tuple(exclude or ()),
        threads=threads,
        on_progress=progress if progress.shown else None,
    )
    try:
        report = execute(rules or [], options, database=o.database(db, project_dir))
    finally:
        progress.finish()
    emit(
        report, json=json, verbose=verbose, quiet=quiet, no_color=no_color,
        output_json=output_json, output_markdown=output_markdown,
    )  # fmt: skip
    raise typer.Exit(report.summary.exit_code)
