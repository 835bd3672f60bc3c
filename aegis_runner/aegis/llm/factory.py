"""From settings to a `LanguageModel`: what is wrong with them is said before anything is asked."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from urllib.parse import urlsplit

from aegis.errors import ConfigError
from aegis.llm.attempt import Opened
from aegis.llm.base import Call
from aegis.llm.cache import Cache, default_folder
from aegis.llm.config import LlmConfig
from aegis.llm.deadline import Backoff
from aegis.llm.model import LanguageModel
from aegis.llm.prices import price_of
from aegis.llm.providers import PROVIDERS, Kind, Settings, open_provider

_NO_KEY = "none"
"""What is sent to another server than the provider's own when there is no key: many ask for none, SDKs ask for one."""


def open_model(
    config: LlmConfig | None = None,
    *,
    on_call: Callable[[Call], None] | None = None,
    environ: Mapping[str, str] = os.environ,
    backoff: Backoff | None = None,
) -> LanguageModel:
    """The model that ``config`` describes; nothing is imported or sent before the first question.

    Args:
        config: Settings; without any, the model is ``offline``.
        on_call: Told of every call when it ends, one at a time.
        environ: Where keys are.
        backoff: How to wait between tries.

    Raises:
        ConfigError: Unknown provider, SDK or key missing, or a budget in money for a model whose price is unknown.
    """
    config = config or LlmConfig()
    kind = _kind(config.provider)
    _check_sdk(config.provider, kind)
    base_url = _base_url(config, kind, environ)
    key = _key(config.provider, kind, base_url, environ)
    if config.provider == "scripted" and config.script is None:
        raise ConfigError("the provider 'scripted' has no script", where="llm.script", hint="Give replies to play.")
    settings = Settings(
        model=config.model or kind.model,
        max_output_tokens=config.max_output_tokens,
        timeout=config.timeout,
        concurrency=config.concurrency,
        base_url=base_url,
        api_key=key,
        aws_profile=config.aws_profile,
        aws_region=config.aws_region,
        script=config.script,
    )
    opened = Opened(
        provider=config.provider,
        model=settings.model,
        open=lambda: open_provider(config.provider, settings),
        base_url=base_url,
        price=price_of(config.provider, settings.model, config.prices),
        cache=Cache(config.cache_dir or default_folder()) if config.cache and kind.cached else None,
        secrets=_secrets(kind, key, base_url, environ),
    )
    _check_budget(config, opened)
    return LanguageModel(config, opened, on_call=on_call, backoff=backoff)


def _kind(provider: str) -> Kind:
    if provider not in PROVIDERS:
        near = difflib.get_close_matches(provider.lower(), PROVIDERS, n=1, cutoff=0.5)
        guess = f"did you mean {near[0]!r}? " if near else ""
        raise ConfigError(
            f"there is no model provider {provider!r}",
            where="llm.provider",
            hint=f"{guess}Providers: {', '.join(PROVIDERS)}.",
        )
    return PROVIDERS[provider]


def _check_sdk(provider: str, kind: Kind) -> None:
    if kind.sdk is not None and find_spec(kind.sdk) is None:
        raise ConfigError(
            f"the provider {provider!r} needs the Python package {kind.sdk!r}, which is not installed",
            where="llm.provider",
            hint=f'pip install "aegis-dbt[{kind.extra}]"',
        )


def _base_url(config: LlmConfig, kind: Kind, environ: Mapping[str, str]) -> str | None:
    """Without a slash at its end, and with a scheme: Ollama's own variable has none."""
    given = config.base_url or (environ.get(kind.url) if kind.url else None)
    if not given:
        return None
    url = (given if "://" in given else f"http://{given}").rstrip("/")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        # The address is not shown: there may be a password in it.
        where = "llm.base_url" if config.base_url else kind.url
        raise ConfigError("is not an HTTP address", where=where, hint="For example http://localhost:11434.")
    return url


def _key(provider: str, kind: Kind, base_url: str | None, environ: Mapping[str, str]) -> str | None:
    if kind.key is None:
        return None
    key = environ.get(kind.key, "").strip()
    if key or not kind.needs_key:
        return key or None
    if base_url:
        return _NO_KEY
    raise ConfigError(
        f"there is no key for the provider {provider!r}",
        where="llm.provider",
        hint=f"Set the environment variable {kind.key}.",
    )


def _secrets(kind: Kind, key: str | None, base_url: str | None, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The longest first: one may be a part of another. Too short ones would take out what is no secret."""
    found = {environ.get(name, "").strip() for name in kind.secrets} | {key or "", _password(base_url)}
    return tuple(sorted((secret for secret in found if len(secret) > len(_NO_KEY)), key=len, reverse=True))


def _password(base_url: str | None) -> str:
    return (urlsplit(base_url).password or "") if base_url else ""


def _check_budget(config: LlmConfig, opened: Opened) -> None:
    if config.budget_usd is not None and opened.price is None and config.provider != "offline":
        raise ConfigError(
            f"a budget in dollars cannot be kept: the price of {opened.name} is not known",
            where="llm.budget_usd",
            hint="Give its price (llm.prices), or a budget in tokens (llm.budget_tokens).",
        )
