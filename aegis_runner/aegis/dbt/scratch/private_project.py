"""A private dbt project for a database without one: rules in, results out, nothing left behind.

The user's file is attached read-only; what the suites store goes to a private file beside the project. The project
*is* the package (its name is ``aegis`` and its macros are ours), so there is nothing to install into it.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aegis.dbt.graph.nodes import PRIVATE
from aegis.dbt.graph.odd_names import json_as_yaml, plain_name, unfit, yaml_text
from aegis.dbt.graph.tables import Columns, Table, quoted
from aegis.dbt.package import package_folder
from aegis.dbt.suites.batch import batch
from aegis.dbt.suites.compile import SuiteFile
from aegis.errors import WarehouseError

STORE = "aegis_store"
"""The private database, as SQL calls it; its file is ``aegis_store.duckdb``."""

ATTACHED = "aegis_user"
"""What the user's file is called in SQL where its own name would not do."""

HERE = "here"
"""The link, in the private project, to the folder where the person is."""

PREFIX = "aegis-run-"
# DuckDB gives each of its threads a row group, of 122,880 rows.
_SMALL = 2 * 122_880 - 1
# DuckDB gives a file another name where it would clash with one of its own.
_RENAMED = frozenset({"main", "temp"})
_TAKEN = frozenset({STORE, "system", "memory", "information_schema", "pg_catalog"})
# Signs that end a string or an identifier somewhere between here and DuckDB, or that dbt takes for Jinja.
_UNFIT = re.compile(r"[\"'`{}\\\x00-\x1f]")


@dataclass(frozen=True, slots=True)
class ScratchProject:
    """Where the private project lies, and the files it knows by the name they have in SQL."""

    folder: Path
    files: Mapping[str, Path]
    profile: str
    """The text of its profiles.yml."""

    @property
    def target_dir(self) -> Path:
        return self.folder / "target"


def duckdb_name(path: Path) -> str:
    """What DuckDB calls a file: its name up to the first dot, less dots that lead it."""
    name = path.name.lstrip(".").split(".")[0]
    return f"{name}_db" if name.lower() in _RENAMED else name


def database_name(path: Path) -> str:
    """What the user's file is called in SQL: as DuckDB calls it, where that name will do."""
    name = duckdb_name(path)
    return ATTACHED if not name or name.lower() in _TAKEN or _UNFIT.search(name) else name


def table_in(database: str, schema: str, name: str, rows: int | None = None) -> Table:
    """A table of the attached database, as the private project's source."""
    return Table(
        call=f"source({quoted(plain_name(schema))}, {quoted(plain_name(name))})",
        label=name if schema == "main" else f"{schema}.{name}",
        schema=schema,
        identifier=name,
        database=database,
        unfit=unfit(schema, name),
        rows=rows,
    )


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder that is gone afterwards. What runs left behind that were killed is removed too.

    Raises:
        WarehouseError: There is no place for one.
    """
    try:
        parent = Path(tempfile.gettempdir())
        _remove_left_behind(parent)
        # It gets its name once it is locked, so that nobody takes it for one that was left behind.
        made = Path(tempfile.mkdtemp(prefix=f".{PREFIX}"))
        lock = _lock(made)
        folder = made.rename(parent / made.name.removeprefix("."))
    except OSError as error:
        raise WarehouseError(
            f"there is no place for a private project: {error.strerror or error}",
            hint="Set TMPDIR to a folder with space.",
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _lock(folder: Path) -> int | None:
    """A handle that holds the folder's lock until the process ends, however it ends; None if another holds it."""
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _remove_left_behind(parent: Path) -> None:
    """Folders of this user's whose process is gone: they hold keys of failing rows."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):  # another run may be removing it at the same time
            if not hasattr(os, "getuid") or folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            lock = _lock(folder)
            if lock is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(lock)


def make_project(
    folder: Path,
    database: Path,
    suites: Iterable[SuiteFile],
    tables: Iterable[Table],
    columns: Mapping[str, Columns],
    *,
    here: Path,
    threads: int,
    dbt_major: int,
) -> ScratchProject:
    """Write the project into an empty folder. ``columns``, of tables by their call, save dbt asking for them.

    Views of the database that read files find them from ``here``, as they do in a DuckDB that is started there.

    Raises:
        WarehouseError: The folder cannot be written.
    """
    store = folder / f"{STORE}.duckdb"
    name = database_name(database)
    # dbt 1 pastes the alias, dbt 2 quotes it.
    alias = f'"{name}"' if dbt_major == 1 else name
    attached = {"path": str(_linked(database, folder)), "alias": alias, "read_only": True}
    suites = tuple(suites)
    tables = tuple(tables)
    profile = {
        # dbt 1 runs inside the project (its parse cache would not know another path again), dbt 2 where the person is.
        "type": "duckdb", "path": store.name if dbt_major == 1 else str(store), "schema": "suites", "threads": threads,
        "attach": [attached],
        # What is stored is read once and thrown away.
        "settings": {
            "threads": _duckdb_threads(tables), "force_compression": "uncompressed",
            "file_search_path": _search_path(here),
        },
    }  # fmt: skip
    # JSON is YAML, and needs no writer of its own.
    files = {
        "dbt_project.yml": _PROJECT,
        "profiles.yml": {"aegis": {"target": "run", "outputs": {"run": profile}}},
        "models/sources.yml": {"version": 2, "sources": _sources(name, tables)},
    }
    try:
        (folder / HERE).symlink_to(here, target_is_directory=True)
        _copy_macros(folder / "macros", {rule_type for suite in suites for rule_type in suite.rule_types})
        for relative, content in files.items():
            path = folder / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json_as_yaml(content), encoding="utf-8")
        tests = folder / "tests" / "aegis"
        tests.mkdir(parents=True, exist_ok=True)
        for file, text in batch(suites, _SMALL, columns).items():
            (tests / file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise WarehouseError(f"the private project cannot be written: {error.strerror}", where=str(folder)) from error
    return ScratchProject(folder, {STORE: store, name: database}, json_as_yaml(files["profiles.yml"]))


def _search_path(here: Path) -> str:
    """By its own name, which `..` goes up from; by a link where dbt or DuckDB would read the name as something else."""
    return HERE if _UNFIT.search(str(here)) or "," in str(here) else str(here)


def _copy_macros(folder: Path, rule_types: set[str]) -> None:
    """The macros that these suites need, and no others: what dbt has to parse costs a tenth of a small run. (As
    copies: dbt 2 follows no links inside a folder of macros.)"""
    package = package_folder() / "macros"
    folder.mkdir()
    for file in package.rglob("*.sql"):
        room = file.relative_to(package).parts[0]
        if room in ("dialect", "suite") or (room == "rules" and file.stem in rule_types):
            shutil.copyfile(file, folder / f"{room}_{file.name}")


def _duckdb_threads(tables: Iterable[Table]) -> int:
    """Threads of one statement: for tables of fewer than two row groups, threads that wait for work cost half as much
    again and nothing is sooner done."""
    small = all(table.rows is not None and table.rows <= _SMALL for table in tables)
    return 1 if small else os.cpu_count() or 1


_PROJECT = {
    "name": PRIVATE, "version": "0.0.0", "profile": "aegis", "config-version": 2,
    "macro-paths": ["macros"], "model-paths": ["models"], "test-paths": ["tests"],
    "seed-paths": [], "analysis-paths": [], "snapshot-paths": [],
    "flags": {"send_anonymous_usage_stats": False},
}  # fmt: skip


def _sources(database: str, tables: Iterable[Table]) -> list[dict[str, Any]]:
    by_schema: dict[str, set[str]] = {}
    for table in tables:
        by_schema.setdefault(table.schema or "main", set()).add(table.identifier)
    return [
        {
            "name": plain_name(schema),
            "database": yaml_text(database),
            # dbt puts quotes around an identifier and leaves those inside it alone.
            "schema": yaml_text(schema.replace('"', '""')),
            "quoting": {"database": True, "schema": True, "identifier": True},
            "tables": [
                {"name": plain_name(name), "identifier": yaml_text(name.replace('"', '""'))} for name in sorted(names)
            ],
        }
        for schema, names in sorted(by_schema.items())
    ]


def _linked(database: Path, folder: Path) -> Path:
    """A path to the database, with its write-ahead log beside it, that means nothing but a path to anyone."""
    if not _UNFIT.search(str(database)):
        return database
    for suffix in ("", ".wal"):
        real = database.with_name(database.name + suffix)
        if real.exists():
            (folder / f"{ATTACHED}.duckdb{suffix}").symlink_to(real)
    return folder / f"{ATTACHED}.duckdb"
