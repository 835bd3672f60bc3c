"""``POST /v1/responses``: tools, ``text.format``, server-sent events."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from aegis.llm.script import Fault
from aegis.testing.saying import Saying
from aegis.testing.wires.base import Asked, Body, Wire, event, pieces, text_of
from aegis.testing.wires.openai_chat import error

_SYSTEM = frozenset({"system", "developer"})


def _read(_: Mapping[str, str], body: Body) -> Asked:
    tools = {tool["name"]: tool.get("parameters") for tool in body.get("tools") or () if tool["type"] == "function"}
    choice = body.get("tool_choice")
    forced = next(iter(tools), None) if choice == "required" else None
    forced = choice.get("name") if isinstance(choice, dict) else forced
    form = (body.get("text") or {}).get("format") or {}
    given = body["input"]
    items = [{"role": "user", "content": given}] if isinstance(given, str) else given
    messages = [(item.get("role", "user"), text_of(item)) for item in items]
    system = [text_of(body.get("instructions")), *(text for role, text in messages if role in _SYSTEM)]
    return Asked(
        model=body["model"],
        system="\n".join(filter(None, system)),
        messages=tuple((role, text) for role, text in messages if role not in _SYSTEM),
        streams=bool(body.get("stream")),
        forced_tool=forced,
        asks_for=forced or form.get("name"),
        schema=tools.get(forced) if forced else form.get("schema"),
    )


def _items(said: Saying) -> list[dict[str, Any]]:
    status = "incomplete" if said.stop == "max_tokens" else "completed"
    items: list[dict[str, Any]] = []
    if said.text or said.tool is None:
        part: dict[str, Any] = {"type": "output_text", "text": said.text, "annotations": []}
        if said.stop == "refusal":
            part = {"type": "refusal", "refusal": said.text}
        message = {"type": "message", "id": f"msg_{said.id}", "role": "assistant", "status": status}
        items.append({**message, "content": [part]})
    if said.tool is not None:
        call = {"type": "function_call", "id": f"fc_{said.id}", "call_id": f"call_{said.id}", "status": status}
        items.append({**call, "name": said.tool, "arguments": json.dumps(said.arguments, ensure_ascii=False)})
    return items


def _response(said: Saying, status: str, items: list[dict[str, Any]], *, ended: bool) -> dict[str, Any]:
    usage = {
        "input_tokens": said.input_tokens,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": said.output_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": said.input_tokens + said.output_tokens,
    }
    cut = {"reason": "max_output_tokens"} if status == "incomplete" else None
    return {
        "id": f"resp_{said.id}",
        "object": "response",
        "created_at": 0,
        "status": status,
        "error": None,
        "incomplete_details": cut,
        "instructions": None,
        "metadata": {},
        "model": said.request.model,
        "output": items,
        "parallel_tool_calls": False,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": usage if ended else None,
    }


def _ending(said: Saying) -> str:
    return "incomplete" if said.stop == "max_tokens" else "completed"


def _answer(said: Saying) -> dict[str, Any]:
    return _response(said, _ending(said), _items(said), ended=True)


def _stream(said: Saying) -> Iterator[bytes]:
    numbers = count()

    def told(kind: str, **fields: Any) -> bytes:
        return event({"type": kind, "sequence_number": next(numbers), **fields}, kind)

    begun = _response(said, "in_progress", [], ended=False)
    yield told("response.created", response=begun)
    yield told("response.in_progress", response=begun)
    for index, item in enumerate(_items(said)):
        place = {"output_index": index, "item_id": item["id"]}
        parts = _message_parts if item["type"] == "message" else _call_parts
        for kind, fields in parts(item):
            if kind in ("response.output_item.added", "response.output_item.done"):
                yield told(kind, output_index=index, **fields)
            else:
                yield told(kind, **place, **fields)
    yield told(f"response.{_ending(said)}", response=_answer(said))


def _message_parts(item: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    part = item["content"][0]
    field, name = ("refusal", "refusal") if part["type"] == "refusal" else ("text", "output_text")
    extra: dict[str, Any] = {"content_index": 0, **({"logprobs": []} if name == "output_text" else {})}
    yield "response.output_item.added", {"item": {**item, "status": "in_progress", "content": []}}
    yield "response.content_part.added", {"content_index": 0, "part": {**part, field: ""}}
    for piece in pieces(part[field]):
        yield f"response.{name}.delta", {**extra, "delta": piece}
    yield f"response.{name}.done", {**extra, field: part[field]}
    yield "response.content_part.done", {"content_index": 0, "part": part}
    yield "response.output_item.done", {"item": item}


def _call_parts(item: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "response.output_item.added", {"item": {**item, "status": "in_progress", "arguments": ""}}
    for piece in pieces(item["arguments"]):
        yield "response.function_call_arguments.delta", {"delta": piece}
    yield "response.function_call_arguments.done", {"name": item["name"], "arguments": item["arguments"]}
    yield "response.output_item.done", {"item": item}


WIRE = Wire(
    name="openai-responses",
    path=re.compile(r"(?:/v1)?/responses"),
    read=_read,
    answer=_answer,
    stream=_stream,
    error=error,
    statuses={Fault.NO_CREDIT: 429},
)
