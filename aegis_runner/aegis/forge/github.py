"""GitHub's REST API: the comments of a pull request are those of the issue of its number.

Sources: https://docs.github.com/en/rest/issues/comments, https://docs.github.com/en/rest/pulls/pulls,
https://docs.github.com/en/graphql/reference/queries (``viewer``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel

from aegis.errors import ForgeError, RefusedError
from aegis.forge.base import Comment, Environ, Forge, Nowhere, Thread, Wanted
from aegis.forge.client import Client
from aegis.forge.failures import Refused, Words, quoted
from aegis.forge.github_job import TOKENS, GitHubJob, leave, read_job
from aegis.forge.patience import Patience

LIMIT = 65_536
"""The longest comment, in characters."""
ACTIONS = "github-actions[bot]"
"""Who the token of a GitHub Actions job is."""
_BOT = "[bot]"
_PER_PAGE = 100
_PERMISSION = "Give the job `permissions: pull-requests: write`."
_FORKS = (
    "Its token may only read, as in every job of a fork's or Dependabot's pull request: post from a second workflow, "
    'as the page "Comment on pull requests" shows.'
)


class _User(BaseModel):
    login: str


class _Comment(BaseModel):
    id: int
    body: str | None = None
    user: _User | None = None
    html_url: str = ""

    def told(self) -> Comment:
        author = self.user.login if self.user else ""
        return Comment(self.id, author, self.body or "", quoted(self.html_url))


class _Commit(BaseModel):
    sha: str


class _Pull(BaseModel):
    number: int
    head: _Commit


class _Viewer(BaseModel):
    viewer: _User


class _Answer(BaseModel):
    data: _Viewer | None = None


class GitHubThread:
    """The comments of one pull request."""

    def __init__(self, client: Client, job: GitHubJob, number: int) -> None:
        self._client = client
        self._job = job
        self._number = number

    @property
    def place(self) -> str:
        return f"{self._job.repository}#{self._number}"

    @property
    def limit(self) -> int:
        return LIMIT

    def author(self) -> str:
        """Who the token belongs to, as comments name it: an app's bot has a login that ends in ``[bot]``.

        GraphQL's viewer is told to every kind of token, REST's user only to those of people. That tells a person from
        an app of the same name. Where neither is told, the bot of a job of Actions is known.
        """
        viewer = self._viewer()
        if viewer is not None and viewer.endswith(_BOT):
            return viewer
        login = self._user() or (viewer and viewer + _BOT)
        if login:
            return login
        if self._job.in_actions and self._job.token_name == TOKENS[0]:
            return ACTIONS
        raise ForgeError(
            f"GitHub does not tell whose token {self._job.token_name} is",
            where=self.place,
            hint="Without that, our comment cannot be told from anybody else's: use the token of the job.",
        )

    def comments(self) -> Iterator[Comment]:
        path = f"/repos/{self._job.repository}/issues/{self._number}/comments?per_page={_PER_PAGE}"
        return (one.told() for one in self._client.pages(_Comment, self._job.api + path))

    def create(self, body: str) -> Comment:
        path = f"/repos/{self._job.repository}/issues/{self._number}/comments"
        written: _Comment = self._client.read(_Comment, "POST", self._job.api + path, once=True, body=body)
        return written.told()

    def update(self, comment: Comment, body: str) -> Comment:
        path = f"/repos/{self._job.repository}/issues/comments/{comment.id}"
        written: _Comment = self._client.read(_Comment, "PATCH", self._job.api + path, body=body)
        return written.told()

    def close(self) -> None:
        self._client.close()

    def _viewer(self) -> str | None:
        query = "query { viewer { login } }"
        graphql = self._job.graphql
        answer: _Answer | None = self._if_told(lambda: self._client.read(_Answer, "POST", graphql, query=query))
        return answer.data.viewer.login if answer and answer.data else None

    def _user(self) -> str | None:
        user: _User | None = self._if_told(lambda: self._client.read(_User, "GET", f"{self._job.api}/user"))
        return user.login if user else None

    @staticmethod
    def _if_told(ask: Callable[[], Any]) -> Any:
        """What was asked for; None where this token, or this server, is not told."""
        try:
            return ask()
        except Refused as error:
            if error.status == 401:
                raise
            return None


class GitHub:
    """GitHub, and GitHub Enterprise by GITHUB_API_URL."""

    title = "GitHub"
    annotations: str | None = "github"

    def annotates(self, environ: Environ) -> bool:
        """The job of a `workflow_run` has the code of the default branch."""
        return bool(environ.get("GITHUB_ACTIONS")) and environ.get("GITHUB_EVENT_NAME") != "workflow_run"

    def thread(self, environ: Environ, wanted: Wanted, patience: Patience) -> Thread | Nowhere:
        job = read_job(environ, wanted)
        if isinstance(job, Nowhere):
            return job
        client = _client(job, patience)
        try:
            number = _number(client, job, wanted)
        except BaseException:
            client.close()
            raise
        return number if isinstance(number, Nowhere) else GitHubThread(client, job, number)

    def leave(
        self, environ: Environ, summary: Callable[[int], str], outputs: Mapping[str, str]
    ) -> tuple[ForgeError, ...]:
        return leave(environ, summary, outputs)


GITHUB: Forge = GitHub()


def _client(job: GitHubJob, patience: Patience) -> Client:
    headers = {
        "Authorization": f"Bearer {job.token}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    return Client(job.api, headers, token=job.token, words=_words(job), place=job.place, patience=patience)


def _words(job: GitHubJob) -> Words:
    look = "Look at GITHUB_REPOSITORY, GITHUB_API_URL, the number and what the token may see."
    return Words(
        "GitHub",
        {
            401: (f"the token in {job.token_name} is not valid, or no longer", "Give it ${{ github.token }} anew."),
            403: (f"the token in {job.token_name} may not do this", _FORKS if job.of_fork else _PERMISSION),
            404: ("GitHub does not know the repository or pull request, or hides it from this token", look),
            422: ("GitHub refused the comment", "Is it the number of a pull request?"),
        },
    )


def _number(client: Client, job: GitHubJob, wanted: Wanted) -> int | Nowhere:
    """The pull request's number. One that somebody gave is checked by the commit that the report is of: the number may
    come from a fork's own job, the commit of a `workflow_run` comes from GitHub.

    Raises:
        RefusedError: The commit is not the head of that pull request.
        ForgeError: It cannot be asked.
    """
    heads = {sha.lower() for sha in (wanted.head_sha, job.run and job.run.head_sha) if sha}
    if job.number is None:
        found = _of_run(client, job)
        return found if isinstance(found, Nowhere) else _checked(found, heads)
    if not heads:
        return job.number
    pull: _Pull = client.read(_Pull, "GET", f"{job.api}/repos/{job.repository}/pulls/{job.number}")
    return _checked(pull, heads)


def _checked(pull: _Pull, heads: set[str]) -> int:
    if heads - {pull.head.sha.lower()}:
        raise RefusedError(
            f"pull request {pull.number} has another head than the commit that this report is of; nothing was posted",
            hint="Either commits were pushed since, and their own run will report, or the number is a wrong one.",
        )
    return pull.number


def _of_run(client: Client, job: GitHubJob) -> _Pull | Nowhere:
    """The open pull request whose head the workflow run was for. GitHub names none in the event of a fork's run, but
    the branch: https://docs.github.com/en/rest/pulls/pulls#list-pull-requests."""
    assert job.run is not None
    head = urlencode({"state": "open", "head": f"{job.run.owner}:{job.run.branch}", "per_page": _PER_PAGE})
    path = f"{job.api}/repos/{job.repository}/pulls?{head}"
    found = [pull for pull in client.pages(_Pull, path) if pull.head.sha.lower() == job.run.head_sha.lower()]
    if len(found) == 1:
        return found[0]
    which = "no open pull request has" if not found else f"{len(found)} open pull requests have"
    hint = "" if not found else "; --pull-request says which"
    return Nowhere(f"{which} the head {job.run.head_sha[:12]} of the workflow run{hint}")
