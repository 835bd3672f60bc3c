"""Sixteen-colour styling that follows the reader's own terminal theme."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from aegis.domain.severity import Severity

_CODES = MappingProxyType(
    {
        "bold": "1",
        "dim": "2",
        "good": "32",
        "error": "1;35",
        "note": "33",
        Severity.CRITICAL: "1;31",
        Severity.HIGH: "31",
        Severity.MEDIUM: "33",
        Severity.LOW: "36",
        Severity.INFO: "34",
    }
)

#: (text, style) → text with the style's escapes, or unchanged.
Paint = Callable[[str, str], str]


def painter(color: bool) -> Paint:
    """A `Paint`; one that changes nothing unless ``color``. Paint after measuring and cutting, never before."""
    return _painted if color else _plain


def _painted(text: str, style: str) -> str:
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if text else text


def _plain(text: str, style: str) -> str:
    return text
