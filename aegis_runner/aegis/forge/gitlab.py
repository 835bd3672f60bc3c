"""GitLab's REST API: the notes of a merge request.

Sources: https://docs.gitlab.com/api/notes/, https://docs.gitlab.com/ci/variables/predefined_variables/,
https://docs.gitlab.com/api/rest/authentication/, https://docs.gitlab.com/api/jobs/#get-job-tokens-job.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from pydantic import BaseModel

from aegis.errors import ForgeError, RefusedError
from aegis.forge.base import Comment, Environ, Forge, Nowhere, Thread, Wanted
from aegis.forge.client import Client, checked_address, checked_token
from aegis.forge.failures import Words
from aegis.forge.patience import Patience

LIMIT = 1_000_000
"""The longest note, in characters."""
TOKENS = {"GITLAB_TOKEN": "PRIVATE-TOKEN", "CI_JOB_TOKEN": "JOB-TOKEN"}
"""Where the token is, the first that is set, and the header that carries it."""
_PER_PAGE = 50
_NUMBER = re.compile(r"\d{1,12}")
_PROJECT = re.compile(r"\d{1,12}|[A-Za-z0-9_][\w.-]*(?:/[A-Za-z0-9_][\w.-]*)+")
_ROLE = "Set GITLAB_TOKEN, masked, to a project access token with the scope `api` and at least the role Reporter."


class _Author(BaseModel):
    id: int


class _Note(BaseModel):
    id: int
    body: str = ""
    author: _Author | None = None

    def told(self, request: str) -> Comment:
        url = f"{request}#note_{self.id}" if request else ""
        return Comment(self.id, str(self.author.id) if self.author else "", self.body, url)


class _JobOfToken(BaseModel):
    user: _Author


class _MergeRequest(BaseModel):
    sha: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GitLabJob:
    """Which merge request, and with which token at which server. ``project`` is that of the merge request."""

    api: str
    project: str
    token: str = field(repr=False)
    token_name: str
    number: int
    page: str

    @property
    def request(self) -> str:
        return f"{self.api}/projects/{quote(self.project, safe='')}/merge_requests/{self.number}"


class GitLabThread:
    """The notes of one merge request."""

    def __init__(self, client: Client, job: GitLabJob) -> None:
        self._client = client
        self._job = job

    @property
    def place(self) -> str:
        return f"{self._job.project}!{self._job.number}"

    @property
    def limit(self) -> int:
        return LIMIT

    def author(self) -> str:
        """The id of the token's user; the token of a job is its own user's, and only told of with the job."""
        if self._job.token_name == "CI_JOB_TOKEN":
            job: _JobOfToken = self._client.read(_JobOfToken, "GET", f"{self._job.api}/job")
            return str(job.user.id)
        user: _Author = self._client.read(_Author, "GET", f"{self._job.api}/user")
        return str(user.id)

    def comments(self) -> Iterator[Comment]:
        first = f"{self._job.request}/notes?per_page={_PER_PAGE}&order_by=created_at&sort=asc"
        return (one.told(self._job.page) for one in self._client.pages(_Note, first))

    def create(self, body: str) -> Comment:
        note: _Note = self._client.read(_Note, "POST", f"{self._job.request}/notes", once=True, body=body)
        return note.told(self._job.page)

    def update(self, comment: Comment, body: str) -> Comment:
        note: _Note = self._client.read(_Note, "PUT", f"{self._job.request}/notes/{comment.id}", body=body)
        return note.told(self._job.page)

    def close(self) -> None:
        self._client.close()


class GitLab:
    """GitLab, wherever CI_API_V4_URL says it is."""

    title = "GitLab"
    annotations: str | None = None

    def annotates(self, environ: Environ) -> bool:
        return False

    def thread(self, environ: Environ, wanted: Wanted, patience: Patience) -> Thread | Nowhere:
        job = read_job(environ, wanted)
        if isinstance(job, Nowhere):
            return job
        headers = {TOKENS[job.token_name]: job.token}
        client = Client(
            job.api, headers, token=job.token, words=_words(job), place=f"{job.project}!{job.number}", patience=patience
        )
        if wanted.head_sha is not None:
            request: _MergeRequest = client.read(_MergeRequest, "GET", job.request)
            if (request.sha or "").lower() != wanted.head_sha.lower():
                client.close()
                raise RefusedError(
                    f"merge request {job.number} has another head than the commit that this report is of;"
                    " nothing was posted",
                    hint="Either commits were pushed since, whose own pipeline will report, or the number is wrong.",
                )
        return GitLabThread(client, job)

    def leave(
        self, environ: Environ, summary: Callable[[int], str], outputs: Mapping[str, str]
    ) -> tuple[ForgeError, ...]:
        """A job of GitLab has no summary and no outputs but its artifacts."""
        return ()


GITLAB: Forge = GitLab()


def read_job(environ: Environ, wanted: Wanted) -> GitLabJob | Nowhere:
    """The merge request that this environment describes. In a fork's pipeline the project is the fork, and the merge
    request is of another.

    Raises:
        ForgeError: There is no token or no project.
    """
    number = wanted.number
    if number is None:
        told = environ.get("CI_MERGE_REQUEST_IID", "")
        if not _NUMBER.fullmatch(told):
            if not environ.get("CI_PIPELINE_SOURCE"):
                return Nowhere("this is not a job of GitLab, and --merge-request is not given")
            rule = "`rules: - if: $CI_PIPELINE_SOURCE == 'merge_request_event'` makes one that is"
            return Nowhere(f"this pipeline is for no merge request; {rule}")
        number = int(told)
    project = environ.get("CI_MERGE_REQUEST_PROJECT_ID") or environ.get("CI_PROJECT_ID") or ""
    if not _PROJECT.fullmatch(project):
        hint = "A job of GitLab has it; elsewhere set CI_PROJECT_ID."
        raise ForgeError("which project it is for is unknown", where="CI_PROJECT_ID", hint=hint)
    name = next((one for one in TOKENS if environ.get(one, "").strip()), None)
    if name is None:
        raise ForgeError("there is no token", where="GITLAB_TOKEN", hint=_ROLE)
    page = environ.get("CI_MERGE_REQUEST_PROJECT_URL", "")
    return GitLabJob(
        api=checked_address(environ.get("CI_API_V4_URL") or "https://gitlab.com/api/v4", "GitLab"),
        project=project,
        token=checked_token(environ[name], name),
        token_name=name,
        number=number,
        page=f"{page}/-/merge_requests/{number}" if page.isprintable() and page else "",
    )


def _words(job: GitLabJob) -> Words:
    weak = job.token_name == "CI_JOB_TOKEN"
    may_not = "CI_JOB_TOKEN may not write notes" if weak else f"the token in {job.token_name} may not do this"
    invalid = "CI_JOB_TOKEN may not do this" if weak else f"the token in {job.token_name} is not valid, or no longer"
    unknown = "GitLab does not know the project or merge request, or hides it from this token"
    look = "Look at CI_API_V4_URL, the project, the number and what the token may see."
    return Words(
        "GitLab",
        {
            401: (invalid, _ROLE),
            403: (may_not, _ROLE),
            404: (unknown, _ROLE if weak else look),
            400: ("GitLab refused the note", ""),
            422: ("GitLab refused the note", ""),
        },
    )
