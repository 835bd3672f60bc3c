"""Services that answer: one file each, and a line in `PROVIDERS`. A file is imported when its provider is opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import MappingProxyType

from aegis.llm.base import Provider
from aegis.llm.script import Replies, Request


@dataclass(frozen=True, slots=True)
class Settings:
    """What a provider is opened with: every default filled in, the key read."""

    model: str
    max_output_tokens: int
    timeout: float
    concurrency: int
    base_url: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    aws_profile: str | None = None
    aws_region: str | None = None
    script: Replies[Request] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Kind:
    """What must be known of a provider before it is opened.

    Args:
        model: The default.
        sdk: The module that must be installed, and the extra of ``aegis-dbt`` that brings it; one name for both if
            they are the same.
        key: The environment variable of the key.
        needs_key: Whether there must be one. With another base URL than the provider's own none is needed.
        url: The environment variable of the base URL.
        secrets: More environment variables whose values must not be told.
        cached: Whether answers are worth keeping.
    """

    model: str = ""
    sdk: str | None = None
    extra: str | None = None
    key: str | None = None
    needs_key: bool = True
    url: str | None = None
    secrets: tuple[str, ...] = ()
    cached: bool = True


PROVIDERS: Mapping[str, Kind] = MappingProxyType(
    {
        "anthropic": Kind(
            "claude-haiku-4-5",
            sdk="anthropic",
            extra="anthropic",
            key="ANTHROPIC_API_KEY",
            url="ANTHROPIC_BASE_URL",
            secrets=("ANTHROPIC_AUTH_TOKEN",),
        ),
        "openai": Kind("gpt-4o-mini", sdk="openai", extra="openai", key="OPENAI_API_KEY", url="OPENAI_BASE_URL"),
        "ollama": Kind("llama3.1", key="OLLAMA_API_KEY", needs_key=False, url="OLLAMA_HOST"),
        "bedrock": Kind(
            "amazon.nova-pro-v1:0",
            sdk="boto3",
            extra="bedrock",
            secrets=("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK"),
        ),
        "scripted": Kind("script", cached=False),
        "offline": Kind(cached=False),
    }
)


def open_provider(name: str, settings: Settings) -> Provider:
    """The provider ``name``, one of `PROVIDERS`; imports its SDK."""
    provider: Provider = import_module(f"{__name__}.{name}").open_provider(settings)
    return provider
