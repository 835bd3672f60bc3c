"""The public names are a promise: a change of the list is a decision, made by changing the list here too."""

from __future__ import annotations

from pathlib import Path

import aegis


def test_the_public_names_are_those_that_were_promised(root: Path) -> None:
    promised = (root / "tests/golden/public_names.txt").read_text(encoding="utf-8").split()
    assert list(aegis.__all__) == promised, "write the new list to tests/golden/public_names.txt, and to CHANGELOG.md"


def test_the_public_names_are_sorted_and_there() -> None:
    assert list(aegis.__all__) == sorted(aegis.__all__)
    for name in aegis.__all__:
        assert getattr(aegis, name) is not None
