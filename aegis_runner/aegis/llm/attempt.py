"""One exchange with a provider: room in the budget, an end to the wait, a price, a record."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from aegis.errors import AegisError
from aegis.llm.base import Ask, Call, Provider, Question, Raw, Stop, T
from aegis.llm.budget import Budget, Spend
from aegis.llm.cache import Cache
from aegis.llm.deadline import Deadline, within
from aegis.llm.failures import Failure, Kind, Permanent, Unanswered
from aegis.llm.ledger import Ledger
from aegis.llm.prices import Price
from aegis.llm.repair import read
from aegis.llm.schema import form_of

REMOVED = "«secret»"
UNFORESEEN = (OSError, ValueError, TypeError, LookupError, RuntimeError)
"""What an SDK raises that its file did not foresee: of a key that is no header, an address that is no name. (What a
test's own script asserts is left alone.)"""
GRACE = 1.0


@dataclass(frozen=True, slots=True)
class Opened:
    """A provider, ready to be opened. ``open`` is called when the first question is sent: it imports an SDK.

    ``model`` is empty where there is no choice. ``secrets`` stand in no error and in no `Call`.
    """

    provider: str
    model: str
    open: Callable[[], Provider]
    base_url: str | None = field(default=None, repr=False)
    price: Price | None = None
    cache: Cache | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        return f"{self.provider}/{self.model}" if self.model else self.provider

    def without_secrets(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, REMOVED)
        return text


class Ended(Exception):
    """A reply came, but the model declined (``REFUSED``) or did not come to an end (``CUT_SHORT``)."""

    def __init__(self, kind: Kind, reason: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.hint = hint


class Exchange:
    """Sends questions, once each time, and records what came of it. Safe for several threads."""

    def __init__(self, opened: Opened, budget: Budget, ledger: Ledger, max_output_tokens: int) -> None:
        self._opened = opened
        self._budget = budget
        self._ledger = ledger
        self._max_output_tokens = max_output_tokens
        self._provider: Provider | None = None
        self._opening = Lock()

    def open(self) -> None:
        """Open the provider, if nobody has; outside of any deadline, for it imports an SDK."""
        with self._opening:
            try:
                self._provider = self._provider or self._opened.open()
            except Unanswered:
                raise
            except AegisError as error:
                raise Permanent(error.message, hint=error.hint) from None
            except UNFORESEEN as error:
                raise Permanent(f"{type(error).__name__}: {error}") from None

    def once(self, question: Question[T], ask: Ask, deadline: Deadline, calls: list[Call]) -> T:
        """The answer to ``ask``, which is ``question`` or its repair. The record is added to ``calls``, whatever comes.

        Raises:
            Failure: No reply came.
            OutOfTime: None came in time.
            BudgetSpent: It was not sent.
            Ended: A reply came that is no answer.
            Invalid: A reply came that does not have the form.
        """
        raw: Raw | None = None
        error: BaseException | None = None
        with self._budget.call(self._most(ask), deadline) as bill:
            started = time.monotonic()
            try:
                raw = self._reply(ask, deadline)
                bill.spent = self._spent(raw) or bill.spent
                return self._value(question, raw)
            except BaseException as failure:  # on record, then raised again
                if isinstance(failure, Failure) and not failure.maybe_billed:
                    bill.spent = Spend()
                error = failure
                raise
            finally:
                took = (time.monotonic() - started) * 1000
                calls.append(self._record(question, ask, raw, self._cost(raw), error=error, latency_ms=took))

    def remember(self, question: Question[T], ask: Ask, response: str) -> Call:
        """The record of an answer out of the cache."""
        return self._record(question, ask, Raw(response, 0, 0), 0.0, cached=True)

    def _reply(self, ask: Ask, deadline: Deadline) -> Raw:
        assert self._provider is not None, "open() comes first"
        provider = self._provider
        # A second more, so that whose time is over is told here, in one way for all; the thread ends soon after.
        try:
            return within(deadline, lambda: provider.ask(ask, deadline.left() + GRACE))
        except UNFORESEEN as error:
            raise Permanent(f"{type(error).__name__}: {error}", maybe_billed=True) from None

    def _value(self, question: Question[T], raw: Raw) -> T:
        if raw.stop is Stop.REFUSED:
            raise Ended(Kind.REFUSED, f"the model declined to answer: {raw.text[:200] or 'it gave no reason'}")
        if raw.stop is Stop.CUT:
            reason = f"the answer was cut short at {self._max_output_tokens:,} tokens"
            raise Ended(Kind.CUT_SHORT, reason, "Allow more with max_output_tokens.")
        return read(question.schema, raw.text)

    def _most(self, ask: Ask) -> Spend:
        """What a call comes to at most: a token per three bytes is more than text has, and services add words."""
        sent = sum(len(part.encode(errors="replace")) for part in (ask.system, ask.prompt, str(form_of(ask.schema))))
        received, written = sent // 3 + 300, self._max_output_tokens
        price = self._opened.price
        return Spend(received + written, price.cost(received, written) if price else 0.0)

    def _spent(self, raw: Raw) -> Spend | None:
        """``None``: the provider did not tell."""
        if raw.input_tokens is None and raw.output_tokens is None:
            return None
        return Spend((raw.input_tokens or 0) + (raw.output_tokens or 0), self._cost(raw) or 0.0)

    def _cost(self, raw: Raw | None) -> float | None:
        price = self._opened.price
        if price is None or raw is None or (raw.input_tokens is None and raw.output_tokens is None):
            return None
        return price.cost(raw.input_tokens or 0, raw.output_tokens or 0)

    def _record(
        self,
        question: Question[T],
        ask: Ask,
        raw: Raw | None,
        cost_usd: float | None,
        *,
        error: BaseException | None = None,
        latency_ms: float = 0.0,
        cached: bool = False,
    ) -> Call:
        clean = self._opened.without_secrets
        call = Call(
            node=question.node,
            rule_id=question.rule_id,
            provider=self._opened.provider,
            model=self._opened.model,
            system_prompt=clean(ask.system),
            prompt=clean(ask.prompt),
            response=None if raw is None else clean(raw.text),
            input_tokens=None if raw is None else raw.input_tokens,
            output_tokens=None if raw is None else raw.output_tokens,
            cost_usd=cost_usd,
            latency_ms=latency_ms,
            cached=cached,
            error=None if error is None else clean(str(error) or type(error).__name__),
        )
        self._ledger.record(call)
        return call
