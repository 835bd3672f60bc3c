"""A server on this machine that speaks the parts of GitHub's and GitLab's REST APIs that comments need.

It is strict where they are: tokens, permissions, lengths, pages with a Link header. A `Fault` takes the place of the
next answers to a kind of request, before or after the request was carried out.
"""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Protocol, Self
from urllib.parse import parse_qs, urlencode, urlsplit


@dataclass
class Fault:
    """An answer out of order: to the next ``times`` requests whose ``METHOD /path`` has ``of`` in it.

    ``carried_out``: the request is carried out first, and its answer is lost. ``drop``: the connection is closed.
    ``first`` is called before anything else, ``seconds`` are waited at last.
    """

    of: str
    status: int = 500
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    carried_out: bool = False
    drop: bool = False
    seconds: float = 0.0
    first: Callable[[], object] | None = None


@dataclass(frozen=True)
class Seen:
    """A request. ``token`` is what it was sent with, without the header's first word."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Reply:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


class Api(Protocol):
    def answer(self, seen: Seen, base: str) -> Reply: ...


def page_of(items: list[Any], seen: Seen, base: str, most: int = 100) -> Reply:
    """One page, with the Link header of RFC 8288 as both services send it."""
    size = min(int(seen.query.get("per_page", "30")), most)
    number = int(seen.query.get("page", "1"))
    last = max(1, -(-len(items) // size))
    links = {"next": number + 1, "last": last} if number < last else {"first": 1, "prev": max(1, number - 1)}
    told = ", ".join(
        f'<{base}{seen.path}?{urlencode({**seen.query, "per_page": size, "page": at})}>; rel="{name}"'
        for name, at in links.items()
    )
    return Reply(200, items[(number - 1) * size : number * size], {"Link": told})


class ForgeServer:
    """Serves one API, in threads; a context manager."""

    def __init__(self, api: Api, certificate: tuple[Path, Path] | None = None) -> None:
        self.api = api
        self.faults: list[Fault] = []
        self.seen: list[Seen] = []
        self._lock = Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self._scheme = "http"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
            self._scheme = "https"

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    @property
    def lines(self) -> list[str]:
        return [one.line for one in self.seen]

    def answer(self, seen: Seen, base: str) -> tuple[Reply, Fault | None]:
        with self._lock:
            self.seen.append(seen)
            for fault in self.faults:
                if fault.times > 0 and fault.of in seen.line:
                    fault.times -= 1
                    if fault.first is not None:
                        fault.first()
                    if fault.carried_out:
                        self.api.answer(seen, base)
                    return Reply(fault.status, fault.body, dict(fault.headers)), fault
            return self.api.answer(seen, base), None

    def __enter__(self) -> Self:
        Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()


def _handler(server: ForgeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: two would wait 40 ms for each other

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            # As a proxy it is sent the whole address.
            parts = urlsplit(self.path)
            base = f"{parts.scheme}://{parts.netloc}" if parts.netloc else server.url
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            seen = Seen(self.command, parts.path, query, headers, json.loads(raw) if raw else None)
            reply, fault = server.answer(seen, base)
            if fault is not None:
                time.sleep(fault.seconds)
                if fault.drop:
                    self.close_connection = True
                    return
            self._send(reply)

        def _send(self, reply: Reply) -> None:
            text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
            content = text.encode()
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_PUT = _serve

        def log_message(self, format: str, *args: Any) -> None:
            return

    return Handler


def match(pattern: str, seen: Seen) -> re.Match[str] | None:
    return re.fullmatch(pattern, seen.line)
