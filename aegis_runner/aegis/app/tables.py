"""Which tables there are: in a dbt project by its manifest, in a bare database by its catalog."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from aegis.errors import DbtError

if TYPE_CHECKING:
    from aegis.app.reach import Reach
    from aegis.dbt.shapes import Manifest
    from aegis.dbt.tables import Tables
    from aegis.rules.book import RuleBook

PARSED = "aegis"
"""The folder inside target/ for a manifest that only `aegis compile` asked for."""

_SOURCES = ("*.sql", "*.yml", "*.yaml", "*.csv", "*.py", "*.md")


def project_manifest(reach: Reach) -> Manifest:
    """The manifest of the project as it is now: the last build's if no source file is newer, else `dbt parse`'s.

    Raises:
        DbtError: dbt cannot parse the project.
    """
    from aegis.dbt.artifacts import read_manifest

    project = reach.project
    newest = _newest_source(project.folder, skip=(project.target_dir, project.packages_dir, project.suites_dir))
    parsed = project.target_dir / PARSED
    for folder in (project.target_dir, parsed):
        file = folder / "manifest.json"
        if file.is_file() and file.stat().st_mtime >= newest:
            return read_manifest(file)[0]
    _parse(reach, parsed)
    return read_manifest(parsed)[0]


def _parse(reach: Reach, folder: Path) -> None:
    from aegis.dbt.invoke import invoke

    done = invoke(
        reach.dbt(),
        ["parse", "--target-path", str(folder)],
        project_dir=reach.project.folder,
        profiles_dir=reach.profile.folder,
        target=reach.profile.target,
        environment=reach.connection.environment,
    )
    if done.exit_code != 0 or not (folder / "manifest.json").is_file():
        raise DbtError(
            "dbt cannot parse the project:\n" + "\n".join(done.errors[-8:]),
            where=str(reach.project.folder),
            hint=f"If a suite names a table that is gone, delete {reach.project.shown(reach.project.suites_dir)} and compile again.",
        )


def _newest_source(folder: Path, skip: Iterable[Path]) -> float:
    """The latest change of a file that dbt would read, in seconds since the epoch."""
    skipped = tuple(skip)
    newest = 0.0
    for pattern in _SOURCES:
        for path in folder.rglob(pattern):
            if not any(path.is_relative_to(other) for other in skipped) and "/." not in path.as_posix():
                newest = max(newest, path.stat().st_mtime)
    return newest


def database_tables(database: Path, book: RuleBook, *, wait: float = 0.0) -> Tables:
    """The tables and views of a DuckDB file; without DuckDB's library, those that the rules name.

    Raises:
        WarehouseError: The file cannot be opened.
    """
    from aegis.dbt.scratch import database_name, table_in
    from aegis.dbt.tables import Tables
    from aegis.warehouse.duckdb_files import DuckDbFiles, check_file

    check_file(database)
    name = database_name(database)
    if find_spec("duckdb") is None:
        pairs = {(rule.schema_ or "main", rule.table) for rule in book}
        return Tables(table_in(name, schema, table) for schema, table in sorted(pairs))
    warehouse = DuckDbFiles({name: database}, wait=wait)
    try:
        found = warehouse.execute_sample(
            # Not duckdb_columns(): listing every column of every table costs more than all the rest here.
            "select schema_name, table_name from duckdb_tables() where database_name = current_database() "
            "union all select schema_name, view_name from duckdb_views() "
            "where database_name = current_database() and not internal order by all",
            1_000_000,
        )
    finally:
        warehouse.close()
    return Tables(table_in(name, str(schema), str(table)) for schema, table in found.rows)
