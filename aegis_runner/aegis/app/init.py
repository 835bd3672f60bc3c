"""`aegis init`: what a dbt project needs to use Aegis, without a network."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from aegis.dbt.package import PACKAGE, package_folder
from aegis.dbt.project.packages_file import (
    DEPENDENCIES,
    PACKAGES,
    add_local_package,
    has_jinja,
    names_the_package,
    packages_file,
)
from aegis.dbt.project.settings import PROJECT_FILE, Project, load_project
from aegis.dbt.suites.files import replace_file
from aegis.errors import ConfigError

VENDORED = "aegis_package"
"""The folder in the project that holds the dbt package: in git, so that every checkout and dbt Cloud find it."""

LOCK = "package-lock.yml"

_PACKAGE_PARTS = ("dbt_project.yml", "macros", "models")

EXAMPLE = """\
# One expectation about one table each. `aegis compile` makes dbt tests of them, one per table.
# All types: aegis rules schema, or the rule catalog in the documentation.
table: {table}
severity: high
rules:
  - row_count: 1
  # - not_null: [id]
  # - unique: id
  # - accepted_values: {{column: status, values: [placed, shipped, returned]}}
  # - between: {{column: amount, min_value: 0, where: "status <> 'returned'"}}
"""


@dataclass(frozen=True, slots=True)
class Initialized:
    """What was written (relative to the project), and what was there already."""

    project: Project
    written: tuple[str, ...]
    kept: tuple[str, ...]
    next_steps: tuple[str, ...]
    notes: tuple[str, ...] = ()


def init(project_dir: Path) -> Initialized:
    """Put the dbt package into the project, name it where its packages are listed, and start a rules/ folder.

    What is there already stays; the package's own folder is brought to this version.

    Raises:
        ConfigError: It is not a dbt project, or a file cannot be written.
    """
    project = load_project(project_dir)
    _must_take_the_package(project)
    written: list[str] = []
    kept: list[str] = []
    notes: list[str] = []
    try:
        _vendor(project, written, kept)
        _add_to_packages(project, written, kept, notes)
        _start_rules(project, written, kept)
    except OSError as error:
        raise ConfigError(
            f"cannot be written: {error.strerror}", where=str(error.filename or project.folder)
        ) from error
    steps = (
        "dbt deps",
        "edit rules/*.yml",
        "aegis compile",
        "dbt build",
        f"aegis analyze {project.shown(project.target_dir)}/",
    )
    return Initialized(project, tuple(written), tuple(kept), steps, tuple(notes))


def _must_take_the_package(project: Project) -> None:
    """Nothing is written into a project in which suites could not run afterwards."""
    if project.name == PACKAGE:
        raise ConfigError(
            f"the project is called '{PACKAGE}', as the dbt package is, and dbt takes no two of one name",
            where=str(project.folder / PROJECT_FILE),
            hint="Give the project another name, there and in its `models:` section.",
        )
    _ = project.suites_dir


def _vendor(project: Project, written: list[str], kept: list[str]) -> None:
    source, target = package_folder(), project.folder / VENDORED
    if _digest(source) == _digest(target):
        kept.append(f"{VENDORED}/")
        return
    if target.exists() and not (target / "dbt_project.yml").is_file():
        raise ConfigError(
            "is there already and is not the dbt package", where=str(target), hint="Move it away, then run init again."
        )
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for part in _PACKAGE_PARTS:
        if (source / part).is_dir():
            shutil.copytree(source / part, target / part)
        elif (source / part).is_file():
            shutil.copyfile(source / part, target / part)
    written.append(f"{VENDORED}/")


def _digest(folder: Path) -> dict[str, bytes]:
    files = (path for part in _PACKAGE_PARTS for path in sorted((folder / part).rglob("*")) if path.is_file())
    root = [folder / "dbt_project.yml"] if (folder / "dbt_project.yml").is_file() else []
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in (*root, *files)}


def _add_to_packages(project: Project, written: list[str], kept: list[str], notes: list[str]) -> None:
    path = packages_file(project)
    for one in (path, project.folder / PACKAGES):
        if names_the_package(one):
            kept.append(one.name)
            return
    add_local_package(path, VENDORED)
    written.append(path.name)
    if path.name == DEPENDENCIES and has_jinja(path):
        notes.append(f"{DEPENDENCIES} holds Jinja, which dbt does not render there: move its packages to {PACKAGES}")
    if (project.folder / LOCK).is_file():
        notes.append(f"dbt deps writes {LOCK} again: packages given by a range of versions may move to a newer one")


def _start_rules(project: Project, written: list[str], kept: list[str]) -> None:
    folder = project.rules_dir
    if folder.is_dir() and any(folder.glob("*.y*ml")):
        kept.append("rules/")
        return
    folder.mkdir(exist_ok=True)
    models = sorted(path.stem for root in project.model_paths for path in root.rglob("*.sql"))
    replace_file(folder / "first_rules.yml", EXAMPLE.format(table=models[0] if models else "orders"))
    written.append("rules/first_rules.yml")
