"""``POST /model/{id}/converse`` of AWS Bedrock: ``toolConfig``. Its streams have a framing of their own and are not
spoken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from aegis.llm.script import Fault
from aegis.testing.saying import Saying
from aegis.testing.wires.base import Asked, Body, Wire, text_of

_STOPS = {"end": "end_turn", "tool": "tool_use", "max_tokens": "max_tokens", "refusal": "content_filtered"}
_ERRORS = {
    400: "ValidationException",
    402: "AccessDeniedException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    429: "ThrottlingException",
    500: "InternalServerException",
    503: "ServiceUnavailableException",
}


def _read(path: Mapping[str, str], body: Body) -> Asked:
    config = body.get("toolConfig") or {}
    tools = {tool["toolSpec"]["name"]: tool["toolSpec"]["inputSchema"].get("json") for tool in config.get("tools", ())}
    choice = config.get("toolChoice") or {}
    forced = next(iter(tools), None) if "any" in choice else (choice.get("tool") or {}).get("name")
    return Asked(
        model=unquote(path["model"]),
        system=text_of(body.get("system")),
        messages=tuple((message["role"], text_of(message["content"])) for message in body["messages"]),
        forced_tool=forced,
        asks_for=forced,
        schema=tools.get(forced) if forced else None,
    )


def _answer(said: Saying) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"text": said.text}] if said.text or said.tool is None else []
    if said.tool is not None:
        content.append({"toolUse": {"toolUseId": f"tooluse_{said.id}", "name": said.tool, "input": said.arguments}})
    total = said.input_tokens + said.output_tokens
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": _STOPS[said.stop],
        "usage": {"inputTokens": said.input_tokens, "outputTokens": said.output_tokens, "totalTokens": total},
        "metrics": {"latencyMs": 1},
    }


def _stream(said: Saying) -> Iterator[bytes]:
    raise NotImplementedError("converse-stream has a path of its own, which the server does not serve")


WIRE = Wire(
    name="bedrock",
    path=re.compile(r"/model/(?P<model>[^/]+)/converse"),
    read=_read,
    answer=_answer,
    stream=_stream,
    error=lambda _, message, __: {"message": message},
    headers=lambda status: {"x-amzn-errortype": _ERRORS.get(status, "InternalServerException")},
    statuses={Fault.UNAUTHORIZED: 403},
)
