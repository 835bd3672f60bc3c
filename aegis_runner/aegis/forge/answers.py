"""What an answer says beside its content: how long to wait, and why something was refused.

Sources: https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api (retry-after,
x-ratelimit-remaining, x-ratelimit-reset), https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/
(RateLimit-Remaining, RateLimit-Reset, Retry-After), RFC 9110 (Retry-After).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

_MESSAGES = ("message", "error_description", "error", "errors")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the text of its body, and the address of the next page, if there is one."""

    status: int
    text: str
    next_page: str | None
    headers: Mapping[str, str]


def limited(answer: Answer) -> bool:
    """Whether this is a rate limit, the primary or a secondary one, and no lack of permission."""
    if answer.status == 429:
        return True
    return answer.status == 403 and (
        "retry-after" in answer.headers
        or answer.headers.get("x-ratelimit-remaining") == "0"
        or "rate limit" in said(answer.text).lower()
    )


def asked_for(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that the server asks to wait; ``now`` is seconds since 1970."""
    after = headers.get("retry-after", "")
    if after:
        seconds = _number(after)
        if seconds is None:
            try:
                seconds = parsedate_to_datetime(after).timestamp() - now
            except ValueError:
                return None
        return max(0.0, seconds)
    for remaining, reset in (
        ("x-ratelimit-remaining", "x-ratelimit-reset"),
        ("ratelimit-remaining", "ratelimit-reset"),
    ):
        at = _number(headers.get(reset, ""))
        if headers.get(remaining) == "0" and at is not None:
            return max(0.0, at - now) + 1.0  # the reset is told in whole seconds
    return None


def said(text: str) -> str:
    """The message in the body of a refusal, as far as it has one: ``message`` and the texts of ``errors``."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(body, dict):
        return ""
    found: list[str] = []
    for name in _MESSAGES:
        value = body.get(name)
        for item in value if isinstance(value, list) else [value]:
            inner = item.get("message") if isinstance(item, dict) else item
            found += [inner] if isinstance(inner, str) else []
    return "; ".join(dict.fromkeys(found))


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
