"""Numbers as people read them."""

from __future__ import annotations

from collections.abc import Sequence


def count(number: int) -> str:
    """``1,230``."""
    return f"{number:,}"


def plural(number: int, word: str, many: str | None = None) -> str:
    """``1 row``, ``1,230 rows``."""
    return f"{number:,} {plural_of(number, word, many)}"


def plural_of(number: int, word: str, many: str | None = None) -> str:
    """``row`` or ``rows``, without the number."""
    return word if number == 1 else many or word + "s"


def percent(part: float, whole: float) -> str:
    """The share as a person reads it: ``6.8%``. It never says 0% of something, nor 100% of not everything."""
    if part <= 0 or whole <= 0:
        return "0%"
    if part >= whole:
        return "100%"
    share = 100 * part / whole
    if share < 0.1:
        return "<0.1%"
    if share < 9.95:
        return f"{share:.1f}".removesuffix(".0") + "%"
    return ">99%" if share > 99 else f"{share:.0f}%"


def listed(words: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)
