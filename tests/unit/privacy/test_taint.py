"""A value that was masked in one place is masked wherever else it is told."""

from __future__ import annotations

from typing import Any

import pytest

from aegis.domain.privacy import MASK
from aegis.privacy.taint import changed, leaves, taint_remover


@pytest.mark.parametrize(
    ("before", "after", "pairs"),
    [
        ("Jane", MASK, [("Jane", MASK)]),
        (1234567, MASK, [("1234567", MASK)]),
        (1.5, 1.5, [("1.5", "1.5")]),
        (True, True, []),
        (None, None, []),
        (["Jane", [7, "Doe"]], [MASK, [7, "Doe"]], [("Jane", MASK), ("7", "7"), ("Doe", "Doe")]),
        ({"a": "Jane", "b": {"c": 7}}, {"a": MASK, "b": {"c": 7}}, [("Jane", MASK), ("7", "7")]),
        (["Jane"], MASK, []),
    ],
)
def test_each_scalar_stands_beside_what_became_of_it(before: Any, after: Any, pairs: list[tuple[str, Any]]) -> None:
    assert list(leaves(before, after)) == pairs


@pytest.mark.parametrize(("before", "after"), [(["a", "b"], ["a"]), ({"a": "x"}, {"a": "x", "b": "y"})])
def test_values_of_another_build_are_no_pair(before: Any, after: Any) -> None:
    with pytest.raises(ValueError, match="zip"):
        list(leaves(before, after))


@pytest.mark.parametrize(
    ("value", "telling"),
    [
        ("Jan", True),
        ("Ja", False),
        ("  a  ", False),
        ("12345", False),
        ("123456", True),
        (12345, False),
        (123456, True),
    ],
)
def test_words_and_numbers_that_are_common_are_not_looked_for(value: Any, telling: bool) -> None:
    assert changed([value], lambda _: MASK) == (frozenset({str(value)}) if telling else frozenset())


def test_what_was_left_as_it_is_is_not_looked_for() -> None:
    assert changed(["Jane", ["Doe"]], lambda value: value) == frozenset()


def test_a_value_is_masked_as_a_whole_word_and_the_longest_first() -> None:
    remove = taint_remover(["Jane", "Jane Doe", "a.b"])
    assert remove("Jane Doe and Jane, not Janet; a.b, not axb") == f"{MASK} and {MASK}, not Janet; {MASK}, not axb"
