"""A dbt project with the profile that leads to its warehouse."""

from __future__ import annotations

import atexit
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aegis.dbt.engine.environment import current
from aegis.dbt.engine.executable import Dbt, find_dbt
from aegis.dbt.graph.nodes import PRIVATE
from aegis.dbt.project.profile import Profile, load_profile
from aegis.dbt.project.settings import Project, find_project, load_project
from aegis.dbt.scratch.private_project import duckdb_name
from aegis.errors import AegisError, ConfigError, WarehouseError
from aegis.warehouse.duckdb_library import is_installed

if TYPE_CHECKING:
    from pydantic import JsonValue

    from aegis.warehouse.base import Warehouse


@dataclass(frozen=True, slots=True)
class ProjectOptions:
    """Where the dbt project and its warehouse are; ``None`` is "find it"."""

    project_dir: Path | None = None
    """The folder of dbt_project.yml."""
    profiles_dir: Path | None = None
    """The folder of profiles.yml."""
    target: str | None = None
    """The target of the profile."""
    dbt: str | None = None
    """The dbt executable."""
    wait: float = 0.0
    """Seconds to wait for a database that is in use."""
    timeout: float = 60.0
    """Seconds after which a query of the investigation is stopped."""
    environment: Mapping[str, str] | None = None
    """What dbt and its settings see, instead of the process's own."""
    warehouse: object | None = None
    """A class that reaches the warehouse in place of dbt's adapter: the class, an object of it, ``module:Class``, or
    the name that it is registered as."""


@dataclass(frozen=True, slots=True)
class ProjectContext:
    """A project with the profile that leads to its warehouse."""

    project: Project
    profile: Profile
    connection: ProjectOptions

    def dbt(self) -> Dbt:
        return find_dbt(self.connection.dbt, self.project.folder, self.connection.environment)

    def warehouse(self) -> Warehouse:
        """The warehouse, not yet connected: by a class that was named, or registered for its type, else as
        `own_warehouse`.

        Raises:
            AegisError: There is no way to it.
        """
        from aegis.warehouse.classes import Given, made, registered

        chosen = self.connection.warehouse
        if chosen is None and self.project.name != PRIVATE:  # whose profile is ours, and known here
            chosen = registered(self.profile.type)
        if chosen is None:
            return self.own_warehouse()
        given = Given(self.profile.settings, None, self.profile.target, self.connection.timeout)
        return made(chosen, given, self.profile.type)

    def own_warehouse(self) -> Warehouse:
        """The warehouse that the profile leads to, not yet connected: DuckDB by its own library and others by dbt 1's
        adapter where these are installed, all else through dbt.

        Raises:
            AegisError: There is no way to it.
        """
        if self.profile.type == "duckdb" and is_installed():
            files = duckdb_files(self.project, self.profile)
            if files is not None:
                from aegis.warehouse.duckdb_files import DuckDbFiles

                given = self.connection
                # A project of ours keeps its results apart from the file that they are about: both are asked.
                return DuckDbFiles(files, given.timeout, given.wait, at_once=self.project.name == PRIVATE)
        from aegis.warehouse import dbt_adapter
        from aegis.warehouse.through_dbt import ThroughDbt

        if dbt_adapter.is_installed(self.profile.type):
            return dbt_adapter.adapter_of(self.profile.type)(
                self.profile.type,
                self.project.folder,
                self.profile.folder,
                self.profile.target,
                timeout=self.connection.timeout,
                at_once=self.profile.threads,
            )

        return ThroughDbt(self.profile.type, self._ask)

    def _ask(self, sql: str, limit: int) -> list[dict[str, JsonValue]]:
        return self.show(sql, limit)

    def show(self, inline: str, limit: int) -> list[dict[str, Any]]:
        """`dbt show` with this project; Jinja is rendered by dbt."""
        from aegis.dbt.engine.show import show

        return show(
            self.dbt(),
            inline,
            limit,
            project_dir=self.project.folder,
            profiles_dir=self.profile.folder,
            target=self.profile.target,
            target_path=_scratch_target(),
            environment=self.connection.environment,
        )


@cache
def _scratch_target() -> Path:
    """A target folder for `dbt show`, one for the process: dbt 1 parses a project once and remembers it there."""
    folder = tempfile.TemporaryDirectory(prefix="aegis-show-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


def project_here(target_dir: Path | None, connection: ProjectOptions) -> Project:
    """The project named, else the one around a target folder, else the one around the working folder.

    Raises:
        ConfigError: There is none.
    """
    start = connection.project_dir or (find_project(target_dir) if target_dir else None)
    named = current(connection.environment).get("DBT_PROJECT_DIR")
    start = start or (Path(named) if named else find_project(Path.cwd()))
    if start is None:
        raise ConfigError("there is no dbt project here", hint="Name it with --project-dir.")
    return load_project(start, connection.environment)


def has_project(connection: ProjectOptions) -> bool:
    """Whether a dbt project was named, or stands around the working folder."""
    named = connection.project_dir or current(connection.environment).get("DBT_PROJECT_DIR")
    return named is not None or find_project(Path.cwd()) is not None


def target_here(connection: ProjectOptions) -> Path:
    """The target folder of the project around the working folder, wherever in it that is; ``target`` without one."""
    try:
        target = project_here(None, connection).target_dir
    except ConfigError:
        return Path("target")
    return target.relative_to(Path.cwd()) if target.is_relative_to(Path.cwd()) else target


def resolve_project(target_dir: Path | None, connection: ProjectOptions) -> ProjectContext:
    """The project as `project_here` finds it, and its profile.

    Raises:
        ConfigError: There is no project, profile or target.
    """
    project = project_here(target_dir, connection)
    env = connection.environment
    return ProjectContext(project, load_profile(project, connection.profiles_dir, connection.target, env), connection)


def dialect_here(connection: ProjectOptions) -> str | None:
    """What SQL the project around here is written in, by its profile; ``None`` (standard SQL) where none is told."""
    try:
        return resolve_project(None, connection).profile.type
    except AegisError:
        return None


def duckdb_files(project: Project, profile: Profile) -> dict[str, Path] | None:
    """Database files by their names in SQL, the profile's own first; ``None`` where they are not plain files.

    Raises:
        WarehouseError: The database was in memory.
    """
    own = str(profile.settings.get("path", ":memory:"))
    if own == ":memory:":
        raise WarehouseError("the profile's database is in memory and ended with the build", hint="Give it a path.")
    files: dict[str, Path] = {}
    for entry in ({"path": own}, *(profile.settings.get("attach") or ())):
        attached = entry if isinstance(entry, dict) else {}
        path = str(attached.get("path", ""))
        if attached.get("type") not in (None, "duckdb") or not path or ":" in path.split("/")[0]:
            return None
        name = str(attached.get("alias") or duckdb_name(Path(path))).strip('"')
        files[name] = project.folder / path
    # A build that broke early leaves no database of its own; what it attached can be asked all the same.
    there = {name: path for name, path in files.items() if path.exists()}
    return there or files
