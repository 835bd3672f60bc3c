"""Each provider's real SDK against a real server: what is sent, what is read, what each fault leads to."""

from __future__ import annotations

import threading
import time
import traceback
from dataclasses import replace
from typing import Any

import pytest

from aegis.llm import Call, Kind
from aegis.llm.schema import arguments_of, form_of
from aegis.testing import FakeModelServer, Fault, Reply
from tests.unit.llm.helpers import GOOD, GOOD_REPLY, PRICE, QUESTION, SERVED, Cause, served, unanswered

PASSING = (Fault.RATE_LIMITED, Fault.OVERLOADED, Fault.SERVER_ERROR, Fault.CUT, Fault.MALFORMED)
"""What another try may mend."""


def at(server: FakeModelServer, provider: str) -> dict[str, Any]:
    """Bedrock has no variable of ours for its address."""
    return {"base_url": server.url} if provider == "bedrock" else {}


@pytest.mark.parametrize("provider", SERVED)
def test_a_structured_answer_is_validated_priced_and_recorded(provider: str) -> None:
    with FakeModelServer([GOOD_REPLY]) as server:
        model = served(server, provider, **at(server, provider))
        answer = model.ask(QUESTION)
    assert answer.value == Cause(cause="a late load", confidence=0.5)
    (call,) = model.calls
    assert answer.calls == (call,)
    assert (call.node, call.rule_id, call.provider) == ("diagnose", "orders_id", provider)
    assert (call.system_prompt, call.prompt) == (QUESTION.system, QUESTION.prompt)
    assert (call.input_tokens, call.output_tokens, call.cost_usd) == (100, 20, PRICE.cost(100, 20))
    assert call.response is not None and Cause.model_validate_json(call.response) == answer.value
    assert call.error is None and not call.cached and 0 < call.latency_ms < 20_000


@pytest.mark.parametrize("provider", SERVED)
def test_what_is_sent_is_the_question_and_its_form_and_nothing_else(provider: str) -> None:
    with FakeModelServer([GOOD_REPLY]) as server:
        served(server, provider, max_output_tokens=777, **at(server, provider)).ask(QUESTION)
        (request,) = server.requests
    assert (request.system, request.messages) == (QUESTION.system, (("user", QUESTION.prompt),))
    assert request.asks_for == "Cause"
    assert request.schema == (arguments_of(Cause) if provider == "bedrock" else form_of(Cause))
    assert "777" in str(request.body)
    assert not request.streams


@pytest.mark.parametrize("provider", SERVED)
def test_without_a_system_prompt_none_is_sent(provider: str) -> None:
    with FakeModelServer([GOOD_REPLY]) as server:
        served(server, provider, **at(server, provider)).ask(replace(QUESTION, system=""))
        (request,) = server.requests
    assert "system" not in str(request.body)


@pytest.mark.parametrize("provider", SERVED)
@pytest.mark.parametrize("fault", PASSING)
def test_what_may_pass_is_tried_again_and_costs_nothing(provider: str, fault: Fault) -> None:
    with FakeModelServer([Reply(json=GOOD, fault=fault), GOOD_REPLY]) as server:
        model = served(server, provider, **at(server, provider))
        assert model.ask(QUESTION).value.cause == "a late load"
        assert len(server.requests) == 2
    failed, good = model.calls
    assert failed.error is not None and failed.response is None and failed.input_tokens is None
    assert good.error is None
    assert model.usage.cost_usd == PRICE.cost(100, 20)


@pytest.mark.parametrize("provider", SERVED)
@pytest.mark.parametrize("fault", PASSING)
def test_what_does_not_pass_is_given_up_after_the_retries_and_not_by_the_sdk(provider: str, fault: Fault) -> None:
    with FakeModelServer([Reply(json=GOOD, fault=fault, times=100)]) as server:
        model = served(server, provider, retries=2, **at(server, provider))
        assert unanswered(model).kind is Kind.UNAVAILABLE
        assert len(server.requests) == len(model.calls) == 3


@pytest.mark.parametrize("provider", SERVED)
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.UNAUTHORIZED, Kind.UNAVAILABLE),
        (Fault.NO_CREDIT, Kind.UNAVAILABLE),
        (Fault.NOT_FOUND, Kind.UNAVAILABLE),
        (Fault.BAD_REQUEST, Kind.REJECTED),
        (Fault.MAX_TOKENS, Kind.CUT_SHORT),
    ],
)
def test_what_no_repetition_mends_is_asked_once(provider: str, fault: Fault, kind: Kind) -> None:
    with FakeModelServer([Reply(json=GOOD, fault=fault, times=100)]) as server:
        error = unanswered(served(server, provider, **at(server, provider)))
        assert error.kind is kind
        assert len(server.requests) == 1
    assert error.exit_code == 4
    assert error.where is not None and error.where.startswith(provider)


@pytest.mark.parametrize("provider", ["anthropic", "openai", "bedrock"])
def test_a_refusal_is_final_and_was_paid_for(provider: str) -> None:
    with FakeModelServer([Reply(fault=Fault.REFUSAL, text="No.", input_tokens=7, output_tokens=2)]) as server:
        model = served(server, provider, **at(server, provider))
        error = unanswered(model)
        assert len(server.requests) == 1
    assert error.kind is Kind.REFUSED and "No." in error.message
    assert model.usage.cost_usd == PRICE.cost(7, 2)


@pytest.mark.parametrize("provider", SERVED)
@pytest.mark.parametrize(
    "bad",
    [Reply(text="Well, let me see…"), Reply(json={"cause": "x"}), Reply(json=GOOD, fault=Fault.WRONG_TOOL)],
    ids=["words", "a field is missing", "wrong tool"],
)
def test_an_answer_without_the_form_gets_one_repair_that_says_what_is_wrong(provider: str, bad: Reply) -> None:
    bad = bad.model_copy(update={"input_tokens": 10, "output_tokens": 5})
    with FakeModelServer([bad, GOOD_REPLY]) as server:
        model = served(server, provider, **at(server, provider))
        assert model.ask(QUESTION).value.confidence == 0.5
        first, second = server.requests
    assert second.prompt.startswith(first.prompt)
    assert "does not have the required form" in second.prompt
    wrong, good = model.calls
    assert wrong.error is not None and wrong.response is not None and good.error is None
    assert wrong.cost_usd == PRICE.cost(10, 5)
    assert model.usage.cost_usd == pytest.approx(PRICE.cost(110, 25))


@pytest.mark.parametrize("provider", SERVED)
def test_a_second_answer_without_the_form_is_the_end_and_both_were_paid_for(provider: str) -> None:
    with FakeModelServer([Reply(json={"cause": 1}, input_tokens=10, output_tokens=5, times=9)]) as server:
        model = served(server, provider, **at(server, provider))
        assert unanswered(model).kind is Kind.INVALID
        assert len(server.requests) == 2
    assert (model.usage.input_tokens, model.usage.output_tokens) == (20, 10)
    assert model.usage.cost_usd == pytest.approx(PRICE.cost(20, 10))


@pytest.mark.parametrize("provider", SERVED)
def test_fields_of_a_later_version_do_no_harm(provider: str) -> None:
    with FakeModelServer([Reply(json=GOOD, fault=Fault.EXTRA_FIELDS)]) as server:
        assert served(server, provider, **at(server, provider)).ask(QUESTION).value.confidence == 0.5


@pytest.mark.alone
@pytest.mark.parametrize("provider", SERVED)
def test_a_server_that_is_too_slow_is_waited_for_until_the_deadline_and_no_longer(provider: str) -> None:
    with FakeModelServer([Reply(json=GOOD), Reply(json=GOOD, seconds=30, times=9)]) as server:
        model = served(server, provider, timeout=0.4, **at(server, provider))
        warm(server, provider)
        model._exchange.open()
        begun = time.monotonic()
        error = unanswered(model)
        assert time.monotonic() - begun < 1.5
    assert error.kind is Kind.DEADLINE
    assert model.calls[-1].error == "no answer within 0.4 s"


def warm(server: FakeModelServer, provider: str) -> None:
    """Use up the first reply, so that imports are done before time is measured."""
    served(server, provider, **at(server, provider)).ask(QUESTION)


@pytest.mark.parametrize("provider", SERVED)
def test_a_service_that_is_not_there_is_said_to_be(provider: str) -> None:
    server = FakeModelServer([GOOD_REPLY])
    server.close()
    model = served(server, provider, retries=1, **at(server, provider))
    error = unanswered(model)
    assert error.kind is Kind.UNAVAILABLE
    assert len(model.calls) == 2
    assert provider != "ollama" or "ollama serve" in str(error)


@pytest.mark.parametrize("provider", SERVED)
def test_a_key_stands_in_no_error_no_record_and_no_repr(provider: str) -> None:
    key = "sk-very-secret-0123456789"
    told = Reply(fault=Fault.UNAUTHORIZED, text=f"Incorrect key provided: {key}")
    environ = {"ANTHROPIC_API_KEY": key, "OPENAI_API_KEY": key, "OLLAMA_API_KEY": key, "AWS_SESSION_TOKEN": key}
    calls: list[Call] = []
    with FakeModelServer([told]) as server:
        model = served(server, provider, base_url=server.url, environ=environ, on_call=calls.append)
        error = unanswered(model)
    shown = "".join(traceback.format_exception(error))
    assert key not in shown + str(error) + repr(error) + repr(model) + repr(vars(model)) + repr(model.calls) + repr(
        calls
    )
    assert "Incorrect key provided" in str(error)


@pytest.mark.parametrize("provider", ["anthropic", "openai"])
def test_the_key_is_sent_as_the_service_wants_it(provider: str) -> None:
    with FakeModelServer([GOOD_REPLY], keep_secrets=True) as server:
        environ = {"ANTHROPIC_API_KEY": "sk-1", "OPENAI_API_KEY": "sk-1"}
        served(server, provider, base_url=server.url, environ=environ).ask(QUESTION)
        assert server.requests[0].headers["authorization"] == "Bearer sk-1"


@pytest.mark.parametrize("provider", ["anthropic", "openai", "ollama"])
def test_a_bill_that_was_not_paid_is_no_reason_to_wait(provider: str) -> None:
    with FakeModelServer([Reply(fault=Fault.NO_CREDIT, text="Pay."), GOOD_REPLY]) as server:
        model = served(server, provider)
        assert "Check the account: it has no credit." in str(unanswered(model))
        unanswered(model)
        assert len(server.requests) == 1


def test_a_bill_that_anthropic_calls_a_bad_request_is_one_all_the_same() -> None:
    told = Reply(fault=Fault.BAD_REQUEST, text="Your credit balance is too low to access the API.")
    with FakeModelServer([told, GOOD_REPLY]) as server:
        model = served(server, "anthropic")
        assert "Check the account" in str(unanswered(model)) and "Check the account" in str(unanswered(model))
        assert len(server.requests) == 1


def test_a_long_prompt_gets_a_context_at_ollama_that_holds_it() -> None:
    from tests.unit.llm.helpers import asking

    with FakeModelServer([GOOD_REPLY, GOOD_REPLY]) as server:
        model = served(server, "ollama", max_output_tokens=1000)
        model.ask(QUESTION)
        model.ask(asking("é" * 30_000))
        small, large = (request.body["options"]["num_ctx"] for request in server.requests)
    assert small == 4096
    assert large == 32_768


def test_no_thread_of_ours_is_left_when_answers_have_come() -> None:
    with FakeModelServer([GOOD_REPLY]) as server:
        served(server, "ollama").ask(QUESTION)
    assert not [thread for thread in threading.enumerate() if thread.name == "aegis-llm"]


def test_a_model_from_bedrock_needs_a_region_and_a_profile_that_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    from aegis.llm import LlmConfig, Unanswered, open_model

    with pytest.raises(Unanswered, match="no_such_profile"):
        open_model(LlmConfig(provider="bedrock", aws_profile="no_such_profile", cache=False)).ask(QUESTION)
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(Unanswered, match="region"):
        open_model(LlmConfig(provider="bedrock", cache=False)).ask(QUESTION)
