"""The wires that the server speaks: one file each, in `WIRES`."""

from __future__ import annotations

from aegis.testing.wires import anthropic, bedrock, ollama, openai_chat, openai_responses
from aegis.testing.wires.base import Wire

WIRES: tuple[Wire, ...] = (
    anthropic.WIRE,
    openai_chat.WIRE,
    openai_responses.WIRE,
    ollama.WIRE,
    bedrock.WIRE,
)
