"""Whether values are spellings of one another, and on which side the odd one is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

from pydantic import JsonValue

MOST_ODD, MOST_KNOWN = 50, 500
"""So many values that match nothing are held against so many that could be meant."""
CLOSE = 0.75
"""Two texts this similar (0 to 1, as `difflib` has it) are taken for spellings of one."""
_CLOSER = 0.8
"""The same where nothing says that one of them must be meant."""
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Misspelt:
    """How many values are known ones but for their spelling: those that are odd themselves, and those of which the
    known one is odd, since nothing matches that either."""

    here: int = 0
    there: int = 0


def misspelt(odd: Sequence[JsonValue], known: Mapping[str, bool]) -> Misspelt:
    """The ``odd`` texts that are ``known`` ones but for blanks, case or a slip of the pen. ``known`` says of each
    whether something matches it. Numbers in them must be the same: the next of a series is no slip."""
    matched: dict[str, bool] = {}
    for value, used in known.items():
        matched[plain(value)] = matched.get(plain(value), False) or used
    texts = list(matched)
    found = [_meant(plain(one), texts, all_known=len(known) < MOST_KNOWN) for one in odd]
    meant = [matched[one] for one in found if one is not None]
    return Misspelt(here=sum(meant), there=len(meant) - sum(meant))


def _meant(value: str, known: Sequence[str], *, all_known: bool) -> str | None:
    if value in known:
        return value
    near = get_close_matches(value, known, n=3, cutoff=_CLOSER) if all_known else []
    return next((one for one in near if _DIGITS.findall(one) == _DIGITS.findall(value)), None)


def alike(one: JsonValue, other: JsonValue) -> bool:
    """Whether two values may be spellings of one: equal but for case and blanks, or close."""
    if one is None or other is None:
        return False
    left, right = plain(one), plain(other)
    return left == right or (len(left) > 1 and SequenceMatcher(None, left, right).ratio() >= CLOSE)


def plain(value: JsonValue) -> str:
    return str(value).strip().casefold()
