"""`aegis init`: what a dbt project needs to use Aegis, without a network."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from aegis.dbt.package import package_folder
from aegis.dbt.project import Project, load_project, read_yaml_mapping
from aegis.dbt.suite_files import replace_file
from aegis.errors import ConfigError

VENDORED = "aegis_package"
"""The folder in the project that holds the dbt package: in git, so that every checkout and dbt Cloud find it."""

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


def init(project_dir: Path) -> Initialized:
    """Put the dbt package into the project, name it in packages.yml, and start a rules/ folder.

    What is there already stays; the package's own folder is brought to this version.

    Raises:
        ConfigError: It is not a dbt project, or a file cannot be written.
    """
    project = load_project(project_dir)
    written: list[str] = []
    kept: list[str] = []
    try:
        _vendor(project, written, kept)
        _add_to_packages(project, written, kept)
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
    return Initialized(project, tuple(written), tuple(kept), steps)


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


def _add_to_packages(project: Project, written: list[str], kept: list[str]) -> None:
    for name in ("packages.yml", "dependencies.yml"):
        path = project.folder / name
        if path.is_file() and _names_us(path):
            kept.append(name)
            return
    path = project.folder / "packages.yml"
    text = path.read_text(encoding="utf-8").rstrip("\n") + "\n" if path.is_file() else ""
    entry = f"  - local: {VENDORED}\n"
    if text:
        given = read_yaml_mapping(path)
        if (
            list(given) != ["packages"]
            or not isinstance(given["packages"], list)
            or not text.rstrip().splitlines()[-1].startswith(" ")
        ):
            raise ConfigError(
                "has a form that Aegis does not edit",
                where=str(path),
                hint=f"Add this entry to its packages: `- local: {VENDORED}`",
            )
        last = next(line for line in reversed(text.splitlines()) if line.lstrip().startswith("- "))
        entry = f"{last[: len(last) - len(last.lstrip())]}- local: {VENDORED}\n"
    replace_file(path, (text or "packages:\n") + entry)
    written.append("packages.yml")


def _names_us(path: Path) -> bool:
    packages = read_yaml_mapping(path).get("packages")
    entries = packages if isinstance(packages, list) else []
    return any(
        isinstance(entry, dict) and "aegis" in str(entry.get("local") or entry.get("package") or entry.get("git"))
        for entry in entries
    )


def _start_rules(project: Project, written: list[str], kept: list[str]) -> None:
    folder = project.rules_dir
    if folder.is_dir() and any(folder.glob("*.y*ml")):
        kept.append("rules/")
        return
    folder.mkdir(exist_ok=True)
    models = sorted(path.stem for root in project.model_paths for path in root.rglob("*.sql"))
    replace_file(folder / "first_rules.yml", EXAMPLE.format(table=models[0] if models else "orders"))
    written.append("rules/first_rules.yml")
