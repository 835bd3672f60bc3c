"""Answers from a script, without a network and without cost: for tests, and for trying prompts out."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from itertools import count

from aegis.llm.base import Ask, Raw, Stop
from aegis.llm.failures import Failure, Permanent, Rejected, Transient
from aegis.llm.providers import Settings
from aegis.llm.providers.wire import tool_call
from aegis.llm.schema import form_name, form_of
from aegis.llm.script import Fault, NothingScripted, Player, Reply, Request, answer_text, tokens_of

_STOPS: Mapping[Fault | None, Stop] = {Fault.REFUSAL: Stop.REFUSED, Fault.MAX_TOKENS: Stop.CUT}


class Scripted:
    """Plays ``settings.script``."""

    def __init__(self, settings: Settings) -> None:
        assert settings.script is not None, "`open_model` has looked"
        self._player = Player(settings.script)
        self._model = settings.model
        self._numbers = count(1)

    def ask(self, ask: Ask, timeout: float) -> Raw:
        request = Request(
            number=next(self._numbers),
            wire="scripted",
            model=self._model,
            system=ask.system,
            messages=(("user", ask.prompt),),
            asks_for=form_name(ask.schema),
            schema=form_of(ask.schema),
        )
        try:
            reply = self._player.reply(request)
        except NothingScripted as error:
            raise Rejected(
                str(error), hint="Add a reply to the script; `when: {}` at its end fits whatever is left."
            ) from error
        time.sleep(min(reply.seconds, timeout))
        if reply.seconds > timeout:
            raise Transient("the script took too long", maybe_billed=True)
        if reply.fault in _FAILURES:
            raise _failure(reply)
        text = answer_text(reply)
        if reply.fault is Fault.WRONG_TOOL:
            text = tool_call("no_such_tool", json.loads(text) if reply.has_json else {})
        received, written = tokens_of(request, reply)
        return Raw(text, received, written, _STOPS.get(reply.fault, Stop.DONE))


_FAILURES = {
    Fault.RATE_LIMITED: "too many requests",
    Fault.OVERLOADED: "overloaded",
    Fault.SERVER_ERROR: "internal error",
    Fault.CUT: "the connection broke",
    Fault.MALFORMED: "the reply could not be read",
    Fault.UNAUTHORIZED: "the key is not valid",
    Fault.NO_CREDIT: "the account has no credit",
    Fault.NOT_FOUND: "there is no such model",
    Fault.BAD_REQUEST: "the request is not valid",
}
_LASTING = {
    Fault.UNAUTHORIZED: Permanent,
    Fault.NO_CREDIT: Permanent,
    Fault.NOT_FOUND: Permanent,
    Fault.BAD_REQUEST: Rejected,
}
_BILLED = frozenset({Fault.CUT, Fault.MALFORMED})


def _failure(reply: Reply) -> Failure:
    assert reply.fault is not None
    reason = f"scripted: {reply.text or _FAILURES[reply.fault]}"
    if reply.fault in _LASTING:
        return _LASTING[reply.fault](reason)
    return Transient(reason, retry_after=reply.retry_after, maybe_billed=reply.fault in _BILLED)


def open_provider(settings: Settings) -> Scripted:
    return Scripted(settings)
