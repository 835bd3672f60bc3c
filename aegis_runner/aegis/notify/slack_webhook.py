"""Incoming webhooks of Slack: a POST of JSON, answered with 200 and ``ok``, else with a status and one word
(https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks)."""

from __future__ import annotations

import re
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from aegis.notify.message import Message
from aegis.notify.not_sent import NotSent
from aegis.notify.quiet_logs import quiet_logs

if TYPE_CHECKING:
    import httpx

#: Seconds for one answer, times that are tried, and the longest wait that a server may ask for.
TIMEOUT, TRIES, LONGEST_WAIT = 10.0, 3, 20.0
_AGAIN = frozenset({429, 500, 502, 503, 504})
_WORD = re.compile(r"[a-z_]{2,40}")
_HINTS = {
    "invalid_token": "Make a new webhook, and give that.",
    "no_service": "The webhook was removed or switched off: make a new one, and give that.",
    "channel_is_archived": "Make a webhook for another channel.",
    "channel_not_found": "Make a webhook for another channel.",
}


def post(message: Message, url: str, end: float) -> None:
    """Send it; where the server is busy, or is not there, up to three times, and no longer than until ``end`` (of the
    monotonic clock). What may have arrived is not sent again.

    Raises:
        NotSent: It was not taken.
    """
    import httpx

    with quiet_logs():
        try:
            with httpx.Client(timeout=TIMEOUT, follow_redirects=False) as client:
                _try(client, url, message.slack.encode(errors="replace"), end)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError):
            raise NotSent("the address cannot be read") from None


def _try(client: httpx.Client, url: str, body: bytes, end: float) -> None:
    import httpx

    for left in reversed(range(TRIES)):
        wait = 0.5 * 2.0 ** (TRIES - 1 - left)
        try:
            answer = client.post(url, content=body, headers={"Content-Type": "application/json; charset=utf-8"})
        except httpx.ConnectError:
            problem, again = NotSent("no connection to the server"), True
        except httpx.TimeoutException as error:
            again = isinstance(error, httpx.ConnectTimeout)
            problem = NotSent(f"no answer within {TIMEOUT:g} s")
        except httpx.HTTPError as error:
            problem, again = NotSent(f"the connection failed ({type(error).__name__})"), False
        else:
            if answer.is_success:
                return
            problem, again = _told(answer), answer.status_code in _AGAIN
            wait = _asked(answer) or wait
        if not again or not left or wait > LONGEST_WAIT or time.monotonic() + wait > end:
            raise problem
        time.sleep(wait)


def _told(answer: httpx.Response) -> NotSent:
    """The status, and Slack's word for what is wrong. Other text from the network is not shown."""
    status = answer.status_code
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "unknown status"
    word = answer.text.strip()[:60] if _WORD.fullmatch(answer.text.strip()[:60]) else ""
    asked = _asked(answer)
    wait = f", and asks to wait {asked:g} s" if asked else ""
    return NotSent(
        f"the server answered {status} ({', '.join(filter(None, [phrase, word]))}){wait}",
        _HINTS.get(word),
    )


def _asked(answer: httpx.Response) -> float | None:
    """Seconds of ``Retry-After``; its other form, a date, is not used by Slack and is passed over."""
    said = answer.headers.get("Retry-After", "")
    return float(said) if re.fullmatch(r"\d{1,6}", said) else None
