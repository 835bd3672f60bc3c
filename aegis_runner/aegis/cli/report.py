"""`aegis report`: an earlier report again, in any format, or as the comment on a pull request."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aegis.cli import options as o
from aegis.cli import posting as p
from aegis.cli.notifying import NotifyOnce, send_once
from aegis.cli.output import say_report, write_report

if TYPE_CHECKING:
    from aegis.domain.report import Report


def add_to(app: typer.Typer) -> None:
    app.command(
        "report",
        short_help="Render or post an earlier report: a run of the audit trail, or a file.",
        epilog="Examples: aegis report --format markdown · aegis report report.json -f sarif -o aegis.sarif · "
        "aegis report report.json --github",
    )(report)


def report(
    source: Annotated[
        str,
        typer.Argument(
            metavar="RUN|FILE",
            help="A run id, the beginning of one, latest or previous; or a file that --output-json wrote.",
        ),
    ] = "latest",
    format: o.Format = "terminal",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write it to this file.")] = None,
    path_prefix: o.PathPrefix = "",
    notify: NotifyOnce = None,
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
    posting = p.post_options(
        github, gitlab, comment_name, always_comment, pull_request, head_sha, untrusted=True, path_prefix=path_prefix
    )
    found = _found(source, audit_db, bounded=posting is not None)
    if output is None:
        say_report(found, format, verbose=verbose, no_color=no_color, path_prefix=path_prefix)
    else:
        write_report(found, format, output, verbose=verbose, path_prefix=path_prefix)
    send_once(found, notify)
    if posting is None:
        return
    path = Path(source) if _is_file(source) else None
    if not p.post(found, posting, plain=format == "terminal" and output is None, report_path=path):
        raise typer.Exit(3)


def _found(source: str, audit_db: Path | None, *, bounded: bool) -> Report:
    """The report of a file that is there, else of a run. ``bounded`` is for a file that somebody else may have made.

    Raises:
        UsageError: There is neither, or the file cannot be read.
        ArtifactError: The file is not a report.
        AuditError: There is no audit trail, or it cannot be read.
    """
    from aegis.analysis.record import open_trail
    from aegis.audit.naming import LATEST, PREVIOUS
    from aegis.errors import AegisError, UsageError

    if _is_file(source) and bounded:
        from aegis.app.post import read_report

        return read_report(Path(source))
    if _is_file(source):
        return _of_file(Path(source))
    try:
        with open_trail(audit_db) as trail:
            return trail.show(source)
    except AegisError as error:
        if source in (LATEST, PREVIOUS):
            raise
        raise UsageError(
            f"there is no file {source!r}, and no run: {error.message}", where=error.where, hint=error.hint
        ) from error


def _is_file(source: str) -> bool:
    """Whether a file is meant. `latest` and `previous` are runs, whatever files there are."""
    from aegis.audit.naming import LATEST, PREVIOUS

    return source not in (LATEST, PREVIOUS) and (_is_there(Path(source)) or _names_a_file(source))


def _is_there(file: Path) -> bool:
    try:
        return file.exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _names_a_file(source: str) -> bool:
    """Whether it can be meant for nothing else: ids of runs have neither."""
    return source.endswith(".json") or "/" in source or "\\" in source


def _of_file(file: Path) -> Report:
    from aegis.errors import UsageError
    from aegis.report.json import load_report

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(
            f"cannot be read: {getattr(error, 'strerror', None) or error}",
            where=str(file),
            hint="Give it a file that --output-json wrote, or a run: see `aegis audit list-runs`.",
        ) from error
    return load_report(text, where=str(file))
