"""Every call is recorded, and the total is their sum."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aegis.domain.report import Usage
from aegis.llm import Fault, Reply, Unanswered, When
from aegis.llm.base import total
from aegis.testing import FakeModelServer
from tests.unit.llm.helpers import GOOD, GOOD_REPLY, PRICE, QUESTION, asking, scripted, served

ALWAYS = When()


def test_every_call_is_told_as_it_ends_and_one_at_a_time() -> None:
    told, inside = [], threading.Lock()

    def on_call(call: object) -> None:
        assert inside.acquire(blocking=False)
        time.sleep(0.001)
        told.append(call)
        inside.release()

    model = scripted(Reply(json=GOOD, when=ALWAYS), on_call=on_call, concurrency=8)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(model.ask, (asking(str(number)) for number in range(40))))
    assert tuple(told) == model.calls and len(told) == 40


def test_who_is_told_of_a_call_may_look_at_all_of_them() -> None:
    seen = []
    model = scripted(GOOD_REPLY, on_call=lambda call: seen.append(len(model.calls)))
    model.ask(QUESTION)
    assert seen == [1]


def test_who_is_told_and_fails_fails_the_question() -> None:
    def on_call(_: object) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        scripted(GOOD_REPLY, on_call=on_call).ask(QUESTION)


replies = st.builds(
    Reply,
    json=st.just(GOOD) | st.just({"cause": 3}),
    input_tokens=st.integers(0, 10**6),
    output_tokens=st.integers(0, 10**6),
    fault=st.none() | st.sampled_from([Fault.SERVER_ERROR, Fault.REFUSAL, Fault.MAX_TOKENS, Fault.CUT]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(replies, min_size=1, max_size=12))
def test_the_total_is_the_sum_of_the_calls_to_the_token(script: list[Reply]) -> None:
    """Whatever happened on the way: an answer that nobody could use was paid for."""
    model = scripted(*script, give_up_after=99, retries=1)
    for _ in script:
        with suppress(Unanswered):
            model.ask(QUESTION)
    billed = [reply for reply in script if reply.fault not in (Fault.SERVER_ERROR, Fault.CUT)]
    tokens_in = sum(reply.input_tokens or 0 for reply in billed)
    tokens_out = sum(reply.output_tokens or 0 for reply in billed)
    assert (model.usage.input_tokens, model.usage.output_tokens) == (tokens_in, tokens_out)
    assert model.usage.cost_usd == pytest.approx(PRICE.cost(tokens_in, tokens_out))
    assert model.usage == total(model.calls)


def test_the_cost_of_a_model_without_a_price_is_unknown_and_not_zero() -> None:
    model = scripted(GOOD_REPLY, prices={})
    assert model.price is None
    assert model.ask(QUESTION).usage == Usage(calls=1, input_tokens=100, output_tokens=20, cost_usd=None)


def test_secrets_are_taken_out_of_records_of_what_was_sent_and_said() -> None:
    key = "sk-0123456789"
    with FakeModelServer([Reply(json={"cause": f"the key {key}", "confidence": 1})]) as server:
        model = served(server, environ={"OPENAI_API_KEY": key, "OPENAI_BASE_URL": server.url})
        assert key in model.ask(asking(f"is {key} a key?")).value.cause
        assert key in server.requests[0].prompt
    assert key not in model.calls[0].model_dump_json()
