"""`--github` and `--gitlab`, for every command that has a report."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aegis.cli.output import say, tell
from aegis.errors import UsageError

if TYPE_CHECKING:
    from aegis.app.post import PostOptions
    from aegis.domain.report import Report

PANEL = "Pull requests"

GitHub = Annotated[
    bool,
    typer.Option(
        "--github",
        help="Comment on the pull request of this GitHub Actions job, and write its summary, outputs and annotations.",
        rich_help_panel=PANEL,
    ),
]
GitLab = Annotated[
    bool, typer.Option("--gitlab", help="Comment on the merge request of this GitLab job.", rich_help_panel=PANEL)
]
CommentName = Annotated[
    str,
    typer.Option(
        "--comment-name", help="The comment's name, for several jobs with one comment each.", rich_help_panel=PANEL
    ),
]
AlwaysComment = Annotated[
    bool,
    typer.Option(
        "--always-comment",
        help="Comment even where nothing failed and there is no comment yet.",
        rich_help_panel=PANEL,
    ),
]
PullRequest = Annotated[
    str | None,
    typer.Option(
        "--pull-request",
        "--merge-request",
        metavar="N",
        help="The number of the pull or merge request; that of the job if not given.",
        rich_help_panel=PANEL,
    ),
]
HeadSha = Annotated[
    str | None,
    typer.Option(
        "--head-sha",
        metavar="SHA",
        help="Post only if the pull request's head is this commit.",
        rich_help_panel=PANEL,
    ),
]


def post_options(
    github: bool,
    gitlab: bool,
    name: str,
    always: bool,
    pull_request: str | None,
    head_sha: str | None,
    *,
    untrusted: bool = False,
    path_prefix: str = "",
) -> PostOptions | None:
    """Where to post; None where nothing is to be posted. ``untrusted``: the report may be somebody else's.

    Raises:
        UsageError: The options do not go together, or one is wrong.
    """
    chosen = [forge for forge, wanted in (("github", github), ("gitlab", gitlab)) if wanted]
    if not chosen:
        if always or pull_request is not None or head_sha is not None:
            raise UsageError("there is nowhere to post to", hint="Add --github or --gitlab.")
        return None
    if len(chosen) > 1:
        raise UsageError(
            "--github and --gitlab do not go together", hint="Post to one, then `aegis report` to the other."
        )
    from aegis.app.post import PostOptions, check

    options = PostOptions(
        forge=chosen[0],
        name=name,
        always=always,
        pull_request=_number(pull_request),
        head_sha=head_sha,
        untrusted=untrusted,
        path_prefix=path_prefix,
    )
    check(options)
    return options


def _number(text: str | None) -> int | None:
    """Read here and not by Typer: it may come from a fork's job, and must not be printed as it is."""
    if text is None or not text.strip():
        return None
    if not (text.strip().isascii() and text.strip().isdecimal() and len(text.strip()) <= 12):
        raise UsageError(f"{text!r:.80} is not the number of a pull request", where="--pull-request")
    return int(text)


def post(
    report: Report, options: PostOptions, *, quiet: bool = False, plain: bool = True, report_path: Path | None = None
) -> bool:
    """Post, and print what came of it: messages to stderr, annotations to stdout, or to stderr where stdout is read by
    a program and not ``plain`` (GitHub reads both). Hands back whether everything was posted.

    Raises:
        RefusedError: An untrusted report is not of the pull request's head.
    """
    from aegis.app.post import post as execute

    posted = execute(
        report,
        options,
        os.environ,
        report_path=report_path,
        on_wait=None if quiet else lambda words: tell(f"aegis: {words}"),
    )
    if posted.annotations:
        (say if plain else tell)(posted.annotations.rstrip("\n"))
    for line in (*(() if quiet else posted.done), *posted.failed):
        tell(f"aegis: {line}")
    return not posted.failed
