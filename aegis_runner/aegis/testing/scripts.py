"""Scripts in YAML files, with the line of each mistake."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from aegis.errors import ConfigError
from aegis.llm.script import Location, Script, parse_script


def load_script(path: str | Path) -> Script:
    """The script in a YAML (or JSON) file: ``replies:`` and a list, or the list alone.

    Raises:
        ConfigError: The file cannot be read, is no YAML, or no script; says the line and the field.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"the script cannot be read: {reason}", where=str(path), hint="Name a YAML file.") from error
    return parse_yaml(text, str(path))


def parse_yaml(text: str, where: str) -> Script:
    """The script in YAML text; ``where`` stands in messages.

    Raises:
        ConfigError: It is none.
    """
    try:
        lines = dict(_lines(yaml.compose(text, Loader=yaml.SafeLoader), ()))
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # a date that is none is a ValueError
        mark = getattr(error, "problem_mark", None)
        place = where if mark is None else f"{where}:{mark.line + 1}"
        problem = getattr(error, "problem", None) or str(error)
        raise ConfigError(f"is not YAML: {problem}", where=place, hint="Quote what has a colon in it.") from error
    return parse_script(data, where, lambda location: _nearest(lines, location))


def _lines(node: yaml.Node | None, place: Location) -> Iterator[tuple[Location, int]]:
    """The line (from 1) of each value, by its place."""
    if node is None:
        return
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, str(key.value))
            yield from _lines(value, inner)
            yield inner, key.start_mark.line + 1  # the line of its name, which a block may stand below
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _lines(value, (*place, index))


def _nearest(lines: dict[Location, int], location: Location) -> int | None:
    """Of a field that is missing, the line of what lacks it."""
    while location and location not in lines:
        location = location[:-1]
    return lines.get(location)
