"""What every service provides: the comments of one pull request, and the files by which a job is told what came out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from aegis.errors import ForgeError
    from aegis.forge.patience import Patience

Environ = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment. ``author`` is comparable with what `Thread.author` gives, and nothing else; ``url`` is for people."""

    id: int
    author: str
    body: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which pull request; what is None is taken from the job's environment.

    Args:
        number: Its number (GitLab: the merge request's IID).
        head_sha: The commit that the report is of. It must be the head of the pull request, or nothing is posted.
    """

    number: int | None = None
    head_sha: str | None = None


@dataclass(frozen=True, slots=True)
class Nowhere:
    """A job that is for no pull request, and why: in order, and worth one line."""

    why: str


class Thread(Protocol):
    """The comments of one pull request, as the owner of a token sees and writes them. Each method may raise
    `ForgeError`."""

    @property
    def place(self) -> str:
        """``acme/shop#7``."""

    @property
    def limit(self) -> int:
        """The longest comment that the service takes, in characters."""

    def author(self) -> str:
        """Who the token belongs to."""

    def comments(self) -> Iterator[Comment]:
        """All of them, page by page, the oldest first."""

    def create(self, body: str) -> Comment:
        """Write a new one; raises `Uncertain` where nobody knows whether it was written."""

    def update(self, comment: Comment, body: str) -> Comment:
        """Write one anew; raises `Refused` with the status 404 where it is no longer there."""

    def close(self) -> None:
        """Give up its connections."""


class Forge(Protocol):
    """One service."""

    @property
    def title(self) -> str:
        """What it calls itself."""

    @property
    def annotations(self) -> str | None:
        """The report format whose text, printed in a job, marks lines of files; None if there is none."""

    def annotates(self, environ: Environ) -> bool:
        """Whether this job is for the code that the report is of."""

    def thread(self, environ: Environ, wanted: Wanted, patience: Patience) -> Thread | Nowhere:
        """The pull request's comments.

        Raises:
            ForgeError: There is no token, or the service refused or could not be reached.
            RefusedError: The report is not of the head of that pull request.
        """

    def leave(
        self, environ: Environ, summary: Callable[[int], str], outputs: Mapping[str, str]
    ) -> tuple[ForgeError, ...]:
        """Tell the job what came out, in the files that it names for that; hands back what could not be written.

        Args:
            environ: The job's environment.
            summary: Given a number of characters, the report as Markdown of at most that many.
            outputs: Names of letters and hyphens, each with its value.
        """
