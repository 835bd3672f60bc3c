"""How an analysis reaches the warehouse that a target folder is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aegis.dbt.executable import Dbt, find_dbt
from aegis.dbt.profile import Profile, load_profile
from aegis.dbt.project import Project, find_project, load_project
from aegis.errors import AegisError, ConfigError, WarehouseError

if TYPE_CHECKING:
    from pydantic import JsonValue

    from aegis.warehouse.base import Warehouse


@dataclass(frozen=True, slots=True)
class Connection:
    """What the user said about the project and its warehouse; ``None`` is "find it"."""

    project_dir: Path | None = None
    profiles_dir: Path | None = None
    target: str | None = None
    dbt: str | None = None
    wait: float = 0.0
    timeout: float = 60.0
    environment: Mapping[str, str] = field(default_factory=dict)
    """Beyond the process's own, for dbt."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A project with the profile that leads to its warehouse."""

    project: Project
    profile: Profile
    connection: Connection

    def dbt(self) -> Dbt:
        return find_dbt(self.connection.dbt, self.project.folder)

    def warehouse(self) -> Warehouse:
        """The warehouse, not yet connected: DuckDB by its own library where that is installed, all else through dbt.

        Raises:
            AegisError: There is no way to it.
        """
        if self.profile.type == "duckdb" and find_spec("duckdb") is not None:
            files = duckdb_files(self.project, self.profile)
            if files is not None:
                from aegis.warehouse.duckdb_files import DuckDbFiles

                return DuckDbFiles(files, timeout=self.connection.timeout, wait=self.connection.wait)
        from aegis.warehouse.through_dbt import ThroughDbt

        return ThroughDbt(self.profile.type, self._ask)

    def _ask(self, sql: str, limit: int) -> list[dict[str, JsonValue]]:
        return self.show(sql, limit)

    def show(self, inline: str, limit: int) -> list[dict[str, Any]]:
        """`dbt show` with this project; Jinja is rendered by dbt."""
        import tempfile

        from aegis.dbt.show import show

        with tempfile.TemporaryDirectory(prefix="aegis-") as scratch:
            return show(
                self.dbt(),
                inline,
                limit,
                project_dir=self.project.folder,
                profiles_dir=self.profile.folder,
                target=self.profile.target,
                target_path=Path(scratch),
                environment=self.connection.environment,
            )


def reach(target_dir: Path | None, connection: Connection) -> Reach:
    """The project around a target folder (or the one named, or the one around the working folder), and its profile.

    Raises:
        ConfigError: There is no project, profile or target.
    """
    start = connection.project_dir or (find_project(target_dir) if target_dir else None) or find_project(Path.cwd())
    if start is None:
        raise ConfigError("there is no dbt project here", hint="Name it with --project-dir.")
    project = load_project(start)
    return Reach(project, load_profile(project, connection.profiles_dir, connection.target), connection)


def duckdb_files(project: Project, profile: Profile) -> dict[str, Path] | None:
    """Database files by their names in SQL, the profile's own first; ``None`` where they are not plain files."""
    path = str(profile.settings.get("path", ":memory:"))
    if path == ":memory:":
        raise WarehouseError("the profile's database is in memory and ended with the build", hint="Give it a path.")
    if ":" in path.split("/")[0]:
        return None
    files = {Path(path).name.split(".")[0]: project.folder / path}
    for entry in profile.settings.get("attach") or ():
        attached = entry if isinstance(entry, dict) else {}
        where = str(attached.get("path", ""))
        if attached.get("type") not in (None, "duckdb") or not where or ":" in where.split("/")[0]:
            return None
        files[str(attached.get("alias") or Path(where).name.split(".")[0])] = project.folder / where
    return files


def reach_or_reason(target_dir: Path | None, connection: Connection) -> tuple[Reach | None, AegisError | None]:
    """As `reach`; a target folder alone (downloaded, say) can be analyzed too, so a failure is a value here."""
    try:
        return reach(target_dir, connection), None
    except AegisError as error:
        return None, error
