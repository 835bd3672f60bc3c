"""The nearest accepted spelling of a word that is not accepted."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, accepted: Iterable[str]) -> str:
    """``"; did you mean 'min_value'?"``, or nothing when no accepted word is close."""
    names = list(accepted)
    by_lower = {name.lower(): name for name in names}
    near = get_close_matches(word.lower().replace("-", "_"), list(by_lower), n=1, cutoff=0.6)
    return f"; did you mean '{by_lower[near[0]]}'?" if near else ""


def listed(names: Iterable[str], *, most: int = 40) -> str:
    """Names for a message, cut off with an ellipsis after ``most``."""
    words = list(names)
    return ", ".join(words[:most]) + (", …" if len(words) > most else "")


_WORDS: dict[object, str] = {None: "null", True: "true", False: "false"}


def _is_word(value: object) -> bool:
    return value is None or isinstance(value, bool)


def shown(value: object, *, most: int = 60) -> str:
    """A value that somebody wrote, quoted, on one line and short enough for a message."""
    text = repr(value) if isinstance(value, str) else _WORDS[value] if _is_word(value) else printable(str(value))
    return text if len(text) <= most else text[: most - 1] + "…"


def printable(text: str) -> str:
    """Text that somebody wrote, without the control characters and escape sequences that a terminal would obey."""
    return text if text.isprintable() else repr(text)[1:-1]
