"""What is set about language models: which one, how patient, how much it may cost."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from aegis.domain.base import Frozen
from aegis.llm.prices import Price
from aegis.llm.script import Replies, Request


class LlmConfig(Frozen):
    """Settings of a `LanguageModel`. Keys are no setting: they come from the provider's usual environment variable.

    Args:
        provider: A name in `aegis.llm.providers.PROVIDERS`; ``offline`` asks nobody.
        model: The provider's name of the model; its default if none.
        base_url: Another address than the provider's own: a gateway, or for ``openai`` any compatible server.
        aws_profile: For Bedrock, a profile of ``~/.aws``; boto3's own order of search if none.
        aws_region: For Bedrock; the profile's if none.
        timeout: Seconds for one question, from the moment it is sent first: retries and repair included.
        retries: How many more times a question is sent after failures that may pass.
        concurrency: How many questions are with the provider at once; more wait for their turn.
        budget_usd: What the run may cost, in US dollars.
        budget_tokens: How many tokens the run may use, input and output together.
        max_output_tokens: Where an answer is cut short. An answer that was cut is a failure.
        cache: Whether an identical question is answered from files.
        cache_dir: Where those files are; ``~/.aegis/cache/llm`` if none.
        prices: Prices by name of the model, before those in ``prices.toml``.
        give_up_after: After that many questions in a row that the provider failed to answer, no more are sent.
        script: For ``scripted``: the replies.
    """

    provider: str = "offline"
    model: str | None = None
    base_url: str | None = Field(default=None, repr=False)  # may hold a password
    aws_profile: str | None = None
    aws_region: str | None = None
    timeout: float = Field(default=60.0, gt=0)
    retries: int = Field(default=2, ge=0)
    concurrency: int = Field(default=8, ge=1)
    budget_usd: float | None = Field(default=None, ge=0)
    budget_tokens: int | None = Field(default=None, ge=0)
    max_output_tokens: int = Field(default=4096, ge=1)
    cache: bool = True
    cache_dir: Path | None = None
    prices: Mapping[str, Price] = Field(default_factory=dict)
    give_up_after: int = Field(default=3, ge=1)
    script: Replies[Request] | None = Field(default=None, repr=False)
