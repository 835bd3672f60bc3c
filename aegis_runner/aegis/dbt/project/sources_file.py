"""A sources file of the project that Aegis adds to: entries are put into its text, the rest of which stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aegis.dbt.graph.odd_names import json_as_yaml, plain_name, yaml_text
from aegis.dbt.project.settings import parse_yaml, read_yaml_mapping
from aegis.dbt.suites.files import replace_file
from aegis.errors import ConfigError

FILE = "aegis_sources.yml"
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_EMPTY = """\
# Written by `aegis compile --declare-sources`. It is yours now: edit it, move it, describe the tables.
version: 2
sources:
"""


def add_sources(path: Path, tables: Iterable[tuple[str, str]]) -> None:
    """Declare tables, given as (schema, table), in a sources file; it is made if it is not there.

    Raises:
        ConfigError: The file has a form that cannot be added to, or cannot be read or written.
    """
    text = _EMPTY
    wanted: dict[str, Any] = {"version": 2, "sources": None}
    if path.is_file():
        wanted = read_yaml_mapping(path)
        text = path.read_text(encoding="utf-8").rstrip() + "\n"
    for schema, table in tables:
        sources = wanted["sources"] = list(wanted.get("sources") or ())
        name, entry = plain_name(schema), _entry(table)
        known = next((source for source in sources if isinstance(source, dict) and source.get("name") == name), None)
        if known is None:
            # dbt puts quotes around an odd name and leaves those inside it alone.
            odd = {} if name == schema else {"quoting": {"schema": True}}
            source = {"name": name, "schema": yaml_text(_inside_quotes(schema, name)), **odd}
            sources.append({**source, "tables": [entry]})
            text += _source(source, entry)
        else:
            text = _with_table(text, sources.index(known), entry)
            known["tables"] = [*(known.get("tables") or ()), entry]
    # The text must mean what was meant: a file in another form (flow style, sources not last) is not touched.
    if _parsed(text) != wanted:
        names = ", ".join(f"{schema}.{table}" for schema, table in tables)
        raise ConfigError("has a form that Aegis does not add to", where=str(path), hint=f"Declare there: {names}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", where=str(path)) from error


def _entry(table: str) -> dict[str, Any]:
    """A table of a source: under its own name, or under a plain one that stands in for it."""
    name = plain_name(table)
    if name == table:
        return {"name": table}
    return {"name": name, "identifier": yaml_text(_inside_quotes(table, name)), "quoting": {"identifier": True}}


def _inside_quotes(real: str, name: str) -> str:
    return real if real == name else real.replace('"', '""')


def _source(source: dict[str, Any], table: dict[str, Any]) -> str:
    lines = [f"{key}: {_scalar(value)}" for key, value in source.items()]
    return "  - " + "\n    ".join(lines) + f"\n    tables:\n{_item(table, 4)}"


def _item(table: dict[str, Any], columns: int) -> str:
    """A table as an item of a list. JSON is YAML, and holds any name on one line."""
    text = f"name: {_scalar(table['name'])}" if len(table) == 1 else json_as_yaml(table)
    return f"{' ' * columns}- {text}\n"


def _scalar(value: object) -> str:
    """As people write it, where that is clear."""
    plain = isinstance(value, str) and _WORD.fullmatch(value) and _parsed(value) == value
    return str(value) if plain else json_as_yaml(value)


def _with_table(text: str, source: int, table: dict[str, Any]) -> str:
    """The text with a table more in a source: after the last line of its last one, indented as that is."""
    import yaml

    place: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    for key in ("sources", source, "tables"):
        if isinstance(key, str):
            place = next((value for name, value in place.value if name.value == key), None)
        else:
            place = place.value[key]
        if place is None or not place.value:
            return text
    last = place.value[-1].start_mark
    # As YAML counts lines.
    lines = re.split(r"(?<=[\n\x85\u2028\u2029])", text)
    dash = lines[last.line].find("-")
    end = last.line + 1
    while end < len(lines) and (_indent(lines[end]) > dash or not lines[end].strip()):
        end += 1
    while not lines[end - 1].strip():
        end -= 1
    return "".join([*lines[:end], _item(table, dash), *lines[end:]])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _parsed(text: str) -> object:
    import yaml

    try:
        return parse_yaml(text)
    except yaml.YAMLError:
        return None
