"""What is wrong with the settings is said before anything is asked, with what to do about it."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest
from pydantic import ValidationError

from aegis.errors import ConfigError
from aegis.llm import LlmConfig, open_model
from aegis.llm.providers import PROVIDERS


def refused(environ: dict[str, str] | None = None, **settings: Any) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        open_model(LlmConfig(**settings), environ=environ or {})
    return caught.value


@pytest.mark.parametrize(
    ("name", "near"), [("antropic", "anthropic"), ("OpenAI", "openai"), ("olama", "ollama"), ("aws_bedrock", "bedrock")]
)
def test_a_provider_that_is_not_there_gets_the_nearest_name(name: str, near: str) -> None:
    error = refused(provider=name)
    assert f"did you mean {near!r}?" in str(error) and error.exit_code == 2


def test_a_provider_like_no_other_gets_the_list() -> None:
    assert refused(provider="zzz").hint == f"Providers: {', '.join(PROVIDERS)}."


@pytest.mark.parametrize("provider", [name for name, kind in PROVIDERS.items() if kind.sdk])
def test_an_sdk_that_is_not_installed_is_named_with_the_command_that_installs_it(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aegis.llm.factory.find_spec", lambda name: None)
    error = refused(provider=provider)
    assert f'pip install "aegis-dbt[{provider}]"' in str(error)


def test_every_sdk_has_an_extra_of_its_provider() -> None:
    for name, kind in PROVIDERS.items():
        assert kind.extra in (None, name)
        assert kind.sdk is None or importlib.util.find_spec(kind.sdk)


@pytest.mark.parametrize(("provider", "variable"), [("anthropic", "ANTHROPIC_API_KEY"), ("openai", "OPENAI_API_KEY")])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_key_that_is_not_set_is_asked_for_by_the_name_of_its_variable(
    provider: str, variable: str, value: str | None
) -> None:
    error = refused({} if value is None else {variable: value}, provider=provider)
    assert f"Set the environment variable {variable}." in str(error)


def test_another_server_than_the_providers_own_may_need_no_key() -> None:
    assert open_model(LlmConfig(provider="openai", base_url="http://localhost:8000/v1"), environ={}).name


def test_a_script_must_be_given_to_play_one() -> None:
    assert "has no script" in refused(provider="scripted").message


@pytest.mark.parametrize(
    "url", ["ftp://x", "http://", "http://x:port", "localhost:99999999", "http://[", "file:///etc"]
)
def test_an_address_that_is_none_is_refused_and_not_repeated(url: str) -> None:
    error = refused(provider="ollama", base_url=url)
    assert error.where == "llm.base_url" and url not in str(error).replace("http://localhost:11434", "")


def test_a_variable_with_a_wrong_address_is_named() -> None:
    assert refused({"OLLAMA_HOST": "ftp://x"}, provider="ollama").where == "OLLAMA_HOST"


def test_the_name_tells_provider_and_model_with_the_defaults_filled_in() -> None:
    keys = {"ANTHROPIC_API_KEY": "k" * 9, "OPENAI_API_KEY": "k" * 9}
    names = [open_model(LlmConfig(provider=name), environ=keys).name for name in ("anthropic", "openai", "bedrock")]
    assert names == ["anthropic/claude-haiku-4-5", "openai/gpt-4o-mini", "bedrock/amazon.nova-pro-v1:0"]


def test_the_default_models_have_prices() -> None:
    keys = {"ANTHROPIC_API_KEY": "k" * 9, "OPENAI_API_KEY": "k" * 9}
    for name in ("anthropic", "openai", "bedrock", "ollama"):
        assert open_model(LlmConfig(provider=name), environ=keys).price is not None, name


def test_a_password_in_an_address_is_in_no_repr() -> None:
    config = LlmConfig(provider="openai", base_url="http://me:hunter2-hunter2@localhost/v1")
    model = open_model(config, environ={})
    assert "hunter2" not in repr(config) + repr(model) + repr(vars(model))


@pytest.mark.parametrize(
    "wrong",
    [{"timeout": 0}, {"retries": -1}, {"concurrency": 0}, {"budget_usd": -1}, {"max_output_tokens": 0}, {"modle": "x"}],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LlmConfig(**wrong)
