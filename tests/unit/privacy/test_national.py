"""Values that a country writes in its own way: masked where they are right, left alone where a sign is wrong."""

from __future__ import annotations

import pytest

from aegis.domain.privacy import MASK
from aegis.privacy.national import without_national

PERSONAL = (
    "01 42 68 53 00",  # France
    "030/1234567",
    "138 1234 5678",  # China
    "(11) 91234-5678",  # Brazil
    "8 (495) 123-45-67",  # Russia
    "123.456.789-09",
    "RSSMRA85T10A562S",
    "AB 12 34 56 C",
    "12345678Z",
    "12345678-Z",
    "1 84 12 76 451 089 46",
    "1 84 12 2A 451 089 33",
    "1 84 12 2B 451 089 60",
    "00:1B:44:11:3A:B7",
    "00-1b-44-11-3a-b7",
    "221B Baker Street",
    "Goethestraße 12a",
    "12 rue de la Paix",
    "Calle Mayor 5",
)
HARMLESS = (
    "12345678A",
    "1 84 12 76 451 089 47",
    "1 84 12 2A 451 089 34",
    "1 84 12 2B 451 089 61",
    "01.02.2024 10:15",
    "00:1B:44:11:3A",
    "AB 12 34 56 Z",
    "12 rows of 84",
    "2024-01-02",
)


@pytest.mark.parametrize("value", PERSONAL)
def test_a_value_of_a_country_is_masked_whole(value: str) -> None:
    assert without_national(f"it is {value}, they say") == f"it is {MASK}, they say"


@pytest.mark.parametrize("value", HARMLESS)
def test_what_only_looks_like_one_stays(value: str) -> None:
    assert without_national(f"it is {value}, they say") == f"it is {value}, they say"


@pytest.mark.parametrize("word", ["born", "DOB", "d.o.b.", "date of birth", "birth date", "geboren am", "né le"])
@pytest.mark.parametrize("day", ["1985-12-10", "10.12.1985", "10 dec 1985"])
def test_a_date_of_birth_is_masked_and_its_word_stays(word: str, day: str) -> None:
    assert without_national(f"{word} {day}") == f"{word} {MASK}"


def test_a_date_that_is_no_birthday_stays_whatever_stands_before() -> None:
    assert without_national("shipped 10 dec 1985 from Bern") == "shipped 10 dec 1985 from Bern"
