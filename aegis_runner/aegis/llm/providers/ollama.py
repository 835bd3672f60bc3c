"""Ollama, over plain HTTP: any model on one's own machine, or on another."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

from pydantic import ValidationError

from aegis.llm.base import Ask, Raw, Stop
from aegis.llm.failures import Transient
from aegis.llm.providers import Settings
from aegis.llm.providers.wire import Lenient, chat_messages, failed, read_reply, tool_call
from aegis.llm.schema import form_of

DEFAULT_URL = "http://localhost:11434"
_CONTEXT = 4096
"""What Ollama takes by itself; of a longer prompt it silently forgets the beginning."""


class _Function(Lenient):
    name: str = ""
    arguments: object = None


class _Call(Lenient):
    function: _Function = _Function()


class _Message(Lenient):
    content: str = ""
    tool_calls: tuple[_Call, ...] | None = None


class _Reply(Lenient):
    message: _Message
    done_reason: str | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None


class _Error(Lenient):
    error: str


class Ollama:
    """Asks ``/api/chat`` with ``format``, a schema that the model cannot leave."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        parts = urlsplit(settings.base_url or DEFAULT_URL)
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname or "localhost", parts.port or (443 if self._secure else 11434)
        self._path = f"{parts.path}/api/chat"
        self._key = settings.api_key

    def ask(self, ask: Ask, timeout: float) -> Raw:
        body = {
            "model": self._settings.model,
            "messages": chat_messages(ask),
            "format": form_of(ask.schema),
            "stream": False,
            "options": {
                "temperature": 0,
                "num_predict": self._settings.max_output_tokens,
                "num_ctx": self._context(ask),
            },
        }
        status, headers, answer = self._post(json.dumps(body).encode(), timeout)
        if status >= 400:
            hint = f"Is it there? `ollama pull {self._settings.model}`" if status == 404 else None
            raise failed(status, _message(answer), headers, hint=hint)
        return _raw(read_reply(_Reply, answer))

    def _post(self, body: bytes, timeout: float) -> tuple[int, dict[str, str], bytes]:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=timeout)
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {self._key}"} if self._key else {})
        try:
            connection.request("POST", self._path, body, headers)
            response = connection.getresponse()
            return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        except ConnectionRefusedError as error:
            address = f"{self._host}:{self._port}"
            hint = "Is it running? `ollama serve`"
            raise Transient(f"nothing listens at {address}", hint=hint) from error
        except (OSError, http.client.HTTPException) as error:
            raise Transient(f"no reply: {error or type(error).__name__}", maybe_billed=True) from error
        finally:
            connection.close()

    def _context(self, ask: Ask) -> int:
        """Room for the prompt and the answer, as a power of two: each other size makes Ollama load the model anew."""
        needed = (len(ask.system.encode()) + len(ask.prompt.encode())) // 3 + 256 + self._settings.max_output_tokens
        return max(_CONTEXT, 1 << (needed - 1).bit_length())


def _message(answer: bytes) -> str:
    try:
        return _Error.model_validate_json(answer).error
    except ValidationError:
        return answer.decode(errors="replace")


def _raw(reply: _Reply) -> Raw:
    calls = [tool_call(call.function.name, call.function.arguments) for call in reply.message.tool_calls or ()]
    return Raw(
        text=reply.message.content or "\n".join(calls),
        input_tokens=reply.prompt_eval_count,
        output_tokens=reply.eval_count,
        stop=Stop.CUT if reply.done_reason == "length" else Stop.DONE,
    )


def open_provider(settings: Settings) -> Ollama:
    return Ollama(settings)
