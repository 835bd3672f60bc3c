"""`LanguageModel`: around a provider that asks once, all that makes an answer dependable and accounted for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import BoundedSemaphore, Lock

from aegis.domain.report import Usage
from aegis.llm.attempt import Ended, Exchange, Opened
from aegis.llm.base import Answer, Ask, Call, Question, T, total
from aegis.llm.budget import Budget, BudgetSpent
from aegis.llm.cache import Cache, Kept
from aegis.llm.circuit import Circuit
from aegis.llm.config import LlmConfig
from aegis.llm.deadline import Backoff, Deadline, OutOfTime
from aegis.llm.failures import Failure, Kind, Permanent, Rejected, Transient, Unanswered
from aegis.llm.ledger import Ledger
from aegis.llm.prices import Price
from aegis.llm.repair import Invalid, read, repairing
from aegis.llm.schema import form_of

OFFLINE = "offline"


class LanguageModel:
    """Asks questions and gives validated answers. Safe for several threads; `aegis.llm.open_model` makes one.

    Args:
        config: How patient, how much it may cost.
        opened: The provider.
        on_call: Told of each call when it ends, one at a time.
        backoff: How to wait between tries.
    """

    def __init__(
        self,
        config: LlmConfig,
        opened: Opened,
        *,
        on_call: Callable[[Call], None] | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._config = config
        self._opened = opened
        self._backoff = backoff or Backoff()
        self._ledger = Ledger(on_call)
        budget = Budget(usd=config.budget_usd, tokens=config.budget_tokens)
        self._exchange = Exchange(opened, budget, self._ledger, config.max_output_tokens)
        self._circuit = Circuit(config.give_up_after)
        self._slots = BoundedSemaphore(config.concurrency)
        self._twins: dict[str, Lock] = {}

    def __repr__(self) -> str:
        return f"LanguageModel({self.name!r})"

    @property
    def name(self) -> str:
        """As reports show it: ``anthropic/claude-haiku-4-5``, ``offline``."""
        return self._opened.name

    @property
    def is_offline(self) -> bool:
        """Whether no model was chosen, so that every question fails: use templates at once."""
        return self._opened.provider == OFFLINE

    @property
    def price(self) -> Price | None:
        """``None``: unknown."""
        return self._opened.price

    @property
    def concurrency(self) -> int:
        """How many questions are with the provider at once: more threads than that only wait."""
        return self._config.concurrency

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every call so far, in the order in which they ended."""
        return self._ledger.calls

    @property
    def usage(self) -> Usage:
        """The sum of `calls`."""
        return total(self.calls)

    def ask(self, question: Question[T]) -> Answer[T]:
        """A validated answer.

        Raises:
            Unanswered: There is none; ``kind`` says why. What was spent on it is in `calls` all the same.
            TypeError: The form of the answer is one that no model can be asked for.
        """
        ask = Ask(question.system, question.prompt, question.schema)
        form = form_of(question.schema)
        cache, opened = self._opened.cache, self._opened
        if cache is None:
            return self._asked(question, ask)
        key = Cache.key(opened.provider, opened.model, opened.base_url, ask.system, ask.prompt, form)
        # Of threads that ask the same, one asks and the others find its answer.
        with self._twins.setdefault(key, Lock()):
            found = self._remembered(question, ask, cache.find(key))
            if found is None:
                found = self._asked(question, ask)
                text = found.calls[-1].response or ""
                cache.keep(key, Kept(provider=opened.provider, model=opened.model, response=text))
            return found

    def _remembered(self, question: Question[T], ask: Ask, kept: Kept | None) -> Answer[T] | None:
        if kept is None:
            return None
        try:
            value = read(question.schema, kept.response)
        except Invalid:  # somebody wrote into the file; the answer that comes will replace it
            return None
        return Answer(value, (self._exchange.remember(question, ask, kept.response),))

    def _asked(self, question: Question[T], ask: Ask) -> Answer[T]:
        with self._slots:
            self._circuit.check()
            # `from None`: what an SDK raised may quote the key, and a traceback would show it.
            try:
                self._exchange.open()
                answer = self._persisted(question, ask)
            except (Ended, Invalid) as error:
                self._circuit.answered()
                raise self._unanswered(error) from None
            except BudgetSpent as error:
                raise self._unanswered(error) from None
            except (Failure, OutOfTime) as error:
                reason = self._unanswered(error)
                self._circuit.failed(reason, for_good=isinstance(error, Permanent))
                raise reason from None
            self._circuit.answered()
            return answer

    def _persisted(self, question: Question[T], ask: Ask) -> Answer[T]:
        """Ask until there is an answer: again after what may pass, and once more after one that is not valid."""
        deadline = Deadline(self._config.timeout)
        calls: list[Call] = []
        retries, repaired = 0, False
        while True:
            try:
                return Answer(self._exchange.once(question, ask, deadline, calls), tuple(calls))
            except Invalid as invalid:
                if repaired:
                    raise
                ask, repaired = replace(ask, prompt=repairing(question.prompt, invalid)), True
            except Transient as failure:
                retries += 1
                if retries > self._config.retries:
                    raise
                pause = self._backoff.before(retries, failure.retry_after)
                if pause >= deadline.left():
                    reason = f"{failure.reason} (no time to try again: it would wait {pause:.3g} s first)"
                    raise Transient(reason, hint=failure.hint) from failure
                self._backoff.sleep(pause)

    def _unanswered(self, error: Exception) -> Unanswered:
        """What people are told. One place makes the message, so that one place keeps secrets out of it."""
        kind = next(kind for cause, kind in _KINDS if isinstance(error, cause))
        kind = error.kind if isinstance(error, Ended) else kind
        hint = error.hint if isinstance(error, Failure | Ended) else None
        message = self._opened.without_secrets(str(error))
        return Unanswered(kind, message, where=self.name, hint=hint or _HINTS.get(kind))


_KINDS: tuple[tuple[type[Exception], Kind], ...] = (
    (Rejected, Kind.REJECTED),
    (Failure, Kind.UNAVAILABLE),
    (OutOfTime, Kind.DEADLINE),
    (BudgetSpent, Kind.BUDGET),
    (Invalid, Kind.INVALID),
    (Ended, Kind.REFUSED),
)

_HINTS = {
    Kind.DEADLINE: "Give it more time with the timeout, or choose a faster model.",
    Kind.BUDGET: "Raise the budget, or lower max_output_tokens: what a call could cost at most must fit.",
    Kind.INVALID: "It was told what is wrong and answered no better; a larger model may.",
}
