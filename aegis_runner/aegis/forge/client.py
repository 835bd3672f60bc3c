"""HTTP with an end: bounded tries, waits that the server asks for, answers of bounded size, pages, no token in a word.

A request that only reads, or that may be done twice, is tried again after whatever was temporary. One that must be done
once is tried again only where it surely was not done: no connection, or a rate limit.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from aegis.domain.version import VERSION
from aegis.errors import ForgeError
from aegis.forge.answers import Answer, asked_for, limited, said
from aegis.forge.failures import Words, quoted
from aegis.forge.patience import Patience

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
MAX_ANSWER = 64_000_000
"""Bytes of one answer."""
MAX_PAGES = 200
"""Pages of one list."""
_CONNECT = 10.0
_TEMPORARY = frozenset({408, 500, 502, 503, 504})


class Client:
    """Requests to one API, with one token.

    Args:
        api: Where it is, such as ``https://api.github.com``. No request goes to another server.
        headers: What each request carries, the token among it.
        token: What must stand in no message.
        words: How failures are told.
        place: What the requests are about, for messages.
        patience: How long all of them may take.
    """

    def __init__(
        self, api: str, headers: Mapping[str, str], *, token: str, words: Words, place: str, patience: Patience
    ) -> None:
        self._api = api
        self._headers = {"User-Agent": f"aegis/{VERSION}", **headers}
        self._token = token
        self._words = words
        self._place = place
        self._patience = patience
        self._http: httpx.Client | None = None

    def read(self, kind: Any, method: str, address: str, *, once: bool = False, **fields: Any) -> Any:
        """The answer to one request, as ``kind``, which is a model or a list of models.

        Raises:
            Uncertain: With ``once``, and nobody knows whether it was done.
            ForgeError: It was refused, came to no end in time, or the answer is something else.
        """
        return self._as(kind, self.send(method, address, once=once, body=fields or None).text)

    def pages(self, kind: type[T], first: str) -> Iterator[T]:
        """The items of all pages of a list, as `read`."""
        address: str | None = first
        for _ in range(MAX_PAGES):
            if address is None:
                return
            answer = self.send("GET", address)
            yield from self._as(list[kind], answer.text)  # type: ignore[valid-type]  # a type that is a value
            address = answer.next_page
        raise ForgeError(f"more than {MAX_PAGES} pages of comments", where=self._place)

    def close(self) -> None:
        if self._http is not None:
            self._http.close()
            self._http = None

    def send(self, method: str, address: str, *, once: bool = False, body: Any = None) -> Answer:
        """One request, tried until it is answered for good; raises as `read`."""
        import httpx

        tries = 0
        address = self._here(address)
        while True:
            tries, asked = tries + 1, None
            try:
                answer = self._try(method, address, body)
                if answer.status < 300:
                    return answer
                failure, asked, done = self._judge(answer, tries, once)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, httpx.UnsupportedProtocol) as error:
                failure, done = self._words.lost(self._harmless(error), self._place), False
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
                failure, done = self._words.lost(self._harmless(error), self._place, sure=not once), once
            # Whoever must do it once looks first whether it was done; the wait is the same.
            if not self._patience.wait(tries, asked) or done:
                raise failure from None

    def _judge(self, answer: Answer, tries: int, once: bool) -> tuple[ForgeError, float | None, bool]:
        """The failure, how long the server asks to wait, and whether this request must not be sent again."""
        if limited(answer):
            asked = asked_for(answer.headers, time.time())
            return self._words.busy(self._place, asked), asked, False
        if answer.status in _TEMPORARY:
            asked = asked_for(answer.headers, time.time())
            return self._words.broken(answer.status, tries, self._place, sure=not once), asked, once
        raise self._words.refused(answer.status, quoted(self._harmless(said(answer.text))), self._place)

    def _try(self, method: str, address: str, body: Any) -> Answer:
        import httpx

        left = self._patience.left()
        most = min(self._patience.request, left)
        ends = time.monotonic() + most
        times = httpx.Timeout(most, connect=min(_CONNECT, most))
        with self._opened().stream(method, address, json=body, timeout=times) as got:
            parts, size = [], 0
            for part in got.iter_bytes():
                parts.append(part)
                size += len(part)
                # The timeout of a socket bounds the wait for one packet only.
                if time.monotonic() > ends:
                    raise httpx.ReadTimeout(f"no whole answer within {most:.0f} s")
                if size > MAX_ANSWER:
                    raise ForgeError(f"an answer of more than {MAX_ANSWER:,} bytes", where=self._place)
            following = got.links.get("next", {}).get("url")
            text = b"".join(parts).decode("utf-8", "replace")
            headers = {name.lower(): value for name, value in got.headers.items()}
            return Answer(got.status_code, text, following, headers)

    def _opened(self) -> httpx.Client:
        """The one connection pool; proxies by the usual variables, certificates as `_certificates` finds them."""
        import httpx

        if self._http is None:
            try:
                self._http = httpx.Client(headers=self._headers, verify=_certificates(), follow_redirects=False)
            except (ValueError, OSError) as error:
                hint = "Look at HTTPS_PROXY, SSL_CERT_FILE, SSL_CERT_DIR and REQUESTS_CA_BUNDLE."
                raise ForgeError(f"the connection is set up wrongly: {self._harmless(error)}", hint=hint) from None
        return self._http

    def _as(self, kind: Any, text: str) -> Any:
        try:
            return _adapter(kind).validate_python(json.loads(text))
        except (ValueError, RecursionError, ValidationError):
            hint = f"Is {self._api} the address of its API?"
            raise ForgeError(
                f"{self._words.title} gave an answer of another form", where=self._place, hint=hint
            ) from None

    def _here(self, address: str) -> str:
        """An address on the server of the API: a token goes nowhere else, whatever a list says of its next page."""
        if urlsplit(address)[:2] != urlsplit(self._api)[:2]:
            host = quoted(urlsplit(address).netloc)
            raise ForgeError(
                f"{self._words.title} sends to another server for the next page: {host}",
                where=self._place,
                hint=f"Is {self._api} the address of its API?",
            )
        return address

    def _harmless(self, error: object) -> str:
        text = str(error).replace(self._token, "•••") if self._token else str(error)
        return quoted(text) or (type(error).__name__ if isinstance(error, Exception) else "")


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def checked_address(api: str, title: str) -> str:
    """An API's address without a slash at its end.

    Raises:
        ForgeError: It is not one, or holds a user.
    """
    try:
        parts = urlsplit(api)
        fine = parts.scheme in ("http", "https") and parts.hostname and parts.username is None and not parts.query
    except ValueError:
        fine = False
    if not fine or not api.isprintable() or " " in api:
        raise ForgeError(
            f"the address of the API of {title} is not one", hint="It begins with https://, with no user in it."
        )
    return api.rstrip("/")


def checked_token(token: str, name: str) -> str:
    """A token that a header can carry.

    Raises:
        ForgeError: It cannot.
    """
    token = token.strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ForgeError(f"{name} holds signs that no token has", hint="Was it cut, or joined with something else?")
    return token


def _certificates() -> Any:
    """The trusted certificates: SSL_CERT_FILE and SSL_CERT_DIR, else what other clients are told by, else httpx's own.
    True is httpx's way to say the first and the last."""
    import ssl

    if os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR"):
        return True
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        if named := os.environ.get(name):
            folder = Path(named).is_dir()
            return ssl.create_default_context(cafile=None if folder else named, capath=named if folder else None)
    return True
