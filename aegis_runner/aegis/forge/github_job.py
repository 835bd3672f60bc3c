"""What a job of GitHub Actions is for, as its environment and its event tell, and the files that it reads afterwards.

Sources: https://docs.github.com/en/actions/reference/workflows-and-actions/variables,
https://docs.github.com/en/webhooks/webhook-events-and-payloads,
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ValidationError

from aegis.errors import ForgeError
from aegis.forge.base import Environ, Nowhere, Wanted
from aegis.forge.client import checked_address, checked_token
from aegis.forge.failures import quoted

TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")
"""Where the token is, the first that is set."""
SUMMARY_BYTES = 1_048_576
"""What GitHub shows of the summary of one step, at most."""
MAX_EVENT = 30_000_000
"""Bytes of an event; GitHub sends none above 25 MB."""
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*/(?!\.{1,2}$)[A-Za-z0-9_.-]+")
_ENTERPRISE = "/api/v3"


class _Owner(BaseModel):
    login: str


class _Repository(BaseModel):
    full_name: str | None = None
    owner: _Owner | None = None


class _Side(BaseModel):
    repo: _Repository | None = None


class _Pull(BaseModel):
    number: int
    head: _Side = _Side()
    base: _Side = _Side()


class _Issue(BaseModel):
    number: int
    pull_request: object = None


class _WorkflowRun(BaseModel):
    head_sha: str
    head_branch: str | None = None
    head_repository: _Repository | None = None


class _Event(BaseModel):
    pull_request: _Pull | None = None
    issue: _Issue | None = None
    workflow_run: _WorkflowRun | None = None


@dataclass(frozen=True, slots=True)
class RunHead:
    """The workflow run that a `workflow_run` event is about: whose branch it was for, and which commit. GitHub says so,
    not the run."""

    owner: str
    branch: str
    head_sha: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubJob:
    """What a job is for, and with which token it speaks to which server. ``number`` is that of the pull request; None
    where the workflow ``run`` will tell."""

    api: str
    repository: str
    token: str = field(repr=False)
    token_name: str
    number: int | None
    run: RunHead | None = None
    of_fork: bool = False
    in_actions: bool = False

    @property
    def place(self) -> str:
        """``acme/shop#7``."""
        return self.repository if self.number is None else f"{self.repository}#{self.number}"

    @property
    def graphql(self) -> str:
        """https://docs.github.com/en/enterprise-server/graphql/guides/forming-calls-with-graphql"""
        return f"{self.api.removesuffix('/v3') if self.api.endswith(_ENTERPRISE) else self.api}/graphql"


def read_job(environ: Environ, wanted: Wanted) -> GitHubJob | Nowhere:
    """The job that this environment describes.

    Raises:
        ForgeError: There is no token or no repository, or the event cannot be read.
    """
    event = _event(environ.get("GITHUB_EVENT_PATH", ""))
    pull, run = event.pull_request, event.workflow_run
    number = wanted.number if wanted.number is not None else _number(event)
    if number is None and run is None:
        return _nowhere(environ)
    repository = environ.get("GITHUB_REPOSITORY", "")
    if not _REPOSITORY.fullmatch(repository):
        hint = "A job of GitHub Actions has it; elsewhere set GITHUB_REPOSITORY to owner/name."
        raise ForgeError("which repository it is for is unknown", where="GITHUB_REPOSITORY", hint=hint)
    name = next((one for one in TOKENS if environ.get(one, "").strip()), None)
    if name is None:
        hint = "Give the step `env: GITHUB_TOKEN: ${{ github.token }}`, the job `permissions: pull-requests: write`."
        raise ForgeError("there is no token", where=TOKENS[0], hint=hint)
    of_fork = pull is not None and _name(pull.head) != _name(pull.base)
    return GitHubJob(
        api=checked_address(environ.get("GITHUB_API_URL") or "https://api.github.com", "GitHub"),
        repository=repository,
        token=checked_token(environ[name], name),
        token_name=name,
        number=number,
        run=_head(run) if run else None,
        of_fork=of_fork or environ.get("GITHUB_ACTOR") == "dependabot[bot]",
        in_actions=environ.get("GITHUB_ACTIONS") == "true",
    )


def _event(path: str) -> _Event:
    if not path:
        return _Event()
    file = Path(path)
    try:
        if file.stat().st_size > MAX_EVENT:
            raise ForgeError(f"the event is larger than {MAX_EVENT:,} bytes", where=quoted(path))
        return _Event.model_validate_json(file.read_bytes())
    except ValidationError:
        raise ForgeError("this is not an event of GitHub Actions", where=quoted(path)) from None
    except (OSError, ValueError) as error:
        raise ForgeError(f"the event cannot be read: {_reason(error)}", where=quoted(path)) from None


def _number(event: _Event) -> int | None:
    if event.pull_request is not None:
        return event.pull_request.number
    if event.issue is not None and event.issue.pull_request is not None:
        return event.issue.number
    return None


def _nowhere(environ: Environ) -> Nowhere:
    name = quoted(environ.get("GITHUB_EVENT_NAME", ""))
    if not name:
        return Nowhere("this is not a job of GitHub Actions, and --pull-request is not given")
    return Nowhere(f"this job was started by {name}, which is for no pull request")


def _head(run: _WorkflowRun) -> RunHead | None:
    owner = run.head_repository.owner.login if run.head_repository and run.head_repository.owner else ""
    return RunHead(owner, run.head_branch or "", run.head_sha)


def _name(side: _Side) -> str | None:
    return side.repo.full_name if side.repo else None


def leave(environ: Environ, summary: Callable[[int], str], outputs: Mapping[str, str]) -> tuple[ForgeError, ...]:
    """Append the report to the job's summary and write its outputs, where the environment names files for them."""
    texts: dict[str, Callable[[Path], str]] = {
        "GITHUB_OUTPUT": lambda _: "".join(map(_output, outputs, outputs.values())),
        "GITHUB_STEP_SUMMARY": lambda file: _fitting(summary, SUMMARY_BYTES - _size(file)),
    }
    failures = []
    for name, text in texts.items():
        if not environ.get(name):
            continue
        file = Path(environ[name])
        try:
            with file.open("a", encoding="utf-8", errors="replace", newline="\n") as stream:
                stream.write(text(file))
        except (OSError, ValueError) as error:
            failures.append(ForgeError(f"cannot be written: {_reason(error)}", where=name))
    return tuple(failures)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__


def _output(name: str, value: str) -> str:
    """One output. No value can hold its end: that is random."""
    end = f"aegis-{secrets.token_hex(16)}"
    return f"{name}<<{end}\n{value}\n{end}\n"


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _fitting(summary: Callable[[int], str], room: int) -> str:
    """The summary in so many bytes; a character is up to four of them. Where not even its head fits: nothing."""
    limit = room - 2
    while limit > 0:
        text = f"\n{summary(limit)}\n"
        size = len(text.encode("utf-8", "replace"))
        if size <= room:
            return text
        limit = min(limit - 1_000, limit * room // size)
    return ""
