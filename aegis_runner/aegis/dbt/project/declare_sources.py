"""`aegis compile --declare-sources`: a sources file for the tables that rules name and dbt does not know."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aegis.dbt.project.sources_file import FILE, add_sources
from aegis.errors import ConfigError

if TYPE_CHECKING:
    from aegis.dbt.project.settings import Project
    from aegis.dbt.suites.bind import Missing


def declare(missing: Sequence[Missing], project: Project) -> Path:
    """Add a source for each unknown table; what the file declares already stays.

    A table is written ``schema.table`` in a rule, or has ``scope.schema``; without either there is nothing to declare.

    Raises:
        ConfigError: A table has no schema, or the file cannot be written.
    """
    wanted: dict[tuple[str, str], None] = {}
    for entry in missing:
        schema, table = _place(entry)
        if not schema:
            source = entry.rule.source
            where = f"{source.file}:{source.line}" if source else entry.rule.id
            raise ConfigError(
                f"in which schema is the table '{entry.name}'?", where=where, hint="Write it as schema.table."
            )
        wanted[(schema, table)] = None
    path = project.model_paths[0] / FILE
    add_sources(path, wanted)
    return path


def _place(entry: Missing) -> tuple[str, str]:
    """Schema and table; with ``scope.schema`` all of the name is the table's, dots and all."""
    if entry.schema:
        return entry.schema, entry.name.removeprefix(f"{entry.schema}.")
    schema, _, table = entry.name.rpartition(".")
    return schema.rpartition(".")[2], table
