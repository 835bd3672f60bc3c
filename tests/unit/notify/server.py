"""A web server on this machine that plays the services: each path says what it answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

SECRET = "T0SECRET-B0SECRET"
"""Stands in every path, and may be seen nowhere else."""


@dataclass
class Web:
    """The server: ``got`` are paths and bodies, in order. A path is a status, or several that are given one after
    another (``/500-200/…``), and ``/429-after-1/…`` is a wish to be asked again in so many seconds."""

    port: int = 0
    got: list[tuple[str, Any]] = field(default_factory=list)
    release: Event = field(default_factory=Event)
    """Until it is set, ``/hang/…`` is not answered."""

    def slack(self, path: str = "200") -> str:
        return f"slack+http://127.0.0.1:{self.port}/{path}/{SECRET}"

    def json(self, path: str = "200") -> str:
        return f"json://127.0.0.1:{self.port}/{path}/{SECRET}"

    @property
    def bodies(self) -> list[Any]:
        return [body for _, body in self.got]


BODIES = {200: b"ok", 400: b"invalid_blocks", 404: b"no_service", 500: b"<b>it broke at T0SECRET-B0SECRET</b>"}


@contextmanager
def serving() -> Iterator[Web]:
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            web.got.append((self.path, body))
            word = self.path.split("/")[1]
            if word == "hang":
                web.release.wait(20)
                return
            said, _, after = word.partition("-after-")
            times = sum(path == self.path for path, _ in web.got)
            statuses = [int(one) for one in said.split("-")]
            status = statuses[min(times, len(statuses)) - 1]
            answer = BODIES.get(status, b"")
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            if after:
                self.send_header("Retry-After", after)
            if status == 302:
                self.send_header("Location", "/200/elsewhere")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    web.port = server.server_port
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield web
    finally:
        web.release.set()
        server.shutdown()
        server.server_close()
        thread.join()
