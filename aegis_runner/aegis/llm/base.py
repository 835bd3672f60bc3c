"""What the rooms above see of a model (`Question`, `Answer`, `Call`), and what a provider is (`Provider`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import fsum
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from aegis.domain.base import Frozen
from aegis.domain.report import Usage

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """One thing to ask. ``node`` is the step that asks (``"diagnose"``), ``schema`` the form of the answer.

    A model sees the names and descriptions of the schema's fields: they are part of the prompt.
    """

    node: str
    system: str
    prompt: str
    schema: type[T]
    rule_id: str | None = None


class Call(Frozen):
    """One exchange with a provider, or one answer out of the cache; complete, nothing is cut short.

    ``cost_usd`` is ``None`` where the price, or what was billed, is unknown; tokens are ``None`` where no reply told
    them. ``error`` says why there is no usable answer; ``response`` may be there all the same, and was paid for.
    """

    node: str
    provider: str
    model: str
    system_prompt: str
    prompt: str
    rule_id: str | None = None
    response: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    latency_ms: float = 0.0
    cached: bool = False
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A validated answer, and every call that it took, the failed ones too."""

    value: T
    calls: tuple[Call, ...]

    @property
    def cached(self) -> bool:
        """Whether nobody had to be asked."""
        return all(call.cached for call in self.calls)

    @property
    def usage(self) -> Usage:
        return total(self.calls)


def total(calls: Iterable[Call]) -> Usage:
    """The sum of ``calls``; answers out of the cache are no calls. A call that nobody can price makes it unknown."""
    asked = [call for call in calls if not call.cached]
    costs = [call.cost_usd for call in asked if call.input_tokens is not None or call.output_tokens is not None]
    return Usage(
        calls=len(asked),
        input_tokens=sum(call.input_tokens or 0 for call in asked),
        output_tokens=sum(call.output_tokens or 0 for call in asked),
        cost_usd=None if None in costs else fsum(cost for cost in costs if cost is not None),
    )


# Inside the room


class Stop(StrEnum):
    """Why a model stopped."""

    DONE = "done"
    REFUSED = "refused"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Ask:
    """What a provider is asked: once, in one turn."""

    system: str
    prompt: str
    schema: type[BaseModel]


@dataclass(frozen=True, slots=True)
class Raw:
    """What a provider said. ``text`` should be JSON; nobody has looked yet. Tokens are ``None`` if it did not tell."""

    text: str
    input_tokens: int | None = None
    output_tokens: int | None = None
    stop: Stop = Stop.DONE


class Provider(Protocol):
    """One service that answers. It asks once: retries, prices, budget, cache and recording are `LanguageModel`'s."""

    def ask(self, ask: Ask, timeout: float) -> Raw:
        """The reply, within about ``timeout`` seconds; may be called by several threads at once.

        Raises:
            Transient: The same question may succeed a little later.
            Rejected: This question will never be answered; another one may be.
            Permanent: No question will be answered until somebody changes something.
        """
        ...
