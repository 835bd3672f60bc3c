"""Whether values that match nothing are known ones, spelt otherwise, and on which side the odd spelling is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

MOST_ODD, MOST_KNOWN = 50, 500
"""So many values that match nothing are held against so many that could be meant."""
_CLOSE = 0.8
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Misspelt:
    """How many values are known ones but for their spelling: those that are odd themselves, and those of which the
    known one is odd, since nothing matches that either."""

    here: int = 0
    there: int = 0


def misspelt(odd: Sequence[object], known: Mapping[str, bool]) -> Misspelt:
    """The ``odd`` texts that are ``known`` ones but for blanks, case or a slip of the pen. ``known`` says of each
    whether something matches it. Numbers in them must be the same: the next of a series is no slip."""
    matched: dict[str, bool] = {}
    for value, used in known.items():
        matched[_plain(value)] = matched.get(_plain(value), False) or used
    texts = list(matched)
    found = [_meant(_plain(one), texts, all_known=len(known) < MOST_KNOWN) for one in odd]
    meant = [matched[one] for one in found if one is not None]
    return Misspelt(here=sum(meant), there=len(meant) - sum(meant))


def _plain(value: object) -> str:
    return str(value).strip().casefold()


def _meant(value: str, known: Sequence[str], *, all_known: bool) -> str | None:
    if value in known:
        return value
    near = get_close_matches(value, known, n=3, cutoff=_CLOSE) if all_known else []
    return next((one for one in near if _DIGITS.findall(one) == _DIGITS.findall(value)), None)
