"""HTTP: which wire a request is on, and how an answer, or its fault, goes back over the connection."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aegis.llm.script import Fault, NothingScripted, Reply
from aegis.testing.saying import Received, saying
from aegis.testing.wires import WIRES
from aegis.testing.wires.base import Wire

if TYPE_CHECKING:
    from aegis.testing.server import FakeModelServer

_MALFORMED = b'{"this is": no JSON, '
_EXTRA = {"x_of_a_later_version": {"nested": [1, None, {"deep": True}]}}


class Handler(BaseHTTPRequestHandler):
    """One connection; it stays open for more requests, as those of real services do."""

    protocol_version = "HTTP/1.1"
    server_version = "aegis-fake-model"
    disable_nagle_algorithm = True  # otherwise the second part of an answer waits 40 ms for the first one's receipt

    @property
    def model(self) -> FakeModelServer:
        model: FakeModelServer = self.server.model  # type: ignore[attr-defined]  # `server` gives it to its own
        return model

    def do_POST(self) -> None:
        body = self._body()
        path = urlsplit(self.path).path
        for wire in WIRES:
            if match := wire.path.fullmatch(path):
                return self._answer(wire, match.groupdict(), path, body)
        self._refuse()

    def do_GET(self) -> None:
        self._refuse()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: what came is in `FakeModelServer.requests`."""

    def _body(self) -> bytes:
        """Some clients send the length first, some send parts with a length each."""
        if "chunked" not in self.headers.get("transfer-encoding", "").lower():
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # headers after the body
        return b"".join(parts)

    def _refuse(self) -> None:
        known = ", ".join(wire.path.pattern for wire in WIRES)
        self._send(404, {"error": {"message": f"no model wire has the path {self.path}; known: {known}"}})

    def _answer(self, wire: Wire, place: Mapping[str, str], path: str, body: bytes) -> None:
        try:
            received = self.model.receive(wire, wire.read(place, json.loads(body)), path, dict(self.headers), body)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return self._error(
                wire, 400, f"this is not a request of the wire protocol {wire.name}: {type(error).__name__} {error}"
            )
        try:
            reply = self.model.reply(received)
        except NothingScripted as error:
            return self._error(wire, 400, str(error))
        except Exception as error:  # of the test's own function: it must see it, and the client must not hang
            self.model.failures.append(error)
            return self._error(wire, 500, f"the function that answers raised {type(error).__name__}: {error}")
        if self.model.closing.wait(reply.seconds):
            self.close_connection = True
            return None
        return self._play(wire, received, reply)

    def _play(self, wire: Wire, received: Received, reply: Reply) -> None:
        if status := wire.status(reply.fault):
            headers = {} if reply.retry_after is None else {"retry-after": f"{reply.retry_after:g}"}
            said = reply.text or f"scripted: {reply.fault}"
            return self._send(status, wire.error(status, said, reply.fault), headers | wire.headers(status))
        said_ = saying(received, reply)
        if received.streams:
            return self._stream(wire, wire.stream(said_), reply.fault)
        answer = wire.answer(said_)
        if reply.fault is Fault.EXTRA_FIELDS:
            answer |= _EXTRA
        encoded = json.dumps(answer, ensure_ascii=False).encode()
        encoded = _MALFORMED if reply.fault is Fault.MALFORMED else encoded
        return self._send(200, encoded, cut=reply.fault is Fault.CUT)

    def _error(self, wire: Wire, status: int, message: str) -> None:
        self._send(status, wire.error(status, message, None), wire.headers(status))

    def _send(
        self,
        status: int,
        body: Mapping[str, Any] | bytes,
        headers: Mapping[str, str] | None = None,
        *,
        cut: bool = False,
    ) -> None:
        encoded = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        self._head(status, {"content-type": "application/json", "content-length": str(len(encoded)), **(headers or {})})
        self.wfile.write(encoded[: len(encoded) // 2] if cut else encoded)
        self.close_connection = self.close_connection or cut

    def _stream(self, wire: Wire, events: Iterable[bytes], fault: Fault | None) -> None:
        chunks = list(events)
        if fault is Fault.CUT:
            chunks = chunks[: len(chunks) // 2]
        if fault is Fault.MALFORMED:
            middle = len(chunks) // 2
            chunks[middle] = chunks[middle].replace(b"{", b"{!", 1)
        self._head(200, {"content-type": wire.stream_type, "transfer-encoding": "chunked"})
        for chunk in chunks:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        if fault is Fault.CUT:
            self.close_connection = True  # and the last chunk, which says that it is the last, never comes
        else:
            self.wfile.write(b"0\r\n\r\n")

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
