"""How much is masked, measured on a list of our own."""

from __future__ import annotations

import pytest

from tools.privacy_measure import BEGIN, END, PAGE, Line, measured, page, share


@pytest.fixture
def figures() -> dict[str, list[Line]]:
    return measured()


@pytest.mark.parametrize(("section", "least"), [("personal", 0.95), ("secrets", 1.0)])
def test_what_must_not_be_seen_is_masked(figures: dict[str, list[Line]], section: str, least: float) -> None:
    assert share(figures[section]) >= least, [line for line in figures[section] if line.wrong]


@pytest.mark.parametrize(("section", "most"), [("ordinary", 0.02), ("harmless", 0.0)])
def test_ordinary_text_stays_readable(figures: dict[str, list[Line]], section: str, most: float) -> None:
    assert share(figures[section]) <= most, [line for line in figures[section] if line.wrong]


def test_the_documentation_has_these_figures(figures: dict[str, list[Line]]) -> None:
    written = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    assert written.strip() == page(figures), "python -m tools.privacy_measure writes them anew"
