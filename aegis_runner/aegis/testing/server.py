"""`FakeModelServer`: an HTTP server on the own machine that answers as a script says."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Self

from aegis.errors import UsageError
from aegis.llm.script import NothingScripted, Player, Replies, Reply
from aegis.testing.handler import Handler
from aegis.testing.saying import Received
from aegis.testing.scripts import load_script
from aegis.testing.wires.base import Asked, Wire

MASKED = "«secret»"
_SECRET = frozenset({"authorization", "x-api-key", "api-key", "cookie", "x-amz-security-token", "proxy-authorization"})


class FakeModelServer:
    """A model server for tests: it speaks the wires of Anthropic, OpenAI (chat and responses), Ollama and Bedrock.

    Use it as a context manager, or call `start` and `close`. It listens on ``127.0.0.1`` only.

    Args:
        replies: What it answers: a `Script`, a list of `Reply`, a path of a YAML script, or a function from a request
            (`Received`) to a `Reply`, a text or a dictionary. Several threads may call the function at once.
        port: Where to listen; 0 takes a free one.
        keep_secrets: Keep keys in the recorded headers. Without it they are masked, so that no log has them.

    Raises:
        ConfigError: The script is none.
        UsageError: The port is taken.
    """

    def __init__(self, replies: Replies[Received] | str | Path, *, port: int = 0, keep_secrets: bool = False) -> None:
        self._player = Player(load_script(replies) if isinstance(replies, str | Path) else replies)
        self._keep_secrets = keep_secrets
        self._requests: list[Received] = []
        self._unscripted: list[Received] = []
        self._lock = Lock()
        self._thread: Thread | None = None
        self.closing = Event()
        self.failures: list[BaseException] = []
        try:
            self._http = _Http(("127.0.0.1", port))
        except OSError as error:
            hint = "Choose another port; 0 takes a free one."
            raise UsageError(f"cannot listen: {error.strerror}", where=f"127.0.0.1:{port}", hint=hint) from error
        self._http.model = self

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        """Without a slash at its end. OpenAI's clients may be given it as it is, or with ``/v1``."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def requests(self) -> tuple[Received, ...]:
        """Every request to a model so far, in the order in which they came."""
        with self._lock:
            return tuple(self._requests)

    @property
    def unscripted(self) -> tuple[Received, ...]:
        """Those of `requests` that no reply of the script was for; they were answered with status 400."""
        with self._lock:
            return tuple(self._unscripted)

    def environment(self) -> dict[str, str]:
        """Environment variables that send the usual clients here, for ``monkeypatch.setenv`` or a subprocess.

        The keys in it are worthless.
        """
        return {
            "ANTHROPIC_API_KEY": "fake-anthropic-key",
            "ANTHROPIC_BASE_URL": self.url,
            "OPENAI_API_KEY": "fake-openai-key",
            "OPENAI_BASE_URL": f"{self.url}/v1",
            "OLLAMA_HOST": self.url,
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": self.url,
            "AWS_ACCESS_KEY_ID": "fake-access-key",
            "AWS_SECRET_ACCESS_KEY": "fake-secret-key",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def start(self) -> Self:
        """Begin to answer, in threads of its own."""
        self._thread = Thread(target=self._http.serve_forever, args=(0.02,), name="fake-model-server", daemon=True)
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop, at once: answers that wait are dropped, connections are closed. Twice does no harm."""
        self.closing.set()
        if self._thread is not None:
            self._http.shutdown()
            self._thread.join()
            self._thread = None
        self._http.close_connections()
        self._http.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """
        Raises:
            Exception: What the function that answers has raised, unless the block raised something itself.
        """
        self.close()
        if error is None and self.failures:
            raise self.failures[0]

    # For the handler

    def receive(self, wire: Wire, asked: Asked, path: str, headers: Mapping[str, str], body: bytes) -> Received:
        """Write a request down."""
        kept = {
            name.lower(): value if self._keep_secrets or name.lower() not in _SECRET else MASKED
            for name, value in headers.items()
        }
        with self._lock:
            received = Received(
                number=len(self._requests) + 1,
                wire=wire.name,
                path=path,
                headers=kept,
                body=json.loads(body),
                **vars(asked),
            )
            self._requests.append(received)
        return received

    def reply(self, received: Received) -> Reply:
        """What the script says.

        Raises:
            NothingScripted: Nothing.
        """
        try:
            return self._player.reply(received)
        except NothingScripted:
            with self._lock:
                self._unscripted.append(received)
            raise


class _Http(ThreadingHTTPServer):
    """Threads that end with the program, and connections that can be closed from outside."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    model: FakeModelServer

    def __init__(self, address: tuple[str, int]) -> None:
        self._connections: set[socket.socket] = set()
        super().__init__(address, Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        for connection in list(self._connections):
            with suppress(OSError):  # the client may have closed it
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone away is not worth a traceback; anything else is a mistake in this package."""
        error = sys.exception()
        if error is not None and not isinstance(error, ConnectionError):
            self.model.failures.append(error)
