"""Language models: a question with a form goes in, a validated answer comes out, and every call is accounted for.

    with a `LlmConfig`, `open_model` gives a `LanguageModel`; `LanguageModel.ask` takes a `Question`, gives an `Answer`
    or raises `Unanswered`; `LanguageModel.calls` has all that was sent and said, `LanguageModel.usage` their sum.

Knows nothing of data quality. SDKs are imported by the files of `aegis.llm.providers`, when they are used.
"""

from __future__ import annotations

from aegis.llm.base import Answer, Call, Question, total
from aegis.llm.config import LlmConfig
from aegis.llm.failures import Kind, Unanswered
from aegis.llm.model import LanguageModel
from aegis.llm.opening import open_model
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
