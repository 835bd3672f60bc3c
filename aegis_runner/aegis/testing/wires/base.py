"""What a wire is, and what the wires share."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aegis.llm.script import Fault
from aegis.testing.saying import Saying

Body = Mapping[str, Any]
Message = tuple[str, str]

PIECE = 16
"""Characters of a piece of a stream."""


@dataclass(frozen=True)
class Asked:
    """What a body asks: the fields of `Received` that each wire writes in its own way."""

    model: str
    system: str
    messages: tuple[Message, ...]
    streams: bool = False
    forced_tool: str | None = None
    asks_for: str | None = None
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Wire:
    """One protocol.

    Args:
        name: As in `When.wire`.
        path: Its paths; the group ``model`` is the model's name, where it stands there.
        read: What a body asks; may raise KeyError, TypeError or ValueError for a body that is none.
        answer: The body that says it.
        stream: The same in pieces.
        error: The body of an error, by status, message and the fault that it is, if it is scripted.
        headers: Headers of an error, by status.
        statuses: Where they are not the usual ones.
        stream_type: The content type of a stream.
    """

    name: str
    path: re.Pattern[str]
    read: Callable[[Mapping[str, str], Body], Asked]
    answer: Callable[[Saying], dict[str, Any]]
    stream: Callable[[Saying], Iterator[bytes]]
    error: Callable[[int, str, Fault | None], dict[str, Any]]
    headers: Callable[[int], dict[str, str]] = lambda _: {}
    statuses: Mapping[Fault, int] = field(default_factory=dict)
    stream_type: str = "text/event-stream"

    def status(self, fault: Fault | None) -> int | None:
        """The HTTP status of a fault, if it has one of 400 and above."""
        return None if fault is None else self.statuses.get(fault, _STATUSES.get(fault))


_STATUSES = {
    Fault.RATE_LIMITED: 429,
    Fault.OVERLOADED: 503,
    Fault.SERVER_ERROR: 500,
    Fault.UNAUTHORIZED: 401,
    Fault.NO_CREDIT: 402,
    Fault.NOT_FOUND: 404,
    Fault.BAD_REQUEST: 400,
}


def event(data: Mapping[str, Any] | str, name: str | None = None) -> bytes:
    """One server-sent event. JSON has no line breaks of its own, so that one ``data:`` line is enough."""
    line = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {line}\n\n".encode()


def pieces(text: str) -> Iterator[str]:
    """The text in parts; an empty one is one part."""
    yield from (text[start : start + PIECE] for start in range(0, len(text) or 1, PIECE))


def text_of(content: object) -> str:
    """All text in a message's content: a string, or blocks with text, results of tools, or arguments of tools."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(filter(None, map(text_of, content)))
    if isinstance(content, dict):
        for key in ("text", "content", "refusal", "output", "toolResult"):
            if key in content:
                return text_of(content[key])
        for key in ("input", "arguments", "toolUse", "json"):
            if key in content:
                return json.dumps(content[key], ensure_ascii=False)
    return ""


def titled(schema: Mapping[str, Any] | None) -> str | None:
    title = (schema or {}).get("title")
    return title if isinstance(title, str) else None
