"""What models cost. Data with a date and a source, in ``prices.toml``; a price that is not there is unknown."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pydantic import Field

from aegis.domain.base import Frozen

ANY = "*"


class Price(Frozen):
    """US dollars per million tokens. ``context`` is how many tokens a question and its answer may have together.

    Discounts (for cached prompts or batches) are not in it: what is computed is an upper bound.
    """

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    context: int | None = Field(default=None, ge=1)
    as_of: dt.date | None = None
    source: str | None = None

    def cost(self, input_tokens: int, output_tokens: int) -> float:
        """US dollars."""
        return (input_tokens * self.input + output_tokens * self.output) / 1_000_000


def price_of(provider: str, model: str, overrides: Mapping[str, Price] | None = None) -> Price | None:
    """The price of ``model`` at ``provider``, or ``None``: unknown, which is not zero.

    Names match as they are written: a dated version of a model may cost something else than its family.
    """
    if overrides and model in overrides:
        return overrides[model]
    known = _known()
    return known.get((provider, model)) or known.get((provider, ANY))


@cache
def _known() -> Mapping[tuple[str, str], Price]:
    table = tomllib.loads(files("aegis.llm").joinpath("prices.toml").read_text(encoding="utf-8"))
    known: dict[tuple[str, str], Price] = {}
    for entry in table["price"]:
        provider, models = entry.pop("provider"), entry.pop("models")
        known.update(dict.fromkeys(((provider, model) for model in models), Price.model_validate(entry)))
    return known
