"""Values that were masked in one place, so that they are masked wherever else they are told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from pydantic import JsonValue

from aegis.privacy.shapes import shape

#: Shorter words and numbers are too common to be taken for the value.
MIN_WORD = 3
MIN_DIGITS = 6


def leaves(before: JsonValue, after: JsonValue) -> Iterable[tuple[str, JsonValue]]:
    """Pairs of a scalar as text and what became of it, for two values of the same build."""
    if isinstance(before, list) and isinstance(after, list):
        for old, new in zip(before, after, strict=True):
            yield from leaves(old, new)
    elif isinstance(before, dict) and isinstance(after, dict):
        for old, new in zip(before.values(), after.values(), strict=True):
            yield from leaves(old, new)
    elif isinstance(before, str):
        yield before, after
    elif isinstance(before, int | float) and not isinstance(before, bool):
        yield str(before), after if isinstance(after, str) else str(after)


def changed(values: Iterable[JsonValue], treat: Callable[[JsonValue], JsonValue]) -> frozenset[str]:
    """The scalars among ``values`` that ``treat`` masks, and that are long enough to be looked for."""
    return frozenset(
        old for value in values for old, new in leaves(value, treat(value)) if old != new and _is_telling(old)
    )


def _is_telling(text: str) -> bool:
    digits = sum(char.isdigit() for char in text)
    return digits >= MIN_DIGITS if digits == len(text) else len(text.strip()) >= MIN_WORD


def taint_remover(values: Iterable[str]) -> Callable[[str], str]:
    """A function that masks ``values`` in a text where they stand as whole words."""
    ordered = sorted(set(values), key=len, reverse=True)
    known = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, ordered)) + r")(?!\w)")
    return lambda text: known.sub(lambda match: shape(match.group()), text)
