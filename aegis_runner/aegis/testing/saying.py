"""What a reply comes to for the request that it answers, before any wire gives it its form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import JsonValue

from aegis.llm.script import Fault, Reply, Request, answer_text, tokens_of

WRONG_TOOL = "no_such_tool"

Stop = Literal["end", "tool", "max_tokens", "refusal"]


@dataclass(frozen=True, kw_only=True)
class Received(Request):
    """A request as the server got it.

    ``headers`` have names in lower case; values that are secret are masked unless the server keeps them. ``body`` is
    the parsed JSON. ``forced_tool`` is the tool that must be called, ``streams`` whether the answer comes in pieces.
    """

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    streams: bool = False
    forced_tool: str | None = None


@dataclass(frozen=True)
class Saying:
    """What is said: words, or a call of ``tool`` with ``arguments``; why it ends, and how many tokens it took."""

    request: Received
    text: str
    tool: str | None
    arguments: JsonValue
    stop: Stop
    input_tokens: int
    output_tokens: int

    @property
    def id(self) -> str:
        """The same for the same request, so that what tests see does not change from run to run."""
        return f"fake_{self.request.number:06d}"


def saying(request: Received, reply: Reply) -> Saying:
    received, written = tokens_of(request, reply)
    tool = _tool(request, reply)
    words = answer_text(reply) if tool is None else reply.text or ""
    # Half of a tool's arguments is no JSON; services that cut there give what they have, which is nothing.
    arguments: JsonValue = {} if reply.fault is Fault.MAX_TOKENS or not reply.has_json else reply.answer
    return Saying(request, words, tool, arguments, _stop(reply, tool), received, written)


def _tool(request: Received, reply: Reply) -> str | None:
    if reply.fault is Fault.WRONG_TOOL:
        return WRONG_TOOL
    if reply.fault is Fault.REFUSAL or not reply.has_json:
        return None
    return reply.tool or request.forced_tool


def _stop(reply: Reply, tool: str | None) -> Stop:
    faults: dict[Fault | None, Stop] = {Fault.MAX_TOKENS: "max_tokens", Fault.REFUSAL: "refusal"}
    return faults.get(reply.fault, "tool" if tool else "end")
