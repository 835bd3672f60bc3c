"""Numbers as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aegis.domain.text import percent, plural
from aegis.report.text import cut, duration, width_of


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 10, "0%"),
        (0, 0, "0%"),
        (1, 2_000_000, "<0.1%"),
        (1, 1_000, "0.1%"),
        (1_230, 84_112, "1.5%"),
        (995, 10_000, "10%"),
        (4, 100, "4%"),
        (1_204, 1_230, "98%"),
        (1_999_999, 2_000_000, ">99%"),
        (5, 5, "100%"),
    ],
)
def test_a_share_is_told_honestly(part: int, whole: int, text: str) -> None:
    assert percent(part, whole) == text


@given(st.integers(1, 10**12), st.integers(1, 10**12))
def test_a_share_is_never_rounded_to_none_or_all(part: int, whole: int) -> None:
    text = percent(part, whole)
    assert text not in {"0%", "0.0%"}
    assert (text == "100%") == (part >= whole)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3, "0.0 s"), (-0.0, "0.0 s"), (0.612, "0.6 s"), (9.96, "10 s"), (59.7, "1 min 00 s"), (3_905, "1 h 05 min")],
)
def test_a_duration_has_the_unit_that_fits(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_counts_have_separators_and_the_right_number() -> None:
    assert (plural(1, "row"), plural(0, "row"), plural(1_230, "row")) == ("1 row", "0 rows", "1,230 rows")


@given(st.text(max_size=80), st.integers(2, 40))
def test_a_cut_text_fits(text: str, width: int) -> None:
    assert width_of(cut(text, width)) <= width
