"""Addresses: which way a message takes, and what of an address may be shown.

An address is a secret: a webhook's path, a token, a password. Of a web or mail address the scheme and the host are
shown. Other services keep tokens where a host would stand (``tgram://token/chat``), so of theirs only the scheme is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit

from aegis.errors import UsageError

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30})://")
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}")
_SLACK_HOSTS = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})
_SLACK = "slack+"
_PLAIN_HOSTS = frozenset(
    {
        "http", "https", "slack+http", "slack+https", "json", "jsons", "xml", "xmls", "form", "forms", "mailto",
        "mailtos", "apprise", "apprises",
    }
)  # fmt: skip
"""Schemes whose host is a server's name and no token."""


class Way(Enum):
    """How a message goes out."""

    SLACK = "slack"
    APPRISE = "apprise"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes. ``shown`` is what may be printed; ``url`` may not."""

    way: Way
    shown: str
    url: str = field(repr=False)


def parse(text: str) -> Address:
    """An address as a user gave it: an incoming webhook of Slack (``https://hooks.slack.com/…``, or any other with
    ``slack+`` before it), else one of Apprise's.

    Raises:
        UsageError: It is no address. The message shows no more of it than may be shown.
    """
    found = _SCHEME.match(text)
    if found is None:
        raise UsageError("it has no scheme, such as https://", where="one of the addresses", hint=_HINT)
    scheme = found[1].lower()
    host, whole = _host(text)
    shown = f"{scheme}://{host}" if host and scheme in _PLAIN_HOSTS else f"{scheme}://…"
    is_slack = scheme.startswith(_SLACK) or (scheme == "https" and host in _SLACK_HOSTS)
    if (is_slack and (not host or scheme.removeprefix(_SLACK) not in ("http", "https"))) or not whole:
        raise UsageError("the address cannot be read", where=shown, hint=_HINT)
    way = Way.SLACK if is_slack else Way.APPRISE
    return Address(way=way, shown=shown, url=text[len(_SLACK) :] if scheme.startswith(_SLACK) else text)


_HINT = (
    "Give a Slack webhook (https://hooks.slack.com/…), slack+https://HOST/PATH, or an address of Apprise, such as "
    "jsons://HOST/PATH."
)


def _host(text: str) -> tuple[str, bool]:
    """The host, if it looks like one, and whether the address can be taken apart at all."""
    if not text.isprintable() or " " in text:
        return "", False
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:  # an unclosed bracket, a port that is no number
        return "", _SCHEME.match(text)[1].lower() not in _PLAIN_HOSTS  # type: ignore[index]  # the caller looked
    return (host, True) if _HOST.fullmatch(host) else ("", True)
