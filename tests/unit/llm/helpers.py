"""The question that these tests ask, and short ways to a model of each provider at a fake server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from aegis.domain.base import Frozen
from aegis.llm import LanguageModel, LlmConfig, Price, Question, Unanswered, open_model
from aegis.llm.base import Call
from aegis.llm.deadline import Backoff
from aegis.testing import FakeModelServer, Reply

SERVED = ("anthropic", "openai", "ollama", "bedrock")
"""The providers that speak over HTTP."""

GOOD = {"cause": "a late load", "confidence": 0.5}
PRICE = Price(input=1000.0, output=10_000.0)  # a tenth of a cent in, a cent out: easy to add up
SWIFT = Backoff(first=0.001, most=0.002)


class Cause(Frozen):
    cause: str
    confidence: float


QUESTION = Question("diagnose", "You are careful.", 'Why is «x» null? {"rows": [1]}', Cause, rule_id="orders_id")
GOOD_REPLY = Reply(json=GOOD, input_tokens=100, output_tokens=20)


def asking(prompt: str) -> Question[Cause]:
    return replace(QUESTION, prompt=prompt)


def served(
    server: FakeModelServer,
    provider: str = "openai",
    *,
    on_call: Callable[[Call], None] | None = None,
    backoff: Backoff = SWIFT,
    environ: Mapping[str, str] | None = None,
    **settings: Any,
) -> LanguageModel:
    """A model of ``provider`` whose service is ``server``; without a cache unless the settings name its folder."""
    given: dict[str, Any] = {"timeout": 20.0, "cache": "cache_dir" in settings, "prices": {DEFAULTS[provider]: PRICE}}
    config = LlmConfig(provider=provider, **(given | settings))
    return open_model(config, on_call=on_call, backoff=backoff, environ=environ or server.environment())


DEFAULTS = {
    "anthropic": "claude-haiku-4-5",
    "openai": "gpt-4o-mini",
    "ollama": "llama3.1",
    "bedrock": "amazon.nova-pro-v1:0",
}


def scripted(
    *replies: Reply, backoff: Backoff = SWIFT, on_call: Callable[[Call], None] | None = None, **settings: Any
) -> LanguageModel:
    """A model that plays ``replies`` without a network."""
    given: dict[str, Any] = {"script": replies, "prices": {"script": PRICE}, "timeout": 20.0}
    return open_model(LlmConfig(provider="scripted", **(given | settings)), backoff=backoff, on_call=on_call)


def unanswered(model: LanguageModel, question: Question[Any] = QUESTION) -> Unanswered:
    with pytest.raises(Unanswered) as caught:
        model.ask(question)
    return caught.value
