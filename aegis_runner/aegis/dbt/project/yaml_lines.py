"""On which line of a properties file a table or one of its columns stands."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

_LARGEST = 2_000_000
"""Bytes; a larger file is not read for a line number."""


def line_of(file: Path, table: str, column: str | None) -> int | None:
    """The line (1-based) of a column's entry, else of its table's; None where the file does not name the table.

    ``table`` is what a model, seed, snapshot or a table of a source is called there.
    """
    try:
        found = file.stat()
    except OSError:
        return None
    if found.st_size > _LARGEST:
        return None
    lines = _lines(file, found.st_mtime_ns)
    place = lines.get((table, column.lower() if column else None))
    return place if place is not None else lines.get((table, None))


@lru_cache(maxsize=64)
def _lines(file: Path, changed: int) -> dict[tuple[str, str | None], int]:
    """The lines of all tables, and of their columns in lower case. A file that is no YAML has none: dbt tells why."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError):
        return {}
    lines: dict[tuple[str, str | None], int] = {}
    for _, entries in _members(root):
        for entry in _items(entries):
            # A table of a source stands one storey below it.
            for table in [entry, *_items(_member(entry, "tables"))]:
                _take(table, lines)
    return lines


def _take(table: object, lines: dict[tuple[str, str | None], int]) -> None:
    import yaml

    name = _member(table, "name")
    if not isinstance(name, yaml.ScalarNode):
        return
    lines.setdefault((name.value, None), name.start_mark.line + 1)
    for column in _items(_member(table, "columns")):
        said = _member(column, "name")
        if isinstance(said, yaml.ScalarNode):
            lines.setdefault((name.value, said.value.lower()), said.start_mark.line + 1)


def _members(node: object) -> Iterator[tuple[object, object]]:
    import yaml

    if isinstance(node, yaml.MappingNode):
        yield from node.value


def _member(node: object, name: str) -> object:
    return next((value for key, value in _members(node) if getattr(key, "value", None) == name), None)


def _items(node: object) -> list[object]:
    import yaml

    return list(node.value) if isinstance(node, yaml.SequenceNode) else []
