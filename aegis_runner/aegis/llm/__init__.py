"""Language models: a question with a form goes in, a validated answer comes out, and every call is accounted for.

    model = open_model(LlmConfig(provider="anthropic", budget_usd=0.50))
    answer = model.ask(Question("diagnose", system, prompt, Diagnosis))    # or raises `Unanswered`
    answer.value, answer.usage, model.calls, model.usage

Knows nothing of data quality. An SDK is imported by the file of its provider, when the first question is sent.
"""

from __future__ import annotations

from aegis.llm.base import Answer, Call, Question, total
from aegis.llm.config import LlmConfig
from aegis.llm.factory import open_model
from aegis.llm.failures import Kind, Unanswered
from aegis.llm.model import LanguageModel
from aegis.llm.prices import Price
from aegis.llm.script import Fault, Reply, Script, When

__all__ = [
    "Answer",
    "Call",
    "Fault",
    "Kind",
    "LanguageModel",
    "LlmConfig",
    "Price",
    "Question",
    "Reply",
    "Script",
    "Unanswered",
    "When",
    "open_model",
    "total",
]
