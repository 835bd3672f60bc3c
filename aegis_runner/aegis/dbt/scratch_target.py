"""A scratch target: a dbt project with one file changed, built by the user's own dbt into a copy of its database.

Of the user's own nothing is written: the file stands in a copy of the project, the database is a copy, attached
databases are read-only there, and what the project does at the start and the end of a run is left out. What could reach
beyond the copy (hooks of models, other materializations, Python) is not built at all.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aegis.dbt.environment import current
from aegis.dbt.nodes import file_path, table_name
from aegis.dbt.profile import Profile
from aegis.dbt.project import PROJECT_FILE, Project, read_yaml_mapping
from aegis.dbt.scratch import private_folder
from aegis.dbt.shapes import Node
from aegis.errors import ConfigError, WarehouseError

MOST_BYTES = 2 * 1024**3
"""Larger databases are not copied."""

# What stays inside the database.
_CONTAINED = frozenset({"table", "view", "incremental", "ephemeral", "seed", "snapshot", "test", "unit"})
_HOOKS = frozenset({"on-run-start", "on-run-end"})
_FOLDERS = {
    "model-paths": "models", "seed-paths": "seeds", "test-paths": "tests", "macro-paths": "macros",
    "snapshot-paths": "snapshots", "analysis-paths": "analyses", "function-paths": "functions",
    "docs-paths": "", "asset-paths": "",
}  # fmt: skip
# Where dbt is told here, and of which nodes, whatever it is told elsewhere.
_OVERRULED = frozenset(
    f"DBT_{name}"
    for name in (
        "PROJECT_DIR", "PROFILES_DIR", "TARGET_PATH", "LOG_PATH", "STATE", "DEFER", "DEFER_STATE", "FAVOR_STATE",
        "FULL_REFRESH", "EMPTY", "SAMPLE", "FAIL_FAST", "INDIRECT_SELECTION", "RESOURCE_TYPES",
        "EXCLUDE_RESOURCE_TYPES", "STORE_FAILURES", "WRITE_JSON", "WARN_ERROR", "WARN_ERROR_OPTIONS",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScratchTarget:
    """Where the copies lie. ``environment`` is what dbt sees."""

    project_dir: Path
    profiles_dir: Path
    target_dir: Path
    environment: Mapping[str, str]


def beyond_the_copy(nodes: Iterable[Node], database: str) -> str | None:
    """Why these nodes cannot be built in a copy of this database, if they cannot: something would happen elsewhere."""
    for node in nodes:
        name, config = table_name(node), node.config
        if node.language not in (None, "sql"):
            return f"{name} is written in {node.language}"
        if config is not None and config.materialized not in (None, *_CONTAINED):
            return f"{name} is materialized as {config.materialized}"
        if config is not None and (config.pre_hook or config.post_hook):
            return f"{name} has hooks, which may reach beyond a copy"
        if node.database is not None and node.database.lower() != database.lower():
            return f"{name} lies in the attached database {node.database}"
    return None


@contextmanager
def scratch_target(
    project: Project,
    profile: Profile,
    database: Path,
    node: Node,
    text: str,
    environment: Mapping[str, str] | None = None,
) -> Iterator[ScratchTarget]:
    """The project with ``text`` as the node's file, until the block ends.

    Args:
        database: The file that the profile's ``path`` names.
        environment: What dbt and its settings see, instead of the process's own.

    Raises:
        ConfigError: The project is not one that can be copied, or its file is another than the node says.
        WarehouseError: The database is too large, or there is no space.
    """
    file = file_path(node)
    own = project.folder / (file or "")
    if node.package_name != project.name or file is None or not own.is_file():
        raise ConfigError("its file is none of the project's own")
    if _same(own.read_text(encoding="utf-8", errors="replace")) != _same(node.sql or ""):
        raise ConfigError("its file was changed after the build")
    size = database.stat().st_size
    if size > MOST_BYTES:
        raise WarehouseError(f"the database has {size:,} bytes; {MOST_BYTES:,} are copied at most")
    with private_folder() as folder:
        if shutil.disk_usage(folder).free < 2 * size:
            raise WarehouseError("there is no space for a copy of the database")
        try:
            made = _made(project, profile, database, folder)
            (made.project_dir / file).write_text(text, encoding="utf-8")
        except OSError as error:
            raise WarehouseError(f"the scratch target cannot be made: {error.strerror or error}") from error
        env = {name: value for name, value in current(environment).items() if name not in _OVERRULED}
        yield ScratchTarget(made.project_dir, made.profiles_dir, made.target_dir, env)


def _same(text: str) -> str:
    """A file without what dbt leaves out when it writes it into a manifest."""
    return text.replace("\r\n", "\n").strip()


def _made(project: Project, profile: Profile, database: Path, folder: Path) -> ScratchTarget:
    made = ScratchTarget(folder / "project", folder / "profiles", folder / "target", {})
    made.project_dir.mkdir()
    made.profiles_dir.mkdir()
    (folder / "data").mkdir()
    copy = folder / "data" / database.name
    for suffix in ("", ".wal"):
        written = database.with_name(database.name + suffix)
        if written.exists():
            shutil.copyfile(written, copy.with_name(copy.name + suffix))
    _copy_project(project, made.project_dir, {database.name, f"{database.name}.wal"})
    text = json.dumps(_profiles(project, profile, copy))
    (made.profiles_dir / "profiles.yml").touch(mode=0o600)
    (made.profiles_dir / "profiles.yml").write_text(text, encoding="utf-8")
    return made


def _copy_project(project: Project, folder: Path, left_out: set[str]) -> None:
    """What dbt reads is copied, since a file of it will be another (and dbt 2 follows no links there); all else, such
    as files of data that models read, is linked."""
    settings = read_yaml_mapping(project.folder / PROJECT_FILE)
    copied = set(_top_folders(settings))
    made_anew = {str(path) for path in settings.get("clean-targets") or ()} | {_top(project.target_dir, project.folder)}
    skipped = {*left_out, PROJECT_FILE, "logs", ".git", *made_anew} - {_top(project.packages_dir, project.folder)}
    for entry in project.folder.iterdir():
        if entry.name in copied and entry.is_dir():
            shutil.copytree(entry, folder / entry.name, ignore_dangling_symlinks=True)
        elif entry.name not in skipped:
            (folder / entry.name).symlink_to(entry.absolute())
    lean = {key: value for key, value in settings.items() if key not in _HOOKS}
    # JSON is YAML, and needs no writer of its own.
    (folder / PROJECT_FILE).write_text(json.dumps(lean, default=str), encoding="utf-8")


def _top_folders(settings: Mapping[str, Any]) -> Iterator[str]:
    for key, usual in _FOLDERS.items():
        for given in settings.get(key) or ([usual] if usual else []):
            parts = Path(str(given)).parts
            if Path(str(given)).is_absolute() or ".." in parts or "{{" in str(given) or not parts:
                raise ConfigError(f"the folder {given} of the project cannot be copied")
            yield parts[0]


def _top(path: Path, folder: Path) -> str:
    """The entry of the project's folder under which a path lies; nothing where it lies elsewhere."""
    return path.relative_to(folder).parts[0] if path != folder and path.is_relative_to(folder) else ""


def _profiles(project: Project, profile: Profile, database: Path) -> dict[str, Any]:
    """The profile as it is written, its variables unread, but for the file and for what it attaches."""
    profiles = read_yaml_mapping(profile.folder / "profiles.yml")
    outputs = profiles[profile.name]["outputs"]
    output = {**outputs[profile.target], "path": str(database)}
    if profile.settings.get("attach"):
        attached = [{**one, "read_only": True} for one in profile.settings["attach"]]
        for one in attached:
            one["path"] = str(project.folder / str(one["path"]))
        output["attach"] = attached
    return {profile.name: {"target": profile.target, "outputs": {profile.target: output}}}
