"""Sending messages to all addresses at once, within a bound of time. What fails is told, and raises nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Thread

from aegis.notify.address import Address, Way
from aegis.notify.message import Message
from aegis.notify.not_sent import NotSent

#: Seconds that all of it may take, the waits before another try included.
SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of one address, by what may be shown of it: sent, or why not, and what to do about it."""

    address: str
    problem: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        return f"no notification was sent to {self.address}: {self.problem}" + (f". {self.hint}" if self.hint else "")


def send(letters: Sequence[tuple[Message, Address]], seconds: float = SECONDS) -> tuple[Delivery, ...]:
    """What came of each message, in order. An address that does not answer costs the others nothing: each has a thread
    of its own, which is left behind when time is over and keeps no program from ending."""
    end = time.monotonic() + seconds
    found: dict[int, Delivery] = {}

    def one(number: int, message: Message, address: Address) -> None:
        found[number] = _delivered(message, address, end)

    threads = [
        Thread(target=one, args=(number, *letter), name="aegis-notify", daemon=True)
        for number, letter in enumerate(letters)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return tuple(
        found.get(number) or Delivery(address.shown, f"no answer within {seconds:g} s")
        for number, (_, address) in enumerate(letters)
    )


def _delivered(message: Message, address: Address, end: float) -> Delivery:
    try:
        _WAYS[address.way]()(message, address.url, end)
    except NotSent as error:
        return Delivery(address.shown, error.reason, error.hint)
    except Exception as error:  # of a library that was not foreseen: a notification never costs a report
        return Delivery(address.shown, f"{type(error).__name__} in the library that sends it")
    return Delivery(address.shown)


def _slack() -> Callable[[Message, str, float], None]:
    from aegis.notify.slack_webhook import post

    return post


def _apprise() -> Callable[[Message, str, float], None]:
    from aegis.notify.services import post

    return post


_WAYS: Mapping[Way, Callable[[], Callable[[Message, str, float], None]]] = {Way.SLACK: _slack, Way.APPRISE: _apprise}
