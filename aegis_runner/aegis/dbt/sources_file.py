"""A sources file of the project that Aegis adds to: entries are appended, and what stands there stays as it is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aegis.dbt.project import parse_yaml, read_yaml_mapping
from aegis.dbt.suite_files import replace_file
from aegis.errors import ConfigError

FILE = "aegis_sources.yml"
_HEAD = """\
# Written by `aegis compile --declare-sources`. It is yours now: edit it, move it, describe the tables.
version: 2
sources:
"""


def add_sources(path: Path, tables: Iterable[tuple[str, str]]) -> None:
    """Declare tables, given as (schema, table), in a sources file; it is made if it is not there.

    Raises:
        ConfigError: The file has a form that cannot be added to, or cannot be read or written.
    """
    by_schema: dict[str, list[str]] = {}
    for schema, table in tables:
        by_schema.setdefault(schema, []).append(table)
    entries = [{"name": s, "schema": s, "tables": [{"name": t} for t in names]} for s, names in by_schema.items()]
    block = _block(entries)
    text, expected = _HEAD + block, {"version": 2, "sources": entries}
    if path.is_file():
        given = read_yaml_mapping(path)
        before = given.get("sources")
        expected = {**given, "sources": [*(before if isinstance(before, list) else []), *entries]}
        text = path.read_text(encoding="utf-8").rstrip() + "\n" + block
    # The text must mean what was meant: a file in another form (flow style, sources not last) is not touched.
    if _parsed(text) != expected:
        raise ConfigError(
            "has a form that Aegis does not add to", where=str(path), hint=f"Add to its sources:\n{block}"
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", where=str(path)) from error


def _block(entries: list[dict[str, Any]]) -> str:
    import yaml

    text = yaml.safe_dump(entries, sort_keys=False, allow_unicode=True)
    return "".join(f"  {line}\n" for line in text.splitlines())


def _parsed(text: str) -> object:
    import yaml

    try:
        return parse_yaml(text)
    except yaml.YAMLError:
        return None
