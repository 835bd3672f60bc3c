"""Values that are personal by their shape."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aegis.domain.privacy import MASK
from aegis.privacy.shapes import is_card, is_free_text, mask, masked, without_shapes

PERSONAL = [
    "jane@x.org",
    "jané.o'neil+tag@mail.example.co.uk",
    "+49 30 1234567",
    "+1 (555) 123-4567",
    "555-123-4567",
    "(555) 123-4567",
    "4111 1111 1111 1111",
    "378282246310005",
    "DE89370400440532013000",
    "GB29 NWBK 6016 1331 9268 19",
    "gb29nwbk60161331926819",
    "078-05-1120",
    "192.168.0.17",
    "2001:db8::ff00:42:8329",
]
HARMLESS = [
    "1,230 of 84,112 rows (1.5%)",
    "2013-01-01 05:00:00",
    "2026-11-20T02:00:41+00:00",
    "dbt 1.12.0",
    "duckdb 1.5.6",
    "order 4111111111111112",
    "1234567890",
    "1234567890123456789",
    "DE00370400440532013000",
    "a::int",
    "12:30:45",
    "300.400.500.600",
    "N12345",
    "3f2c1d9a",
    "5f0c3a52-9a3e-4c1b-8d7e-111111111111",
    "rules/orders.yml:14",
    "min -3, max 100",
    "@macro",
]


@pytest.mark.parametrize("value", PERSONAL)
@pytest.mark.parametrize("text", ["{}", "it is {}.", "({})", "a={}, b", "'{}'", '"{}"'])
def test_a_personal_value_is_masked_wherever_it_stands(value: str, text: str) -> None:
    treated = without_shapes(text.format(value))
    assert value not in treated
    assert not any(len(part) > 2 and part in treated for part in value.replace("@", " ").split() if part.isalnum())


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert without_shapes(text) == text


@pytest.mark.parametrize("number", ["4111111111111111", "5555555555554444", "6011111111111117", "30569309025904"])
def test_a_card_number_passes_its_check_and_no_neighbour_does(number: str) -> None:
    assert is_card(number)
    assert not is_card(f"{int(number) + 1}")


@pytest.mark.parametrize("text", ["٤١١١١١١١١١١١١١١١", "4111-1111-1111-111x", "4111", "9999999999999995"])
def test_what_no_issuer_gives_out_is_no_card(text: str) -> None:
    assert not is_card(text)


@pytest.mark.parametrize(("text", "free"), [
    ("x" * 40, False), ("x" * 41, True), ("two words", True), ("12 34", False), ("2026-01-01 10:00", False),
    ("word", False),
])  # fmt: skip
def test_free_text_is_more_than_a_word_a_number_or_a_time(text: str, free: bool) -> None:
    assert is_free_text(text) is free


def test_a_mask_is_of_one_width_and_tells_nothing() -> None:
    values = ["Jane.Doe@x.org", "x", "x" * 41, 12345, -1.5, True, MASK]
    assert {masked(value) for value in values} == {MASK}
    assert (masked(None), masked(""), masked("  ")) == (None, "", "  ")


@given(st.text())
def test_a_mask_of_a_mask_is_the_same_mask(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@given(st.text(max_size=300))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    assert without_shapes(without_shapes(text)) == without_shapes(text)


@pytest.mark.alone
@pytest.mark.parametrize("text", ["a" * 100_000, "1 " * 50_000, "1-" * 50_000, "@" * 100_000, "a@" * 50_000,
                                  "1." * 50_000, ":" * 100_000, "DE89" * 25_000, "+1 " * 33_000])  # fmt: skip
def test_no_text_makes_it_slow(text: str) -> None:
    start = time.process_time()
    without_shapes(text)
    assert time.process_time() - start < 1
