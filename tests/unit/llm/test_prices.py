"""Prices are data with a date and a source; what is not there is unknown."""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import date
from importlib.resources import files

from aegis.llm import Price
from aegis.llm.prices import price_of
from aegis.llm.providers import PROVIDERS


def entries() -> list[dict[str, object]]:
    table = tomllib.loads(files("aegis.llm").joinpath("prices.toml").read_text(encoding="utf-8"))
    found: list[dict[str, object]] = table["price"]
    return found


def test_every_price_has_a_date_a_source_and_a_provider_that_exists() -> None:
    for entry in entries():
        assert isinstance(entry["as_of"], date) and str(entry["source"]).startswith("https://"), entry
        assert entry["provider"] in PROVIDERS, entry


def test_no_model_has_two_prices() -> None:
    names = Counter((entry["provider"], model) for entry in entries() for model in entry["models"])  # type: ignore[attr-defined]
    assert max(names.values()) == 1


def test_a_model_that_is_not_listed_has_no_known_price() -> None:
    assert price_of("openai", "gpt-4o-mini-of-tomorrow") is None
    assert price_of("scripted", "script") is None


def test_settings_come_before_what_is_listed() -> None:
    own = Price(input=1, output=2)
    assert price_of("openai", "gpt-4o-mini", {"gpt-4o-mini": own}) == own
    assert price_of("openai", "gpt-4o-mini", {"gpt-4o": own}) != own


def test_a_model_on_ones_own_machine_costs_nothing() -> None:
    price = price_of("ollama", "whatever:7b")
    assert price is not None and price.cost(10**6, 10**6) == 0.0


def test_a_price_is_per_million_tokens() -> None:
    haiku = price_of("anthropic", "claude-haiku-4-5")
    assert haiku is not None and (haiku.cost(1_000_000, 0), haiku.cost(0, 1_000_000)) == (1.0, 5.0)
