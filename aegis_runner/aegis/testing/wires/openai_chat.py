"""``POST /v1/chat/completions``: tools, ``response_format``, server-sent events."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from aegis.llm.script import Fault
from aegis.testing.saying import Saying
from aegis.testing.wires.base import Asked, Body, Wire, event, pieces, text_of

_STOPS = {"end": "stop", "tool": "tool_calls", "max_tokens": "length", "refusal": "stop"}
_SYSTEM = frozenset({"system", "developer"})
_ERRORS = {
    401: ("invalid_request_error", "invalid_api_key"),
    404: ("invalid_request_error", "model_not_found"),
    429: ("requests", "rate_limit_exceeded"),
    500: ("server_error", None),
    503: ("server_error", None),
}


def _read(_: Mapping[str, str], body: Body) -> Asked:
    tools = {tool["function"]["name"]: tool["function"].get("parameters") for tool in body.get("tools") or ()}
    choice = body.get("tool_choice")
    forced = next(iter(tools), None) if choice == "required" else None
    forced = choice["function"]["name"] if isinstance(choice, dict) else forced
    form = (body.get("response_format") or {}).get("json_schema") or {}
    messages = [(message["role"], _text(message)) for message in body["messages"]]
    return Asked(
        model=body["model"],
        system="\n".join(text for role, text in messages if role in _SYSTEM),
        messages=tuple((role, text) for role, text in messages if role not in _SYSTEM),
        streams=bool(body.get("stream")),
        forced_tool=forced,
        asks_for=forced or form.get("name"),
        schema=tools.get(forced) if forced else form.get("schema"),
    )


def _text(message: Mapping[str, Any]) -> str:
    calls = [text_of(call["function"]) for call in message.get("tool_calls") or ()]
    return "\n".join(filter(None, (text_of(message.get("content")), *calls)))


def _message(said: Saying) -> dict[str, Any]:
    refused = said.stop == "refusal"
    message: dict[str, Any] = {
        "role": "assistant",
        "content": None if refused or (said.tool and not said.text) else said.text,
        "refusal": said.text if refused else None,
    }
    if said.tool is not None:
        arguments = json.dumps(said.arguments, ensure_ascii=False)
        function = {"name": said.tool, "arguments": arguments}
        message["tool_calls"] = [{"id": f"call_{said.id}", "type": "function", "function": function}]
    return message


def _envelope(said: Saying, kind: str, **fields: Any) -> dict[str, Any]:
    return {"id": f"chatcmpl-{said.id}", "object": kind, "created": 0, "model": said.request.model, **fields}


def _usage(said: Saying) -> dict[str, int]:
    return {
        "prompt_tokens": said.input_tokens,
        "completion_tokens": said.output_tokens,
        "total_tokens": said.input_tokens + said.output_tokens,
    }


def _answer(said: Saying) -> dict[str, Any]:
    choice = {"index": 0, "message": _message(said), "logprobs": None, "finish_reason": _STOPS[said.stop]}
    return _envelope(said, "chat.completion", choices=[choice], usage=_usage(said))


def _deltas(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    for field in ("content", "refusal"):
        if message[field]:
            yield from ({field: piece} for piece in pieces(message[field]))
    for call in message.get("tool_calls", ()):
        function = call["function"]
        yield {"tool_calls": [{**call, "index": 0, "function": {**function, "arguments": ""}}]}
        for piece in pieces(function["arguments"]):
            yield {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}


def _stream(said: Saying) -> Iterator[bytes]:
    def chunk(delta: dict[str, Any], stop: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": stop}
        return event(_envelope(said, "chat.completion.chunk", choices=[choice]))

    yield from map(chunk, _deltas(_message(said)))
    yield chunk({}, _STOPS[said.stop])
    if (said.request.body.get("stream_options") or {}).get("include_usage"):
        yield event(_envelope(said, "chat.completion.chunk", choices=[], usage=_usage(said)))
    yield event("[DONE]")


def error(status: int, message: str, fault: Fault | None) -> dict[str, Any]:
    kind, code = _ERRORS.get(status, ("invalid_request_error", None))
    if fault is Fault.NO_CREDIT:
        kind = code = "insufficient_quota"
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


WIRE = Wire(
    name="openai-chat",
    path=re.compile(r"(?:/v1)?/chat/completions"),
    read=_read,
    answer=_answer,
    stream=_stream,
    error=error,
    statuses={Fault.NO_CREDIT: 429},  # as too many requests; only the code tells them apart
)
