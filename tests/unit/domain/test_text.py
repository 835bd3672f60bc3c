"""Numbers and lists in sentences."""

from __future__ import annotations

import pytest

from aegis.domain.text import listed


@pytest.mark.parametrize(
    ("words", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_a_list_reads_as_people_write_it(words: list[str], text: str) -> None:
    assert listed(words) == text
