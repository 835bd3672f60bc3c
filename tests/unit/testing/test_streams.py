"""Streams: their framing, and how they break."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aegis.testing import FakeModelServer, Fault, Received, Reply
from aegis.testing.saying import saying
from aegis.testing.wires import WIRES
from aegis.testing.wires.base import Wire, event, pieces
from tests.unit.testing.support import ASKED, CHAT, WORDS, anthropic_client, openai_client, post

# Streams that break


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/chat/completions", "/v1/responses", "/api/chat"])
def test_a_stream_that_is_cut_ends_without_its_end(path: str) -> None:
    with FakeModelServer([Reply(text=WORDS, fault=Fault.CUT)]) as server, pytest.raises(http.client.IncompleteRead):
        post(server, path, {**ASKED, "input": "hi", "stream": True})


def test_the_sdks_notice_a_stream_that_is_cut_or_garbage(anthropic: Any, openai: Any) -> None:
    faults = [Reply(text=WORDS, fault=Fault.CUT), Reply(text=WORDS, fault=Fault.MALFORMED)]
    with FakeModelServer([*faults, *faults]) as server:
        for _ in faults:
            with pytest.raises(Exception), anthropic_client(anthropic, server).messages.stream(**ASKED) as stream:  # noqa: B017  # each SDK has its own
                stream.get_final_message()
        for _ in faults:
            with pytest.raises(Exception):  # noqa: B017  # each SDK has its own
                list(openai_client(openai, server).chat.completions.create(**CHAT, stream=True))


# Framing


def events_of(stream: bytes) -> Iterator[tuple[str | None, str]]:
    """Server-sent events as the standard reads them: lines, blank line ends, data lines joined."""
    name: str | None = None
    data: list[str] = []
    for line in stream.decode().split("\n"):
        if not line:
            if data:
                yield name, "\n".join(data)
            name, data = None, []
        elif line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            data.append(line.removeprefix("data: "))
        else:
            raise AssertionError(f"no line of an event stream: {line!r}")


texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]))


@given(st.lists(texts, max_size=5))
def test_events_are_read_back_as_they_were_written(said: list[str]) -> None:
    stream = b"".join(event({"text": text}, "delta") for text in said)
    assert list(events_of(stream)) == [("delta", json.dumps({"text": text}, ensure_ascii=False)) for text in said]


@given(texts)
def test_pieces_are_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text and list(pieces(text))


@pytest.mark.parametrize("wire", [wire for wire in WIRES if wire.name != "bedrock"], ids=lambda wire: wire.name)
@given(words=texts)
def test_a_stream_says_what_the_whole_answer_says(wire: Wire, words: str) -> None:
    request = Received(
        number=1, wire=wire.name, model="m", system="", messages=(("user", "hi"),), path="/", headers={}, body={}
    )
    said = saying(request, Reply(text=words))
    stream = b"".join(wire.stream(said))
    if wire.name == "ollama":
        told = "".join(json.loads(line)["message"]["content"] for line in stream.split(b"\n") if line)
    else:
        parsed = [json.loads(data) for _, data in events_of(stream) if data != "[DONE]"]
        told = "".join(map(delta_of, parsed))
    assert told == words


def delta_of(parsed: dict[str, Any]) -> str:
    if parsed.get("object") == "chat.completion.chunk":
        return str(parsed["choices"][0]["delta"].get("content", ""))
    delta = parsed.get("delta", "")
    return delta if isinstance(delta, str) else str(delta.get("text", ""))
