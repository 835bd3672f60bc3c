"""``POST /v1/messages``: tools, ``output_config``, server-sent events."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from aegis.llm.script import Fault
from aegis.testing.saying import Saying
from aegis.testing.wires.base import Asked, Body, Wire, event, pieces, text_of, titled

_STOPS = {"end": "end_turn", "tool": "tool_use", "max_tokens": "max_tokens", "refusal": "refusal"}
_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    404: "not_found_error",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}


def _read(_: Mapping[str, str], body: Body) -> Asked:
    tools = {tool["name"]: tool.get("input_schema") for tool in body.get("tools") or ()}
    choice = body.get("tool_choice") or {}
    forced = choice.get("name") or (next(iter(tools), None) if choice.get("type") == "any" else None)
    form = ((body.get("output_config") or {}).get("format") or {}).get("schema")
    return Asked(
        model=body["model"],
        system=text_of(body.get("system")),
        messages=tuple((message["role"], text_of(message["content"])) for message in body["messages"]),
        streams=bool(body.get("stream")),
        forced_tool=forced,
        asks_for=forced or titled(form),
        schema=tools.get(forced) if forced else form,
    )


def _blocks(said: Saying) -> list[dict[str, Any]]:
    words = [{"type": "text", "text": said.text}] if said.text or said.tool is None else []
    if said.tool is None:
        return words
    return [*words, {"type": "tool_use", "id": f"toolu_{said.id}", "name": said.tool, "input": said.arguments}]


def _message(said: Saying, content: list[dict[str, Any]], stop: str | None, written: int) -> dict[str, Any]:
    return {
        "id": f"msg_{said.id}",
        "type": "message",
        "role": "assistant",
        "model": said.request.model,
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {
            "input_tokens": said.input_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": written,
        },
    }


def _answer(said: Saying) -> dict[str, Any]:
    return _message(said, _blocks(said), _STOPS[said.stop], said.output_tokens)


def _stream(said: Saying) -> Iterator[bytes]:
    def told(kind: str, **fields: Any) -> bytes:
        return event({"type": kind, **fields}, kind)

    yield told("message_start", message=_message(said, [], None, 1))
    yield told("ping")
    for index, block in enumerate(_blocks(said)):
        if block["type"] == "text":
            yield told("content_block_start", index=index, content_block={"type": "text", "text": ""})
            deltas = [{"type": "text_delta", "text": piece} for piece in pieces(block["text"])]
        else:
            yield told("content_block_start", index=index, content_block={**block, "input": {}})
            arguments = json.dumps(block["input"], ensure_ascii=False)
            deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces(arguments)]
        for delta in deltas:
            yield told("content_block_delta", index=index, delta=delta)
        yield told("content_block_stop", index=index)
    ending = {"stop_reason": _STOPS[said.stop], "stop_sequence": None}
    yield told("message_delta", delta=ending, usage={"output_tokens": said.output_tokens})
    yield told("message_stop")


def _error(status: int, message: str, _: Fault | None) -> dict[str, Any]:
    return {"type": "error", "error": {"type": _ERRORS.get(status, "api_error"), "message": message}}


WIRE = Wire(
    name="anthropic",
    path=re.compile(r"/v1/messages"),
    read=_read,
    answer=_answer,
    stream=_stream,
    error=_error,
    statuses={Fault.OVERLOADED: 529},
)
