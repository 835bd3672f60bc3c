"""A private dbt project for a database without one: rules in, results out, nothing left behind.

The user's file is attached read-only; what the suites store goes to a private file beside the project. The project
*is* the package (its name is ``aegis`` and its macros are ours), so there is nothing to install into it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from aegis.dbt.compile import SuiteFile
from aegis.dbt.package import package_folder
from aegis.dbt.tables import Table, quoted
from aegis.errors import WarehouseError

STORE = "aegis_store"
"""The private database, as SQL calls it; its file is ``aegis_store.duckdb``."""

ATTACHED = "aegis_user"
"""Where the user's file would have the private one's name, it goes by this."""


@dataclass(frozen=True, slots=True)
class ScratchProject:
    """Where the private project lies, and the files it knows by the name they have in SQL."""

    folder: Path
    files: Mapping[str, Path]

    @property
    def target_dir(self) -> Path:
        return self.folder / "target"


def database_name(path: Path) -> str:
    """What DuckDB calls a file: its name up to the first dot."""
    name = path.name.split(".")[0] or path.name
    return ATTACHED if name.lower() in (STORE, "system", "temp", "memory", "main") else name


def table_in(database: str, schema: str, name: str) -> Table:
    """A table of the attached database, as the private project's source."""
    return Table(
        call=f"source({quoted(schema)}, {quoted(name)})",
        label=name if schema == "main" else f"{schema}.{name}",
        schema=schema,
        identifier=name,
        database=database,
    )


def make_project(
    folder: Path, database: Path, suites: Iterable[SuiteFile], tables: Iterable[Table], threads: int
) -> ScratchProject:
    """Write the project into an empty folder.

    Raises:
        WarehouseError: The folder cannot be written.
    """
    import json

    store = folder / f"{STORE}.duckdb"
    name = database_name(database)
    by_schema: dict[str, list[str]] = {}
    for table in tables:
        by_schema.setdefault(table.schema or "main", []).append(table.identifier)
    # JSON is YAML, and needs no writer of its own.
    files = {
        "dbt_project.yml": {
            "name": "aegis", "version": "0.0.0", "profile": "aegis", "config-version": 2,
            "macro-paths": ["macros"], "model-paths": ["models"], "test-paths": ["tests"],
            "seed-paths": [], "analysis-paths": [], "snapshot-paths": [],
            "flags": {"send_anonymous_usage_stats": False},
        },
        "profiles.yml": {"aegis": {"target": "run", "outputs": {"run": {
            "type": "duckdb", "path": str(store), "schema": "suites", "threads": threads,
            "attach": [{"path": str(database), "alias": name, "read_only": True}],
        }}}},
        "models/sources.yml": {"version": 2, "sources": [
            {"name": schema, "database": name, "schema": schema, "tables": [{"name": entry} for entry in sorted(set(entries))]}
            for schema, entries in sorted(by_schema.items())
        ]},
    }  # fmt: skip
    try:
        # A link, since dbt 2 reads nothing by a path that leads out of the project.
        (folder / "macros").symlink_to(package_folder() / "macros", target_is_directory=True)
        for relative, content in files.items():
            path = folder / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        tests = folder / "tests" / "aegis"
        tests.mkdir(parents=True, exist_ok=True)
        for suite in suites:
            (tests / suite.name).write_text(suite.text, encoding="utf-8")
    except OSError as error:
        raise WarehouseError(f"the private project cannot be written: {error.strerror}", where=str(folder)) from error
    return ScratchProject(folder, {STORE: store, name: database})
