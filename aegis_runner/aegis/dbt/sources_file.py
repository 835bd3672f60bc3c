"""A sources file of the project that Aegis adds to: entries are put into its text, the rest of which stays as it is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aegis.dbt.project import parse_yaml, read_yaml_mapping
from aegis.dbt.suite_files import replace_file
from aegis.errors import ConfigError

FILE = "aegis_sources.yml"
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
        known = next((source for source in sources if isinstance(source, dict) and source.get("name") == schema), None)
        if known is None:
            entry = {"name": schema, "schema": schema, "tables": [{"name": table}]}
            sources.append(entry)
            text += _indented([entry], 2)
        else:
            text = _with_table(text, sources.index(known), table)
            known["tables"] = [*(known.get("tables") or ()), {"name": table}]
    # The text must mean what was meant: a file in another form (flow style, sources not last) is not touched.
    if _parsed(text) != wanted:
        names = ", ".join(f"{schema}.{table}" for schema, table in tables)
        raise ConfigError("has a form that Aegis does not add to", where=str(path), hint=f"Declare there: {names}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", where=str(path)) from error


def _with_table(text: str, source: int, table: str) -> str:
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
    lines = text.splitlines(keepends=True)
    dash = lines[last.line].find("-")
    end = last.line + 1
    while end < len(lines) and (_indent(lines[end]) > dash or not lines[end].strip()):
        end += 1
    while not lines[end - 1].strip():
        end -= 1
    return "".join([*lines[:end], _indented([{"name": table}], dash), *lines[end:]])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _indented(entries: list[dict[str, Any]], columns: int) -> str:
    import yaml

    text = yaml.safe_dump(entries, sort_keys=False, allow_unicode=True)
    return "".join(f"{' ' * columns}{line}\n" for line in text.splitlines())


def _parsed(text: str) -> object:
    import yaml

    try:
        return parse_yaml(text)
    except yaml.YAMLError:
        return None
