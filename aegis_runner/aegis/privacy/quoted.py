"""Values that a text quotes in apostrophes, held apart while the text around them is treated as prose."""

from __future__ import annotations

from collections.abc import Sequence

from aegis.domain.privacy import MASK

# Where a value stood: no letter, digit or quote, so that nothing takes it for one. From Unicode's private use area.
_HELD = "\ue000{}\ue001"


def held_apart(text: str, values: Sequence[str]) -> str:
    """The text with a mark for each value it quotes. Longer ones first: one may be part of another."""
    for number in sorted(range(len(values)), key=lambda number: -len(values[number])):
        text = text.replace(f"'{values[number]}'", _HELD.format(number))
    return text


def put_back(text: str, treated: Sequence[str]) -> str:
    """The text with each value, as it was treated, where its mark stands: a mask needs no quotes."""
    for number, value in enumerate(treated):
        text = text.replace(_HELD.format(number), MASK if value == MASK else f"'{value}'")
    return text
