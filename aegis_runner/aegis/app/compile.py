"""`aegis compile`: rules into dbt tests, written into the project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aegis.app.reach import Reach
from aegis.dbt.package import PACKAGE
from aegis.errors import ConfigError

if TYPE_CHECKING:
    from aegis.dbt.compile import Layout, SuiteFile
    from aegis.dbt.project import Project
    from aegis.dbt.suite_files import Changes
    from aegis.rules.book import RuleBook


@dataclass(frozen=True, slots=True)
class Compiled:
    """What compiling did, or with ``check`` would do. ``declared`` is the sources file that was written, if any."""

    folder: Path
    suites: tuple[SuiteFile, ...]
    changes: Changes
    rules: int
    declared: Path | None = None


def load_book(paths: Sequence[Path], project: Project | None, dialect: str | None) -> RuleBook:
    """The rules of these files and folders, or of the rules/ folder of the project, or of the working folder.

    Raises:
        RulesError: With every problem.
        ConfigError: There are no rules to load.
    """
    from aegis.rules.load import load_rules

    chosen = list(paths)
    if not chosen:
        folder = project.rules_dir if project else Path.cwd() / "rules"
        if not folder.is_dir():
            hint = "Name a rules file or folder, or start with `aegis init`."
            raise ConfigError("there are no rules", where=str(folder), hint=hint)
        chosen = [folder]
    return load_rules([_shown(path) for path in chosen], dialect=dialect)


def _shown(path: Path) -> Path:
    """Relative to where the person stands, so that messages and generated files do not name a machine's folders."""
    absolute = path.absolute()
    return absolute.relative_to(Path.cwd()) if absolute.is_relative_to(Path.cwd()) else path


def compile_rules(
    paths: Sequence[Path], reach: Reach, *, check: bool = False, declare_sources: bool = False, layout: Layout = "suite"
) -> Compiled:
    """Write the suites of the rules into the project, or with ``check`` only say what would change.

    Raises:
        RulesError: A rule is wrong, or names a table that dbt does not know.
        DbtError: dbt cannot parse the project.
        ConfigError: The package is not installed in the project, or a file is in the way.
    """
    from aegis.app.tables import project_manifest
    from aegis.dbt.bind import missing_tables
    from aegis.dbt.compile import compile_suites
    from aegis.dbt.suite_files import compare, write
    from aegis.dbt.tables import tables_of

    dialect = reach.profile.type
    book = load_book(paths, reach.project, dialect)
    _must_be_installed(reach)
    tables = tables_of(project_manifest(reach))
    declared = None
    missing = missing_tables(book, tables, dialect) if declare_sources and not check else ()
    if missing:
        from aegis.app.sources import declare

        declared = declare(missing, reach.project)
        tables = tables_of(project_manifest(reach))
    suites = compile_suites(book, tables, dialect=dialect, layout=layout)
    folder = reach.project.suites_dir
    changes = (compare if check else write)(folder, suites)
    return Compiled(folder, suites, changes, sum(len(suite.rule_ids) for suite in suites), declared)


def _must_be_installed(reach: Reach) -> None:
    """Suites call the dbt package; without it in the project no dbt command would work any more."""
    project = reach.project
    if project.name == PACKAGE or (project.packages_dir / PACKAGE / "dbt_project.yml").is_file():
        return
    raise ConfigError(
        "the dbt package is not installed in the project",
        where=project.shown(project.packages_dir / PACKAGE),
        hint="Run `aegis init`, then `dbt deps`.",
    )
