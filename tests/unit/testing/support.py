"""Requests of each service, and their clients."""

from __future__ import annotations

import http.client
import json
from typing import Any

from aegis.testing import FakeModelServer

WORDS = "Ein längerer Satz, der in mehreren Stücken kommt, mit\nZeilen und «Zeichen» 🦆."

ASKED: dict[str, Any] = {"model": "claude-x", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}

CHAT: dict[str, Any] = {
    "model": "gpt-x",
    "messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hi"}],
}

OLLAMA: dict[str, Any] = {"model": "llama", "messages": [{"role": "user", "content": "hi"}]}


def anthropic_client(anthropic: Any, server: FakeModelServer) -> Any:
    return anthropic.Anthropic(api_key="sk-x", base_url=server.url, max_retries=0)


def openai_client(openai: Any, server: FakeModelServer) -> Any:
    return openai.OpenAI(api_key="sk-x", base_url=f"{server.url}/v1", max_retries=0)


def post(server: FakeModelServer, path: str, body: object, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("POST", path, body if isinstance(body, bytes) else json.dumps(body), headers or {})
    response = connection.getresponse()
    try:
        return response.status, response.read()
    finally:
        connection.close()
