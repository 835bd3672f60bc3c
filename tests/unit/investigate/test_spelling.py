"""Values that match nothing are held against those that they could be, and the odd side is told."""

from __future__ import annotations

import pytest
from pydantic import JsonValue

from aegis.investigate.spelling import MOST_KNOWN, Misspelt, misspelt

KNOWN = {"berlin": True, "paris": True, "Rome ": False, "order-12": True}


@pytest.mark.parametrize(
    ("odd", "found"),
    [
        (["Berlin", "paris "], Misspelt(here=2)),  # case and blanks: what matches the known one is used by other rows
        (["berlim"], Misspelt(here=1)),  # a slip
        (["rome"], Misspelt(there=1)),  # nothing matches the known one either: that is the odd one
        (["order-13"], Misspelt()),  # the next of a series is no slip
        (["madrid"], Misspelt()),
        ([], Misspelt()),
    ],
)
def test_an_odd_spelling_is_on_the_side_that_nothing_else_shares(odd: list[JsonValue], found: Misspelt) -> None:
    assert misspelt(odd, KNOWN) == found


def test_where_not_all_known_values_are_here_only_equal_ones_are_meant() -> None:
    many = {f"city {number}": True for number in range(MOST_KNOWN - 1)} | {"berlin": True}
    assert misspelt(["Berlin", "berlim"], many) == Misspelt(here=1)
