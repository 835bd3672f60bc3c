"""A copy of a dbt project: what dbt reads of it and of its packages, without what they do before and after a run.

Contents only: no links, which would lead back, and no modes. Files of data are not copied.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from aegis.dbt.project.settings import PROJECT_FILE, Project, read_yaml_mapping
from aegis.errors import ConfigError

MOST_BYTES = 256 * 1024**2
"""More than that is no project's code."""

# Settings that name folders, and what dbt takes where they are not there.
_FOLDERS = {
    "model-paths": "models", "seed-paths": "seeds", "test-paths": "tests", "macro-paths": "macros",
    "snapshot-paths": "snapshots", "analysis-paths": "analyses", "function-paths": "functions",
    "source-paths": "", "data-paths": "", "docs-paths": "", "asset-paths": "",
}  # fmt: skip
_HOOKS = frozenset({"on-run-start", "on-run-end"})
# Beside the settings. What says which packages there should be is asked for by dbt 1, which counts them; dbt 2 would
# install them.
_FILES = ("packages.yml", "dependencies.yml", "selectors.yml", "package-lock.yml")


def copy_project(project: Project, to: Path, *, dbt_major: int) -> None:
    """Copy the project into an empty folder; its packages into ``dbt_packages`` there.

    Raises:
        ConfigError: Its folders lie elsewhere, or hold too much.
        OSError: It cannot be read or written.
    """
    room = [MOST_BYTES]
    settings = _copy_one(project.folder, to, room)
    settings.pop("packages-install-path", None)
    settings.pop("target-path", None)
    (to / PROJECT_FILE).write_text(_text(settings), encoding="utf-8")
    for name in _FILES:
        if (project.folder / name).is_file() and (dbt_major == 1 or name == "selectors.yml"):
            shutil.copyfile(project.folder / name, to / name)
    for package in sorted(project.packages_dir.iterdir()) if project.packages_dir.is_dir() else ():
        if (package / PROJECT_FILE).is_file():
            inside = to / "dbt_packages" / package.name
            (inside / PROJECT_FILE).write_text(_text(_copy_one(package, inside, room)), encoding="utf-8")


def _copy_one(folder: Path, to: Path, room: list[int]) -> dict[str, Any]:
    """Copy what one project's settings name; the settings, without hooks."""
    to.mkdir(parents=True, exist_ok=True)
    settings = read_yaml_mapping(folder / PROJECT_FILE)
    for name in sorted(set(_named(settings))):
        if (folder / name).is_dir():
            _copy_folder(folder / name, to / name, room)
    flags = settings.get("flags")
    if isinstance(flags, dict):
        settings["flags"] = {key: value for key, value in flags.items() if key != "fail_fast"}
    return {key: value for key, value in settings.items() if key not in _HOOKS}


def _named(settings: Mapping[str, Any]) -> Iterator[str]:
    for key, usual in _FOLDERS.items():
        for given in settings.get(key) or ([usual] if usual else []):
            path = Path(str(given))
            if path.is_absolute() or ".." in path.parts or not path.parts or "{{" in str(given):
                raise ConfigError(f"its folder {given} cannot be copied")
            yield str(path)


def _copy_folder(source: Path, to: Path, room: list[int]) -> None:
    seen: set[str] = set()
    for base, folders, files in os.walk(source, followlinks=True):
        real = os.path.realpath(base)
        if real in seen:  # a link that leads back
            folders.clear()
            continue
        seen.add(real)
        inside = to / Path(base).relative_to(source)
        inside.mkdir(parents=True, exist_ok=True)
        for name in files:
            path = Path(base, name)
            if path.is_file():
                room[0] -= path.stat().st_size
                if room[0] < 0:
                    raise ConfigError(f"its folders hold more than {MOST_BYTES:,} bytes")
                shutil.copyfile(path, inside / name)


def _text(settings: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(settings), allow_unicode=True, sort_keys=False)
