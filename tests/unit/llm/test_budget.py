"""A budget is checked before a call is sent, with all that is in flight."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from aegis.errors import ConfigError
from aegis.llm import Fault, Kind, Price, Reply, Unanswered, When
from aegis.llm.budget import Budget, BudgetSpent, Spend
from aegis.llm.deadline import Deadline, OutOfTime
from aegis.testing import FakeModelServer
from tests.unit.llm.helpers import GOOD, QUESTION, asking, scripted, served, unanswered

PRICE = Price(input=0, output=1_000_000)  # a dollar per token written


def reply(written: int, **fields: object) -> Reply:
    return Reply.model_validate({"json": GOOD, "input_tokens": 0, "output_tokens": written, **fields})


def test_a_call_that_could_cost_more_than_is_left_is_not_sent() -> None:
    always = reply(40, when=When())
    model = scripted(always, prices={"script": PRICE}, budget_usd=100.0, max_output_tokens=50)
    model.ask(QUESTION)
    model.ask(QUESTION)
    error = unanswered(model)
    assert error.kind is Kind.BUDGET
    assert "$20.0000 of $100.0000 are left, and the next call could cost $50.0000" in error.message
    assert model.usage.cost_usd == 80.0 and len(model.calls) == 2


def test_a_budget_in_tokens_counts_both_directions() -> None:
    model = scripted(
        Reply(json=GOOD, input_tokens=900, output_tokens=100, when=When()), budget_tokens=2400, max_output_tokens=100
    )
    for _ in range(2):
        model.ask(QUESTION)
    error = unanswered(model)
    assert error.kind is Kind.BUDGET and "400 of 2,400 tokens are left" in error.message


def test_calls_in_flight_do_not_overshoot_together() -> None:
    model = scripted(
        reply(10, seconds=0.01, when=When()),
        prices={"script": PRICE},
        budget_usd=100.0,
        max_output_tokens=10,
        concurrency=16,
    )

    def asked(number: int) -> bool:
        try:
            model.ask(asking(str(number)))
        except Unanswered as error:
            assert error.kind is Kind.BUDGET
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(asked, range(40))) == 10
    assert model.usage.cost_usd == 100.0


def test_what_others_in_flight_may_leave_is_waited_for() -> None:
    """Each could cost all there is, and costs a tenth of it: asked at once, all find room in turn."""
    model = scripted(
        reply(10, seconds=0.02, when=When()),
        prices={"script": PRICE},
        budget_usd=100.0,
        max_output_tokens=60,
        concurrency=5,
    )
    with ThreadPoolExecutor(5) as pool:
        assert len(list(pool.map(model.ask, [QUESTION] * 5))) == 5


def test_answers_that_nobody_could_use_count() -> None:
    model = scripted(
        Reply(text="?", output_tokens=40, times=9), prices={"script": PRICE}, budget_usd=95, max_output_tokens=50
    )
    assert unanswered(model).kind is Kind.INVALID
    assert unanswered(model).kind is Kind.BUDGET


def test_what_was_refused_at_the_door_does_not_count() -> None:
    model = scripted(
        *[Reply(fault=Fault.RATE_LIMITED)] * 2, reply(50), prices={"script": PRICE}, budget_usd=50, max_output_tokens=50
    )
    assert model.ask(QUESTION).usage.cost_usd == 50


def test_what_may_have_been_billed_is_held_to_have_been() -> None:
    """A connection broke: the answer may have been made. The budget takes the worst, the total only what is known."""
    model = scripted(Reply(fault=Fault.CUT), reply(50), prices={"script": PRICE}, budget_usd=70, max_output_tokens=50)
    assert unanswered(model).kind is Kind.BUDGET
    assert model.usage.cost_usd == 0.0


def test_a_budget_of_nothing_asks_nothing_and_answers_of_before_cost_nothing(tmp_path: object) -> None:
    with FakeModelServer([reply(1)]) as server:
        served(server, "openai", cache_dir=tmp_path).ask(QUESTION)
        model = served(server, "openai", cache_dir=tmp_path, budget_usd=0.0)
        assert model.ask(QUESTION).cached
        assert unanswered(model, asking("another")).kind is Kind.BUDGET
        assert len(server.requests) == 1


def test_a_model_that_costs_nothing_fits_a_budget_of_nothing() -> None:
    with FakeModelServer([reply(1)]) as server:
        assert served(server, "ollama", prices={}, budget_usd=0.0).ask(QUESTION).usage.cost_usd == 0.0


def test_a_budget_in_money_for_a_model_without_a_price_is_refused() -> None:
    with pytest.raises(ConfigError, match="the price of scripted/script is not known"):
        scripted(reply(1), prices={}, budget_usd=1.0)


def test_the_wait_for_room_ends_with_the_deadline() -> None:
    budget = Budget(tokens=10)
    with budget.call(Spend(10), Deadline(1)), pytest.raises(OutOfTime), budget.call(Spend(1), Deadline(0.05)):
        pass


def test_a_call_that_fails_without_a_bill_gives_its_room_back() -> None:
    budget = Budget(tokens=10)
    with pytest.raises(ZeroDivisionError), budget.call(Spend(10), Deadline(1)) as bill:
        bill.spent = Spend()
        raise ZeroDivisionError
    with budget.call(Spend(10), Deadline(1)):
        pass
    with pytest.raises(BudgetSpent), budget.call(Spend(1), Deadline(1)):
        pass
