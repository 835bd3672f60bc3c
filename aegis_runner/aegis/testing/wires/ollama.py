"""``POST /api/chat``: ``format``, tools, one JSON object per line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from aegis.testing.saying import Saying
from aegis.testing.wires.base import Asked, Body, Wire, pieces, text_of, titled


def _read(_: Mapping[str, str], body: Body) -> Asked:
    form = body.get("format")
    schema = form if isinstance(form, dict) else None
    messages = [(message["role"], text_of(message.get("content"))) for message in body["messages"]]
    return Asked(
        model=body["model"],
        system="\n".join(text for role, text in messages if role == "system"),
        messages=tuple((role, text) for role, text in messages if role != "system"),
        streams=body.get("stream") is not False,  # unlike elsewhere, it streams unless told not to
        asks_for=titled(schema),
        schema=schema,
    )


def _head(said: Saying) -> dict[str, Any]:
    return {"model": said.request.model, "created_at": "2026-01-01T00:00:00Z"}


def _end(said: Saying) -> dict[str, Any]:
    return {
        "done": True,
        "done_reason": "length" if said.stop == "max_tokens" else "stop",
        "total_duration": 1,
        "load_duration": 0,
        "prompt_eval_count": said.input_tokens,
        "prompt_eval_duration": 1,
        "eval_count": said.output_tokens,
        "eval_duration": 1,
    }


def _calls(said: Saying) -> dict[str, Any]:
    if said.tool is None:
        return {}
    return {"tool_calls": [{"function": {"name": said.tool, "arguments": said.arguments}}]}


def _answer(said: Saying) -> dict[str, Any]:
    message = {"role": "assistant", "content": said.text, **_calls(said)}
    return {**_head(said), "message": message, **_end(said)}


def _stream(said: Saying) -> Iterator[bytes]:
    def line(message: dict[str, Any], **rest: Any) -> bytes:
        body = {**_head(said), "message": {"role": "assistant", **message}, **rest}
        return f"{json.dumps(body, ensure_ascii=False)}\n".encode()

    for piece in pieces(said.text):
        yield line({"content": piece}, done=False)
    if said.tool is not None:
        yield line({"content": "", **_calls(said)}, done=False)
    yield line({"content": ""}, **_end(said))


WIRE = Wire(
    name="ollama",
    path=re.compile(r"/api/chat"),
    read=_read,
    answer=_answer,
    stream=_stream,
    error=lambda _, message, __: {"error": message},
    stream_type="application/x-ndjson",
)
