"""The map of the house names the rooms that are there, and no other."""

from __future__ import annotations

import re
from pathlib import Path

MAP = Path("docs/explanation/architecture.md")


def _rooms_there(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir() if (one / "__init__.py").is_file()}


def _rooms_named(text: str, heading: str) -> set[str]:
    """The names in code in the first columns of the table under a heading; the job of a room is its last column."""
    table = text.partition(heading)[2].partition("\n\n")[0]
    cells = [line.strip("|").split("|")[:-1] for line in table.splitlines() if line.startswith("|")]
    return {name for row in cells for cell in row for name in re.findall(r"`(\w+)`", cell)}


def test_the_map_has_every_room_and_no_other(root: Path) -> None:
    text = (root / MAP).read_text(encoding="utf-8")
    named = _rooms_named(text, "| storey | rooms | job |")
    assert named - {"errors"} == _rooms_there(root / "aegis_runner/aegis")


def test_the_map_has_every_wing_of_the_dbt_room(root: Path) -> None:
    text = (root / MAP).read_text(encoding="utf-8")
    assert _rooms_named(text, "| wing | job |") == _rooms_there(root / "aegis_runner/aegis/dbt")
