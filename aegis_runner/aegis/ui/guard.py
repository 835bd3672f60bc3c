"""What stands before every page: who may ask, how, and what a browser is told about the answer.

A page of another site can make a browser send requests to this machine, and can give its own name this machine's
address (DNS rebinding): what asks by another name than ours is refused, as is what another site embeds. The trail is
for its owner's eyes, and a port for every user's: those of others are refused where the system tells whose they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aegis.ui.peer import is_ours

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
METHODS = ("GET", "HEAD")


def names(port: int) -> frozenset[str]:
    """What a browser of this machine calls us in its Host header; the usual port of HTTP is left out there."""
    hosts = ("127.0.0.1", "localhost")
    return frozenset(f"{host}:{port}" for host in hosts) | (frozenset(hosts) if port == 80 else frozenset())


class Guard:
    """The application ``inner``, for requests that may be made of ``port``."""

    def __init__(self, inner: ASGIApp, port: int) -> None:
        self._inner, self._port, self._names = inner, port, names(port)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from starlette.responses import PlainTextResponse

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [(key, value) for key, value in message["headers"] if key.decode("latin-1") not in HEADERS]
                message["headers"] = kept + [(key.encode(), value.encode()) for key, value in HEADERS.items()]
            await send(message)

        if scope["type"] != "http":
            return
        refused = self._refused(scope)
        if refused is None:
            await self._inner(scope, receive, told)
        else:
            status, words = refused
            headers = {"allow": ", ".join(METHODS)} if status == 405 else {}
            await PlainTextResponse(words + "\n", status, headers)(scope, receive, told)

    def _refused(self, scope: Scope) -> tuple[int, str] | None:
        """Status and words for a request that is not answered."""
        if not is_ours(scope["client"], scope["server"]):
            return 403, "These pages are for the user who serves them."
        if _values(scope, b"host") not in [(name,) for name in self._names]:
            return 421, f"These pages are at http://127.0.0.1:{self._port}/ and under no other name."
        if scope["method"] not in METHODS:
            return 405, "These pages are only read: GET and HEAD are all that they take."
        if _values(scope, b"sec-fetch-site") == ("cross-site",) and _values(scope, b"sec-fetch-mode") != ("navigate",):
            return 403, "Pages of other sites may not load this."
        return None


def _values(scope: Scope, name: bytes) -> Sequence[str]:
    return tuple(value.decode("latin-1").lower() for key, value in scope["headers"] if key == name)
