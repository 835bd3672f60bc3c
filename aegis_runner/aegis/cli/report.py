"""`aegis report`: an earlier report again, in any format, or as the comment on a pull request."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aegis.cli import options as o
from aegis.cli import posting as p
from aegis.cli.output import say_report

if TYPE_CHECKING:
    from aegis.domain.report import Report


def add_to(app: typer.Typer) -> None:
    app.command(
        "report",
        short_help="Render or post an earlier report: a run of the audit trail, or a file.",
        epilog="Examples: aegis report report.json --format markdown · aegis report report.json --github",
    )(report)


def report(
    source: Annotated[
        str,
        typer.Argument(
            metavar="RUN|FILE", help="A run id, the beginning of one, or latest; or a file that --output-json wrote."
        ),
    ] = "latest",
    format: Annotated[str, typer.Option("--format", "-f", help="terminal, json or markdown.")] = "terminal",
    verbose: o.Verbose = False,
    no_color: o.NoColor = False,
    audit_db: o.AuditDb = None,
    github: p.GitHub = False,
    gitlab: p.GitLab = False,
    comment_name: p.CommentName = "report",
    always_comment: p.AlwaysComment = False,
    pull_request: p.PullRequest = None,
    head_sha: p.HeadSha = None,
) -> None:
    """Render an earlier report again, or post it: that of a run in the audit trail, or a saved file.

    With --github or --gitlab exit code 3 says that it was not posted, 5 that it is not of the pull request's head.
    """
    posting = p.post_options(github, gitlab, comment_name, always_comment, pull_request, head_sha, untrusted=True)
    found = _found(source, audit_db, bounded=posting is not None)
    say_report(found, format, verbose=verbose, no_color=no_color)
    if posting is not None and not p.post(found, posting, plain=format == "terminal", report_path=_file(source)):
        raise typer.Exit(3)


def _found(source: str, audit_db: Path | None, *, bounded: bool) -> Report:
    """The report of a file that is there, else of a run. ``bounded`` is for a file that somebody else may have made.

    Raises:
        UsageError: The file cannot be read.
        ArtifactError: The file is not a report.
        AuditError: There is no such run.
    """
    file = _file(source)
    if file is None:
        from aegis.analysis.record import open_trail

        with open_trail(audit_db) as trail:
            return trail.show(source)
    if bounded:
        from aegis.app.post import read_report

        return read_report(file)
    from aegis.errors import UsageError
    from aegis.report.json import load_report

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot be read: {getattr(error, 'strerror', None) or error}", where=source) from error
    return load_report(text)


def _file(source: str) -> Path | None:
    """The file that is meant; None for a run. Ids of runs hold neither a slash nor a suffix."""
    file = Path(source)
    named = file.suffix == ".json" or "/" in source or "\\" in source
    return file if named or (source != "latest" and file.exists()) else None
