"""What a service refused, in words; what it says itself is quoted as one short line."""

from __future__ import annotations

import re
from collections.abc import Mapping

from aegis.errors import ForgeError

QUOTED = 200
"""The longest text of a server that is quoted, in characters."""
_COMMAND = re.compile(r"##(?=\w*\[)")


class Uncertain(ForgeError):
    """The request may have been carried out: its answer was lost."""


class Refused(ForgeError):
    """The service answered with a status that waiting does not change."""

    def __init__(self, message: str, *, status: int, said: str, where: str | None, hint: str | None) -> None:
        super().__init__(message, where=where, hint=hint)
        self.status = status
        self.said = said

    @property
    def too_long(self) -> bool:
        """Whether it is the length of the text that was refused."""
        return self.status in (400, 413, 422) and "too long" in self.said.lower()


def quoted(text: str) -> str:
    """A text of somebody else on one short line, with no control characters and no log command in it."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text[: QUOTED * 4]).split())
    line = _COMMAND.sub("## ", line)
    return line if len(line) <= QUOTED else line[: QUOTED - 1] + "…"


class Words:
    """What each status means for a service, and what to do about it.

    Args:
        title: What the service calls itself.
        about: Status → what is wrong and what to do.
    """

    def __init__(self, title: str, about: Mapping[int, tuple[str, str]]) -> None:
        self.title = title
        self._about = dict(about)

    def refused(self, status: int, said: str, where: str) -> Refused:
        what, hint = self._about.get(status, (f"{self.title} refused", ""))
        if status < 400:
            what, hint = f"{self.title} sends elsewhere, which is not followed", MOVED
        message = f"{what} ({status}{f': {said}' if said else ''})"
        return Refused(message, status=status, said=said, where=where, hint=hint or None)

    def lost(self, reason: str, where: str, *, sure: bool = True) -> ForgeError:
        kind = ForgeError if sure else Uncertain
        return kind(f"{self.title} could not be reached: {reason}", where=where, hint=UNREACHED)

    def busy(self, where: str, asked: float | None) -> ForgeError:
        until = f"; it asks to wait {asked:,.0f} s" if asked is not None else ""
        hint = "Run the job again later, or let fewer jobs use this token at once."
        return ForgeError(f"the rate limit of {self.title} is used up{until}", where=where, hint=hint)

    def broken(self, status: int, tries: int, where: str, *, sure: bool = True) -> ForgeError:
        times = "once" if tries == 1 else f"{tries} times"
        kind = ForgeError if sure else Uncertain
        return kind(f"{self.title} answered {status}, {times}", where=where, hint="Run the job again later.")


UNREACHED = (
    "Is the address right, and reachable from this job? HTTPS_PROXY and SSL_CERT_FILE name a proxy and a CA bundle."
)
MOVED = "Is the address of its API right, and was the repository renamed?"
