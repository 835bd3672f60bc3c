"""No model: nobody is asked. Rooms above write what templates say."""

from __future__ import annotations

from aegis.llm.base import Ask, Raw
from aegis.llm.failures import Kind, Unanswered
from aegis.llm.providers import Settings


class Offline:
    """Has no answer."""

    def ask(self, ask: Ask, timeout: float) -> Raw:
        raise Unanswered(Kind.OFFLINE, "no model was chosen", hint="Choose a provider: anthropic, openai, …")


def open_provider(settings: Settings) -> Offline:
    return Offline()
