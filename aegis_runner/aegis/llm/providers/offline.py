"""No model: nobody is asked. Rooms above write what their templates say."""

from __future__ import annotations

from typing import NoReturn

from aegis.llm.failures import Kind, Unanswered
from aegis.llm.providers import Settings


def open_provider(settings: Settings) -> NoReturn:
    """
    Raises:
        Unanswered: Always, so that there is no call to record.
    """
    raise Unanswered(
        Kind.OFFLINE, "no model was chosen", where="offline", hint="Choose a provider: anthropic, openai, …"
    )
