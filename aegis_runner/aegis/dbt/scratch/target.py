"""A scratch target: a dbt project with one file changed, built by the user's own dbt into a copy of its database.

Of the user's own nothing is written. The file stands in a copy of the project, the database is a copy, and DuckDB is
told to open nothing else: whatever a model, a macro or a hook tries beyond it is refused by the database. Python that
dbt would run is the one thing the database cannot hold back; it is refused before.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from aegis.dbt.artifacts.schema import Node
from aegis.dbt.engine.environment import current
from aegis.dbt.engine.executable import Dbt
from aegis.dbt.graph.nodes import file_path, table_name
from aegis.dbt.project.profile import Profile
from aegis.dbt.project.settings import Project, read_yaml_mapping
from aegis.dbt.scratch.private_project import private_folder
from aegis.dbt.scratch.project_copy import copy_project
from aegis.errors import ConfigError, WarehouseError

MOST_BYTES = 2 * 1024**3
"""Larger databases are not copied."""

# Settings of a profile that reach beyond its file, or name Python.
_BEYOND = ("attach", "remote", "plugins", "module_paths", "filesystems", "is_ducklake")
# Settings of DuckDB that let it open files.
_OPENING = frozenset({"enable_external_access", "allowed_paths", "allowed_directories"})
# Where dbt is told here, and of which nodes, whatever it is told elsewhere.
_OVERRULED = frozenset(
    f"DBT_{prefix}{name}"
    for prefix in ("", "ENGINE_")
    for name in (
        "PROJECT_DIR", "PROFILES_DIR", "TARGET_PATH", "LOG_PATH", "STATE", "DEFER", "DEFER_STATE", "FAVOR_STATE",
        "FULL_REFRESH", "EMPTY", "SAMPLE", "FAIL_FAST", "INDIRECT_SELECTION", "RESOURCE_TYPES",
        "EXCLUDE_RESOURCE_TYPES", "PARTIAL_PARSE_FILE_PATH", "STORE_FAILURES", "WRITE_JSON", "WARN_ERROR",
        "WARN_ERROR_OPTIONS",
        "PACKAGES_INSTALL_PATH", "UPLOAD_TO_ARTIFACTS_INGEST_API",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScratchTarget:
    """Where the copies lie. ``environment`` is what dbt sees."""

    project_dir: Path
    profiles_dir: Path
    target_dir: Path
    environment: Mapping[str, str]


def database_of(project: Project, profile: Profile, nodes: Iterable[Node]) -> Path:
    """The file of the profile's database, if these nodes can be built in a copy of it.

    Raises:
        ConfigError: They cannot.
    """
    if profile.type != "duckdb":
        raise ConfigError(f"there are scratch targets for duckdb only, and this is {profile.type}")
    for name in _BEYOND:
        if profile.settings.get(name):
            raise ConfigError(f"the profile says {name}, which reaches beyond its database")
    path = str(profile.settings.get("path", ":memory:"))
    database = project.folder / path
    if ":" in path.split("/")[0] or not database.is_file():
        raise ConfigError("the profile's database file does not exist")
    for name in ("settings", "config_options"):
        if not isinstance(profile.settings.get(name) or {}, Mapping):
            raise ConfigError(f"the profile's {name} are not a mapping")
    for node in nodes:
        if node.language not in (None, "sql"):
            raise ConfigError(f"{table_name(node)} is written in {node.language}")
    return database


@contextmanager
def scratch_target(
    project: Project,
    profile: Profile,
    database: Path,
    node: Node,
    text: str,
    dbt: Dbt,
    environment: Mapping[str, str] | None = None,
) -> Iterator[ScratchTarget]:
    """The project with ``text`` as the node's file, until the block ends.

    Args:
        database: What `database_of` gives; nobody may be writing to it.
        environment: What dbt and its settings see, instead of the process's own.

    Raises:
        ConfigError: The project is not one that can be copied, or its file is another than the node says.
        WarehouseError: The database is too large, or there is no space.
    """
    with private_folder() as folder:
        made = ScratchTarget(folder / "project", folder / "profiles", folder / "target", _lean(environment))
        try:
            own = _file(project, node)
            if folder.resolve().is_relative_to(project.folder.resolve()):
                raise ConfigError("the folder for temporary files is inside the project")
            made.profiles_dir.mkdir()
            copy = _copy_database(database, folder / "data")
            copy_project(project, made.project_dir, dbt_major=dbt.major)
            _write_profile(made.profiles_dir / "profiles.yml", profile, copy)
            changed = made.project_dir / own
            if not changed.is_file():
                raise ConfigError("its file is outside the project's folders")
            changed.write_text(text, encoding="utf-8")
        except OSError as error:
            raise WarehouseError(f"no scratch target can be made: {error.strerror or type(error).__name__}") from error
        except (yaml.YAMLError, UnicodeError) as error:
            raise ConfigError(f"the project's settings cannot be copied: {type(error).__name__}") from error
        yield made


def _lean(environment: Mapping[str, str] | None) -> dict[str, str]:
    return {name: value for name, value in current(environment).items() if name not in _OVERRULED}


def _file(project: Project, node: Node) -> str:
    """The node's file within the project, if it is what the node was made of."""
    file = file_path(node)
    if node.package_name != project.name or file is None or not (project.folder / file).is_file():
        raise ConfigError("its file is none of the project's own")
    text = (project.folder / file).read_text(encoding="utf-8-sig", errors="replace")
    # dbt leaves out blanks around it when it writes it into a manifest.
    if text.replace("\r\n", "\n").strip() != (node.sql or "").replace("\r\n", "\n").strip():
        raise ConfigError("its file was changed after the build")
    return file


def _copy_database(database: Path, to: Path) -> Path:
    """A copy under its own name, which is what SQL calls it."""
    files = [path for suffix in ("", ".wal") if (path := database.with_name(database.name + suffix)).exists()]
    size = sum(path.stat().st_size for path in files)
    if size > MOST_BYTES:
        raise WarehouseError(f"the database has {size:,} bytes; {MOST_BYTES:,} are copied at most")
    to.mkdir()
    if shutil.disk_usage(to).free < 2 * size:
        raise WarehouseError("there is no space for a copy of the database")
    for path in files:
        shutil.copyfile(path, to / path.name)
    return to / database.name


def _write_profile(path: Path, profile: Profile, database: Path) -> None:
    """The profile as it is written, its variables unread, but for the file and for what DuckDB may open."""
    profiles = read_yaml_mapping(profile.folder / "profiles.yml")
    output: dict[str, Any] = {**profiles[profile.name]["outputs"][profile.target], "path": str(database)}
    for name in ("settings", "config_options"):
        given = output.get(name) or {}
        output[name] = {key: value for key, value in given.items() if key not in _OPENING}
    output["settings"]["enable_external_access"] = False
    content = {profile.name: {"target": profile.target, "outputs": {profile.target: output}}}
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
