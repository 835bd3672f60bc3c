"""One comment, kept up to date: found again by its first line and by who wrote it, and never a second one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from aegis.domain.failing import Failing
from aegis.errors import ForgeError
from aegis.forge.base import Comment, Thread
from aegis.forge.failures import Refused, Uncertain
from aegis.forge.marker import is_marked, marker, remembered

TRIES = 5
"""How often to look again, after a comment was lost, deleted meanwhile, or too long."""
_GONE = 404
_ROOM_FOR_MARKER = 250


@dataclass(frozen=True, slots=True)
class Draft:
    """What a comment is to say, and the last failing run, which it remembers."""

    text: str
    failing: Failing | None


Compose = Callable[[Comment | None, Failing | None, int], Draft | None]
"""Given the comment that is there, the failing run that it remembers, and the room in characters: what to say, or None
where nothing is to be said."""


class Written(StrEnum):
    """What became of the comment."""

    CREATED = "created"
    UPDATED = "updated"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done, and where it can be looked at (empty if nothing was)."""

    written: Written
    url: str = ""


def stick(thread: Thread, name: str, compose: Compose) -> Outcome:
    """Write the comment called ``name``, or write it anew.

    Where the answer to a new comment was lost, the comments are read again before another try, so that there is never
    a second one; one that was deleted meanwhile is written again; one that is too long for this server is shortened.

    Raises:
        ForgeError: It was refused, or came to no end in time.
    """
    author, room = thread.author(), thread.limit - _ROOM_FOR_MARKER
    failure: ForgeError | None = None
    for _ in range(TRIES):
        mine = newest(thread, author, name)
        draft = compose(mine, remembered(mine.body) if mine else None, room)
        if draft is None:
            return Outcome(Written.NOTHING)
        body = f"{marker(name, draft.failing)}\n{draft.text}"
        try:
            if mine is None:
                return Outcome(Written.CREATED, thread.create(body).url)
            return Outcome(Written.UPDATED, thread.update(mine, body).url)
        except Uncertain as error:
            failure = error
        except Refused as error:
            failure = error
            if error.too_long:
                room //= 3
            elif mine is None or error.status != _GONE:
                raise
    assert failure is not None
    raise failure


def newest(thread: Thread, author: str, name: str) -> Comment | None:
    """The newest comment of that name that the author of these comments wrote; anybody can write the first line."""
    mine = [one for one in thread.comments() if one.author == author and is_marked(one.body, name)]
    return max(mine, key=lambda one: one.id, default=None)
