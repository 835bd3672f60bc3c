"""The services' own clients are satisfied with the server: whole answers and streams, words, forms and tools."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel

from aegis.testing import FakeModelServer, Fault, Reply
from tests.unit.testing.support import ASKED, CHAT, OLLAMA, WORDS, anthropic_client, openai_client, post

TOOL = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
ARGUMENTS = {"path": "models/«orders».sql", "deep": [1, {"x": None}]}


class Cause(BaseModel):
    cause: str


# Anthropic

READ: dict[str, Any] = {"name": "read", "description": "Reads.", "input_schema": TOOL}


def test_anthropic_says_words(anthropic: Any) -> None:
    with FakeModelServer([Reply(text=WORDS, input_tokens=5, output_tokens=3)]) as server:
        message = anthropic_client(anthropic, server).messages.create(**ASKED, system="be brief")
        (request,) = server.requests
    assert message.content[0].text == WORDS
    assert (message.stop_reason, message.usage.input_tokens, message.usage.output_tokens) == ("end_turn", 5, 3)
    assert (request.wire, request.model, request.system, request.prompt) == ("anthropic", "claude-x", "be brief", "hi")


def test_anthropic_streams_words_and_a_tool(anthropic: Any) -> None:
    reply = Reply(text=WORDS, tool="read", json=ARGUMENTS, input_tokens=5, output_tokens=33)
    with FakeModelServer([reply]) as server:
        with anthropic_client(anthropic, server).messages.stream(**ASKED, tools=[READ]) as stream:
            seen = "".join(stream.text_stream)
            message = stream.get_final_message()
        assert server.requests[0].streams
    assert seen == message.content[0].text == WORDS
    assert (message.content[1].name, message.content[1].input) == ("read", ARGUMENTS)
    assert (message.stop_reason, message.usage.input_tokens, message.usage.output_tokens) == ("tool_use", 5, 33)


def test_anthropic_calls_the_tool_that_it_must(anthropic: Any) -> None:
    for choice in ({"type": "tool", "name": "read"}, {"type": "any"}):
        with FakeModelServer([Reply(json=ARGUMENTS)]) as server:
            message = anthropic_client(anthropic, server).messages.create(**ASKED, tools=[READ], tool_choice=choice)
            assert (server.requests[0].asks_for, server.requests[0].schema) == ("read", TOOL)
        assert [(block.type, block.name, block.input) for block in message.content] == [("tool_use", "read", ARGUMENTS)]


def test_anthropic_parses_a_form(anthropic: Any) -> None:
    with FakeModelServer([Reply(json={"cause": "late"})]) as server:
        message = anthropic_client(anthropic, server).messages.parse(**ASKED, output_format=Cause)
        assert server.requests[0].asks_for == "Cause"
    assert message.parsed_output == Cause(cause="late")


def test_anthropic_knows_its_errors(anthropic: Any) -> None:
    expected = {
        Fault.RATE_LIMITED: anthropic.RateLimitError,
        Fault.OVERLOADED: anthropic.OverloadedError,
        Fault.SERVER_ERROR: anthropic.InternalServerError,
        Fault.UNAUTHORIZED: anthropic.AuthenticationError,
        Fault.NO_CREDIT: anthropic.PaymentRequiredError,
        Fault.NOT_FOUND: anthropic.NotFoundError,
        Fault.BAD_REQUEST: anthropic.BadRequestError,
    }
    with FakeModelServer([Reply(fault=fault, text="why") for fault in expected]) as server:
        for fault, kind in expected.items():
            with pytest.raises(kind) as caught:
                anthropic_client(anthropic, server).messages.create(**ASKED)
            assert caught.value.api_message == "why", fault
            assert caught.value.type.endswith("_error")


def test_the_sdks_own_retries_obey_retry_after(anthropic: Any) -> None:
    """What the server says reaches those who believe it: not only our own code."""
    with FakeModelServer([Reply(fault=Fault.RATE_LIMITED, retry_after=0.01), Reply(text="a")]) as server:
        client = anthropic.Anthropic(api_key="sk-x", base_url=server.url, max_retries=1)
        assert client.messages.create(**ASKED).content[0].text == "a"
        assert len(server.requests) == 2


# OpenAI

FUNCTION: dict[str, Any] = {"type": "function", "function": {"name": "read", "parameters": TOOL}}


def test_openai_chat_says_words(openai: Any) -> None:
    with FakeModelServer([Reply(text=WORDS, input_tokens=5, output_tokens=3)]) as server:
        completion = openai_client(openai, server).chat.completions.create(**CHAT)
        (request,) = server.requests
    assert completion.choices[0].message.content == WORDS
    assert (completion.choices[0].finish_reason, completion.usage.total_tokens) == ("stop", 8)
    assert (request.wire, request.model, request.system, request.prompt) == ("openai-chat", "gpt-x", "be brief", "hi")


def test_openai_chat_streams_words_and_a_tool(openai: Any) -> None:
    reply = Reply(text=WORDS, tool="read", json=ARGUMENTS, input_tokens=5, output_tokens=33)
    with (
        FakeModelServer([reply]) as server,
        openai_client(openai, server).chat.completions.stream(
            **CHAT, tools=[FUNCTION], stream_options={"include_usage": True}
        ) as stream,
    ):
        for _ in stream:
            pass
        completion = stream.get_final_completion()
    message = completion.choices[0].message
    assert message.content == WORDS
    assert message.tool_calls[0].function.name == "read"
    assert json.loads(message.tool_calls[0].function.arguments) == ARGUMENTS
    assert (completion.choices[0].finish_reason, completion.usage.completion_tokens) == ("tool_calls", 33)


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "read"}}])
def test_openai_chat_calls_the_tool_that_it_must(openai: Any, choice: Any) -> None:
    with FakeModelServer([Reply(json=ARGUMENTS)]) as server:
        client = openai_client(openai, server)
        message = client.chat.completions.create(**CHAT, tools=[FUNCTION], tool_choice=choice).choices[0].message
    assert message.content is None and message.tool_calls[0].function.name == "read"


def test_openai_chat_parses_a_form_and_a_refusal(openai: Any) -> None:
    with FakeModelServer([Reply(json={"cause": "late"}), Reply(fault=Fault.REFUSAL, text="no")]) as server:
        client = openai_client(openai, server)
        first, second = (client.chat.completions.parse(**CHAT, response_format=Cause) for _ in range(2))
        assert server.requests[0].asks_for == "Cause"
    assert first.choices[0].message.parsed == Cause(cause="late")
    assert (second.choices[0].message.parsed, second.choices[0].message.refusal) == (None, "no")


def test_openai_responses_say_words_and_parse_a_form(openai: Any) -> None:
    with FakeModelServer([Reply(text=WORDS, output_tokens=3), Reply(json={"cause": "late"})]) as server:
        client = openai_client(openai, server)
        words = client.responses.create(model="gpt-x", instructions="be brief", input="hi")
        form = client.responses.parse(
            model="gpt-x",
            input=[{"role": "developer", "content": "d"}, {"role": "user", "content": "hi"}],
            text_format=Cause,
        )
        first, second = server.requests
    assert (words.output_text, words.status, words.usage.output_tokens) == (WORDS, "completed", 3)
    assert form.output_parsed == Cause(cause="late")
    assert (first.wire, first.system, first.prompt) == ("openai-responses", "be brief", "hi")
    assert (second.asks_for, second.system, second.prompt) == ("Cause", "d", "hi")


def test_openai_responses_stream_words_and_a_tool(openai: Any) -> None:
    tool = {"type": "function", "name": "read", "parameters": TOOL}
    reply = Reply(text=WORDS, tool="read", json=ARGUMENTS, input_tokens=5, output_tokens=33)
    with FakeModelServer([reply]) as server:
        asked = openai_client(openai, server).responses.stream(model="gpt-x", input="hi", tools=[tool])
        with asked as stream:
            deltas = [happened.delta for happened in stream if happened.type == "response.output_text.delta"]
            response = stream.get_final_response()
    assert "".join(deltas) == response.output_text == WORDS
    assert (response.output[1].name, json.loads(response.output[1].arguments)) == ("read", ARGUMENTS)
    assert response.usage.total_tokens == 38


def test_openai_responses_tell_a_refusal_and_a_cut_in_their_own_way(openai: Any) -> None:
    faults = [Reply(fault=Fault.REFUSAL, text="no"), Reply(fault=Fault.MAX_TOKENS, text="half of it")]
    with FakeModelServer([*faults, *faults]) as server:
        client = openai_client(openai, server)
        refused, cut = (client.responses.create(model="gpt-x", input="hi") for _ in range(2))
        for _ in range(2):
            with client.responses.stream(model="gpt-x", input="hi") as stream:
                last = list(stream)[-1]
    assert refused.output[0].content[0].refusal == "no"
    assert (cut.status, cut.incomplete_details.reason, cut.output_text) == ("incomplete", "max_output_tokens", "half ")
    assert last.type == "response.incomplete"


@pytest.mark.parametrize("path", ["/v1", ""])
def test_openai_finds_the_server_with_and_without_a_version(openai: Any, path: str) -> None:
    with FakeModelServer([Reply(text="a")]) as server:
        client = openai.OpenAI(api_key="sk-x", base_url=server.url + path, max_retries=0)
        assert client.chat.completions.create(**CHAT).choices[0].message.content == "a"


# Ollama


def test_ollama_streams_lines_unless_told_not_to() -> None:
    with FakeModelServer([Reply(text=WORDS, output_tokens=4), Reply(text=WORDS, output_tokens=4)]) as server:
        _, streamed = post(server, "/api/chat", OLLAMA)
        _, whole = post(server, "/api/chat", {**OLLAMA, "stream": False})
    lines = [json.loads(line) for line in streamed.splitlines()]
    assert "".join(line["message"]["content"] for line in lines) == json.loads(whole)["message"]["content"] == WORDS
    assert [line["done"] for line in lines] == [False] * (len(lines) - 1) + [True]
    assert lines[-1]["eval_count"] == json.loads(whole)["eval_count"] == 4


def test_ollama_streams_the_call_of_a_tool() -> None:
    with FakeModelServer([Reply(tool="read", json=ARGUMENTS)]) as server:
        lines = [json.loads(line) for line in post(server, "/api/chat", OLLAMA)[1].splitlines()]
    calls = [call["function"] for line in lines for call in line["message"].get("tool_calls", ())]
    assert calls == [{"name": "read", "arguments": ARGUMENTS}]
