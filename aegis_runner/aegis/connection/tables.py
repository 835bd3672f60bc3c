"""Which tables there are in a dbt project, by its manifest."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from aegis.dbt.suites.files import set_aside
from aegis.errors import DbtError

if TYPE_CHECKING:
    from aegis.connection.project import ProjectContext
    from aegis.dbt.artifacts.schema import Manifest
    from aegis.dbt.engine.invoke import Invocation
    from aegis.dbt.project.settings import Project

PARSED = "aegis"
"""The folder inside target/ for a manifest that only Aegis asked for; one for each target of the profile."""

_SOURCES = frozenset({".sql", ".yml", ".yaml", ".csv", ".py", ".md"})


def project_manifest(context: ProjectContext, *, of_target: bool = False) -> Manifest:
    """The manifest of the project as it is now: the last build's if no source file is newer, else `dbt parse`'s.

    Args:
        context: The project.
        of_target: Names in the warehouse must be those of the chosen target; the last build may be of another.

    Raises:
        DbtError: dbt cannot parse the project.
    """
    from aegis.dbt.artifacts.read import read_manifest

    project = context.project
    newest = _newest_source(project)
    parsed = project.target_dir / PARSED / context.profile.target
    for folder in (parsed,) if of_target else (project.target_dir, parsed):
        file = folder / "manifest.json"
        if file.is_file() and file.stat().st_mtime >= newest:
            return read_manifest(file)[0]
    done = _parse(context, parsed)
    if done.exit_code != 0:
        with set_aside(project.suites_dir, project.target_dir / PARSED / "set_aside") as any_suites:
            done = _parse(context, parsed) if any_suites else done
    if done.exit_code != 0 or not (parsed / "manifest.json").is_file():
        told = "\n".join(done.errors[-8:]) or "it said nothing"
        raise DbtError(f"dbt cannot parse the project:\n{told}", where=str(project.folder))
    return read_manifest(parsed)[0]


def current_manifest(project: Project) -> Manifest | None:
    """What dbt last knew of the project, if no source file is newer; nothing is run for it.

    Raises:
        ArtifactError: The file is there and cannot be used.
    """
    from aegis.dbt.artifacts.read import read_manifest

    newest = _newest_source(project)
    parsed = sorted((project.target_dir / PARSED).glob("*/manifest.json"))
    for file in (project.target_dir / "manifest.json", *parsed):
        if file.is_file() and file.stat().st_mtime >= newest:
            return read_manifest(file)[0]
    return None


def _parse(context: ProjectContext, folder: Path) -> Invocation:
    from aegis.dbt.engine.invoke import invoke

    return invoke(
        context.dbt(),
        ["parse", "--target-path", str(folder)],
        project_dir=context.project.folder,
        profiles_dir=context.profile.folder,
        target=context.profile.target,
        environment=context.connection.environment,
    )


def _newest_source(project: Project) -> float:
    """The latest change of a file that dbt would read, or of a folder of such files, in seconds since the epoch."""
    newest = 0.0
    skip = (project.target_dir, project.packages_dir, project.suites_dir, project.rules_dir)
    for folder, folders, files in os.walk(project.folder):
        path = Path(folder)
        folders[:] = [
            name for name in folders if path / name not in skip and not name.startswith((".", "venv", "node_modules"))
        ]
        changed = [path / name for name in files if Path(name).suffix in _SOURCES]
        if path != project.folder and (changed or not files):
            # A file that was removed or renamed has changed its folder.
            changed.append(path)
        newest = max([newest, *(one.stat().st_mtime for one in changed if one.exists())])
    return newest
