"""Options that several commands share, each spelled once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from aegis.cli.choices import OutputFile, choice, output_file
from aegis.domain import choices
from aegis.domain.limits import MAX_QUERIES, MAX_SECONDS, MAX_TRIAL_ROWS
from aegis.domain.severity import NEVER, Severity
from aegis.report import FORMATS

if TYPE_CHECKING:
    from aegis.connection.project import ProjectOptions
    from aegis.llm import LlmConfig

PROJECT = "Project and warehouse"
MODEL = "Language model (none, unless one is named)"
OUTPUT = "Output"

Rules = Annotated[
    list[Path] | None, typer.Argument(help="Rules files or folders; rules/ of the project if none.", show_default=False)
]
ProjectDir = Annotated[
    Path | None,
    typer.Option("--project-dir", help="The dbt project; found from here if not given.", rich_help_panel=PROJECT),
]
ProfilesDir = Annotated[
    Path | None, typer.Option("--profiles-dir", help="The folder of profiles.yml.", rich_help_panel=PROJECT)
]
Target = Annotated[
    str | None, typer.Option("--target", "-t", help="The target of the profile.", rich_help_panel=PROJECT)
]
DbtPath = Annotated[
    str | None, typer.Option("--dbt", help="The dbt executable (also AEGIS_DBT).", rich_help_panel=PROJECT)
]
Db = Annotated[
    str | None,
    typer.Option(
        "--db",
        help="A DuckDB file or postgresql:// address to check without a dbt project (also AEGIS_DB).",
        rich_help_panel=PROJECT,
    ),
]
Warehouse = Annotated[
    str | None,
    typer.Option(
        "--warehouse",
        help="A class that reaches the warehouse in place of dbt's adapter: module:Class.",
        rich_help_panel=PROJECT,
    ),
]
Wait = Annotated[
    float, typer.Option("--wait", help="Seconds to wait for a database that is in use.", rich_help_panel=PROJECT)
]
AuditDb = Annotated[
    Path | None,
    typer.Option(
        "--audit-db", help="The audit trail (also AEGIS_AUDIT_DB; ~/.aegis/history.db).", rich_help_panel=PROJECT
    ),
]
History = Annotated[
    choices.History,
    choice(
        "--history",
        of=get_args(choices.History),
        help="Where the past of rules is read, to tell what is new",
        rich_help_panel=PROJECT,
    ),
]
NoAudit = Annotated[bool, typer.Option("--no-audit", help="Write no audit trail.", rich_help_panel=PROJECT)]

Json = Annotated[bool, typer.Option("--json", help="Print the report as JSON.", rich_help_panel=OUTPUT)]
OutputJson = Annotated[
    Path | None, typer.Option("--output-json", help="Write the report as JSON to this file.", rich_help_panel=OUTPUT)
]
OutputMarkdown = Annotated[
    Path | None,
    typer.Option("--output-markdown", help="Write the report as Markdown to this file.", rich_help_panel=OUTPUT),
]
Outputs = Annotated[
    list[OutputFile] | None,
    typer.Option(
        "--output",
        parser=output_file,
        metavar="<format=file>",
        help=f"Write the report to a file; may be given several times. Formats: {', '.join(FORMATS)}.",
        rich_help_panel=OUTPUT,
    ),
]
Format = Annotated[str, choice("--format", "-f", of=FORMATS, help="The format", called="report format")]
PathPrefix = Annotated[
    str,
    typer.Option(
        "--path-prefix",
        help="The folder of the dbt project in its repository, for formats that name files.",
        rich_help_panel=OUTPUT,
    ),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Everything, not one screen.", rich_help_panel=OUTPUT)]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress, and no report where nothing failed.", rich_help_panel=OUTPUT)
]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colours (also NO_COLOR).", rich_help_panel=OUTPUT)]

FailOn = Annotated[
    str, choice("--fail-on", of=(*Severity, NEVER), help="Exit 1 from this severity on", called="severity")
]
Depth = Annotated[
    choices.Depth,
    choice("--depth", of=get_args(choices.Depth), help="How far to look"),
]
Privacy = Annotated[
    choices.PrivacyMode,
    choice("--privacy", of=get_args(choices.PrivacyMode), help="How much of the data may be shown"),
]
State = Annotated[
    Path | None,
    typer.Option(
        "--state",
        exists=True,
        help="dbt's target folder of an earlier good run (prod/target): what changed since then?",
    ),
]
MaxQueries = Annotated[
    int | None, typer.Option("--max-queries", min=0, help=f"Maximum root-cause queries ({MAX_QUERIES}).")
]
MaxSeconds = Annotated[
    float | None,
    typer.Option("--max-seconds", min=0, help=f"Maximum seconds for root-cause queries ({MAX_SECONDS:g})."),
]
MaxRows = Annotated[
    int | None,
    typer.Option("--max-rows", min=0, help=f"Maximum rows of a table on which a fix is tried ({MAX_TRIAL_ROWS:,})."),
]
NoProposals = Annotated[bool, typer.Option("--no-proposals", help="Look for no fixes, and try none.")]
NoBuilds = Annotated[
    bool,
    typer.Option("--no-builds", help="Let dbt compile nothing and build no fix of a dbt file in a scratch target."),
]

Llm = Annotated[
    str | None,
    typer.Option(
        "--llm", help="LLM provider: anthropic, openai, ollama or bedrock (also AEGIS_LLM).", rich_help_panel=MODEL
    ),
]
LlmModel = Annotated[
    str | None,
    typer.Option(
        "--llm-model", help="Which of its models (also AEGIS_LLM_MODEL); its default if none.", rich_help_panel=MODEL
    ),
]
LlmUrl = Annotated[
    str | None,
    typer.Option("--llm-url", help="Another address, such as that of a compatible server.", rich_help_panel=MODEL),
]
NoLlm = Annotated[
    bool, typer.Option("--no-llm", help="Ask no language model, whatever AEGIS_LLM says.", rich_help_panel=MODEL)
]
RequireLlm = Annotated[
    bool, typer.Option("--require-llm", help="Exit 4 if the model leaves a question unanswered.", rich_help_panel=MODEL)
]
MaxUsd = Annotated[
    float | None, typer.Option("--max-usd", min=0, help="What the model may cost in this run.", rich_help_panel=MODEL)
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Ignore cached answers.", rich_help_panel=MODEL)]


def language_model(
    provider: str | None, model: str | None, url: str | None, no_llm: bool, max_usd: float | None, no_cache: bool
) -> LlmConfig | None:
    """What the options and the environment say of a language model; None where they name none, or forbid it."""
    import os

    chosen = provider or os.environ.get("AEGIS_LLM")
    if no_llm or not chosen:
        return None
    from aegis.llm import LlmConfig

    return LlmConfig(
        provider=chosen,
        model=model or os.environ.get("AEGIS_LLM_MODEL") or None,
        base_url=url,
        budget_usd=max_usd,
        cache=not no_cache,
    )


def connection(
    project_dir: Path | None,
    profiles_dir: Path | None,
    target: str | None,
    dbt: str | None,
    wait: float = 0.0,
    warehouse: str | None = None,
) -> ProjectOptions:
    from aegis.connection.project import ProjectOptions

    if warehouse is not None and "" not in sys.path:
        sys.path.append("")  # a module that lies where the person stands, as `python -m` has it
    return ProjectOptions(
        project_dir=project_dir, profiles_dir=profiles_dir, target=target, dbt=dbt, wait=wait, warehouse=warehouse
    )


def database(given: str | None, project_dir: Path | None) -> Path | str | None:
    """The database that is named by --db, or by AEGIS_DB where no project is named."""
    import os

    from aegis.connection.databases import path_or_address

    if given is None and project_dir is None:
        given = os.environ.get("AEGIS_DB") or None
    return path_or_address(given)
