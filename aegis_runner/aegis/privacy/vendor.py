"""Keys of vendors, known by their shape. The patterns are gitleaks' own, as data: ``vendor_rules.json``.

They are read and compiled when a text first looks as if it held a key: most reports have none.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from importlib.resources import files

#: No key is shorter, and each has a digit; a text without such a word is not looked at more closely.
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[\w+/=.~-]{14,}")


def without_keys(text: str, removed: str) -> str:
    """``text`` with ``removed`` where a key of a vendor stood."""
    if not any(_DIGIT.search(word) for word in _WORD.findall(text)):
        return text
    lowered = text.lower()
    rules = _rules()
    # In one plain loop: this is asked of every text.
    for place in sorted({place for keyword, places in _keywords() if keyword in lowered for place in places}):
        _, pattern, least = rules[place]
        text = _compiled(pattern).sub(_replacing(removed, least), text)
    return text


@cache
def _rules() -> tuple[tuple[tuple[str, ...], str, float], ...]:
    """Of each rule the words of which one must be there, its pattern, and the least entropy of a key (bits a sign)."""
    content = json.loads((files("aegis.privacy") / "vendor_rules.json").read_text(encoding="utf-8"))
    return tuple((tuple(rule["keywords"]), rule["regex"], rule["entropy"]) for rule in content["rules"])


@cache
def _keywords() -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Each word with the places of the rules that it is of."""
    found: dict[str, list[int]] = {}
    for place, (keywords, _, _) in enumerate(_rules()):
        for keyword in keywords:
            found.setdefault(keyword, []).append(place)
    return tuple((keyword, tuple(places)) for keyword, places in found.items())


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _replacing(removed: str, least: float) -> Callable[[re.Match[str]], str]:
    def replaced(match: re.Match[str]) -> str:
        """The key is the first group that took part, or all of it."""
        group = next((number for number in range(1, len(match.groups()) + 1) if match[number] is not None), 0)
        if not match[group] or entropy(match[group]) < least:
            return match.group()
        start, end = (place - match.start() for place in match.span(group))
        return f"{match.group()[:start]}{removed}{match.group()[end:]}"

    return replaced


def entropy(text: str) -> float:
    """Shannon's entropy of the signs of ``text``, in bits a sign (Bell System Technical Journal 27, 1948)."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)
