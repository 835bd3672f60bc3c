"""`--github`, `--gitlab`: a report as the comment on its pull request. What cannot be posted never costs a report."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aegis.domain.failing import Failing
from aegis.errors import AegisError, ForgeError, RefusedError, UsageError
from aegis.report.options import Options

if TYPE_CHECKING:
    from aegis.domain.report import Report
    from aegis.forge import Comment, Compose, Forge, Outcome, Patience

MAX_REPORT = 20_000_000
"""Bytes of a saved report that is posted: one of a fork's job may be anything."""
_SHA = re.compile(r"[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?")
_RUN = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_MOST_NUMBER = 10**12


@dataclass(frozen=True, slots=True, kw_only=True)
class PostOptions:
    """Where to post a report, and how.

    Args:
        forge: ``github`` or ``gitlab``.
        name: The comment's name: one comment for each.
        always: Whether a report with nothing wrong is posted where no comment is yet.
        pull_request: The pull request; that of the job if None.
        head_sha: The commit that the report is of, which must be the pull request's head.
        untrusted: Whether the report may be somebody else's. Where it is not of the head, nothing at all is written.
        path_prefix: Where the project is in the repository, for annotations.
    """

    forge: str
    name: str = "report"
    always: bool = False
    pull_request: int | None = None
    head_sha: str | None = None
    untrusted: bool = False
    path_prefix: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of it: lines for a person, lines about what failed, and what to print for the service to read."""

    done: tuple[str, ...]
    failed: tuple[str, ...]
    annotations: str


def check(options: PostOptions) -> None:
    """Refuse what is wrong before anything is analyzed.

    Raises:
        UsageError: The name, the number or the commit is not one.
    """
    from aegis.forge import check_name

    check_name(options.name)
    if options.pull_request is not None and not 0 < options.pull_request < _MOST_NUMBER:
        raise UsageError(f"{options.pull_request} is not the number of a pull request", where="--pull-request")
    if options.head_sha is not None and not _SHA.fullmatch(options.head_sha):
        hint = "Give the whole hash: 40 or 64 hexadecimal digits."
        raise UsageError(f"{options.head_sha!r:.80} is not a commit's hash", where="--head-sha", hint=hint)


def post(
    report: Report,
    options: PostOptions,
    environ: Mapping[str, str],
    *,
    report_path: Path | None = None,
    patience: Patience | None = None,
    on_wait: Callable[[str], None] | None = None,
) -> Posted:
    """Write the comment, the job's summary and its outputs, and hand back its annotations.

    Args:
        report: What to post.
        options: Where, and how.
        environ: The environment of the job.
        report_path: The file that has the report as JSON, to be told to the job.
        patience: How long to wait for the service.
        on_wait: Told, before a wait that a person would notice, how long it is.

    Raises:
        RefusedError: An untrusted report is not of the pull request's head. Nothing was written anywhere.
    """
    from aegis.forge import Patience, forge

    service = forge(options.forge)
    done: list[str] = []
    failed: list[str] = []
    url = ""
    try:
        said, url = _comment(report, service, options, environ, patience or Patience(on_wait=on_wait))
        done.append(said)
    except RefusedError as error:
        if options.untrusted:
            raise
        failed.append(_line(error))
    except ForgeError as error:
        failed.append(_line(error))
    outputs = _outputs(report, report_path, url)
    failed += [
        _line(error) for error in service.leave(environ, lambda room: _markdown(report, room, report_path), outputs)
    ]
    return Posted(tuple(done), tuple(failed), _annotations(report, service, environ, options.path_prefix))


def read_report(file: Path) -> Report:
    """A saved report that somebody else may have written: a plain file of bounded size, which has to fit the schema.

    Raises:
        UsageError: It cannot be read, or is too large.
        ArtifactError: It is not a report.
    """
    from aegis.report.json import load_report

    try:
        if not file.is_file() or file.is_symlink():
            raise UsageError("is not a plain file", where=str(file))
        with file.open("rb") as stream:
            content = stream.read(MAX_REPORT + 1)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror or error}", where=str(file)) from error
    if len(content) > MAX_REPORT:
        hint = "Post it from the job that made it, which needs no file."
        raise UsageError(f"is larger than {MAX_REPORT:,} bytes", where=str(file), hint=hint)
    return load_report(content, where=str(file))


def _comment(
    report: Report,
    service: Forge,
    options: PostOptions,
    environ: Mapping[str, str],
    patience: Patience,
) -> tuple[str, str]:
    """What was done, in a line, and the comment's address."""
    from aegis.forge import Nowhere, Wanted, stick

    wanted = Wanted(number=options.pull_request, head_sha=options.head_sha)
    thread = service.thread(environ, wanted, patience)
    if isinstance(thread, Nowhere):
        return f"no comment on {service.title}: {thread.why}", ""
    with closing(thread):
        outcome = stick(thread, options.name, _composing(report, always=options.always))
        return _told(outcome, thread.place), outcome.url


def _composing(report: Report, *, always: bool) -> Compose:
    """What the comment is to say, whatever is there."""
    from aegis.forge import Draft
    from aegis.report.comment import comment, failing, is_green

    green = is_green(report)

    def compose(mine: Comment | None, before: Failing | None, room: int) -> Draft | None:
        if green and mine is None and not always:
            return None
        return Draft(comment(report, before, Options(limit=room)), before if green else failing(report))

    return compose


def _told(outcome: Outcome, place: str) -> str:
    from aegis.forge import Written

    words: dict[Written, str] = {
        Written.CREATED: f"commented on {place}",
        Written.UPDATED: f"updated the comment on {place}",
        Written.NOTHING: f"no comment on {place}: nothing failed, and there is none to update",
    }
    return words[outcome.written] + (f": {outcome.url}" if outcome.url else "")


def _outputs(report: Report, report_path: Path | None, url: str) -> dict[str, str]:
    summary = report.summary
    return {
        "exit-code": str(summary.exit_code),
        "findings": str(summary.findings),
        "causes": str(summary.causes),
        "passed": str(summary.passed),
        # A saved report may be anybody's, and outputs end up in scripts.
        "run-id": report.run.run_id if _RUN.fullmatch(report.run.run_id) else "",
        "report": str(report_path or ""),
        "comment-url": url,
    }


def _markdown(report: Report, room: int, report_path: Path | None) -> str:
    from aegis.report import render

    return render(report, "markdown", Options(limit=room, report_path=str(report_path) if report_path else None))


def _annotations(report: Report, service: Forge, environ: Mapping[str, str], path_prefix: str) -> str:
    from aegis.report import FORMATS, render

    if service.annotations not in FORMATS or not service.annotates(environ):
        return ""
    return render(report, service.annotations, Options(path_prefix=path_prefix))


def _line(error: AegisError) -> str:
    """A failure in one line: where, what, and what to do."""
    head = f"not posted: {error.where}: {error.message}" if error.where else f"not posted: {error.message}"
    return f"{head}. {error.hint}" if error.hint else head


__all__: list[str] = ["MAX_REPORT", "PostOptions", "Posted", "check", "post", "read_report"]
