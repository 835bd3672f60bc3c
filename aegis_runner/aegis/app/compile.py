"""`aegis compile`: rules into dbt tests, written into the project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from aegis.connection.project import ProjectContext
from aegis.dbt.package import PACKAGE
from aegis.errors import ConfigError, RulesError

if TYPE_CHECKING:
    from aegis.dbt.graph.tables import Tables
    from aegis.dbt.project.settings import Project
    from aegis.dbt.suites.compile import SuiteFile
    from aegis.dbt.suites.files import Changes
    from aegis.domain.choices import Layout
    from aegis.rules.book import RuleBook
    from aegis.rules.rule_sets import RuleSet

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Compiled:
    """What compiling did, or with ``check`` would do. ``declared`` is the sources file that was written, if any;
    ``book`` the rules that were asked for."""

    folder: Path
    suites: tuple[SuiteFile, ...]
    changes: Changes
    rules: int
    book: RuleBook
    declared: Path | None = None


def read_book(rules: RuleSet, project: Project | None, dialect: str | None) -> RuleBook:
    """Rules made in Python and those of files and folders; with none, those of the rules/ folder of the project, or of
    the working folder. Rules that are wrong are among the book's broken ones.

    Raises:
        ConfigError: There are no rules to load.
    """
    from aegis.rules.load import read_rules
    from aegis.rules.rule_sets import parted, with_made

    made, chosen = parted(rules)
    if made and not chosen:
        return with_made(None, made, dialect)
    if not chosen:
        folder = project.rules_dir if project else Path.cwd() / "rules"
        if not folder.is_dir():
            hint = "Name a rules file or folder, or start with `aegis init`."
            raise ConfigError("there are no rules", where=str(folder), hint=hint)
        chosen = [folder]
    return with_made(read_rules([_shown(path) for path in chosen], dialect=dialect), made, dialect)


def _shown(path: Path) -> Path:
    """Relative to where the person stands, so that messages and generated files do not name a machine's folders."""
    absolute = path.absolute()
    return absolute.relative_to(Path.cwd()) if absolute.is_relative_to(Path.cwd()) else path


def fitting_suites(
    book: RuleBook, tables: Tables, dialect: str, layout: Layout = "suite"
) -> tuple[RuleBook, tuple[SuiteFile, ...]]:
    """The suites of the rules that fit the tables, and the book in which those that do not are broken."""
    from aegis.dbt.suites.compile import compile_suites

    return fitting(book, lambda book: compile_suites(book, tables, dialect=dialect, layout=layout))


def fitting(book: RuleBook, make: Callable[[RuleBook], T]) -> tuple[RuleBook, T]:
    """What ``make`` makes of the rules that it does not refuse, and the book in which those that it does are broken."""
    try:
        return book, make(book)
    except RulesError as error:
        left = book.without(error.problems)
    return left, make(left)


def compile_rules(
    paths: RuleSet,
    context: ProjectContext,
    *,
    check: bool = False,
    declare_sources: bool = False,
    layout: Layout = "suite",
    partly: bool = False,
) -> Compiled:
    """Write the suites of the rules into the project, or with ``check`` only say what would change.

    With ``partly`` rules that are wrong are left out, and are among the broken ones of the book that is handed back.

    Raises:
        RulesError: A rule is wrong, or names a table that dbt does not know (with ``partly``: all of them). Nothing was
            written.
        DbtError: dbt cannot parse the project.
        ConfigError: The package is not installed in the project, or a file is in the way.
    """
    from aegis.connection.tables import project_manifest
    from aegis.dbt.graph.tables import tables_of
    from aegis.dbt.project.settings import restricted_packages
    from aegis.dbt.suites.bind import missing_tables
    from aegis.dbt.suites.files import compare, write

    dialect = context.profile.type
    book = read_book(paths, context.project, dialect)
    if not book.rules:
        book.whole()
    _must_be_installed(context)
    restricted = restricted_packages(context.project)
    tables = tables_of(project_manifest(context), restricted, with_disabled=True)
    declared = None
    declares = declare_sources and not check and not book.problems
    missing = missing_tables(book, tables, dialect) if declares else ()
    if missing:
        from aegis.dbt.project.declare_sources import declare

        declared = declare(missing, context.project)
        tables = tables_of(project_manifest(context), restricted, with_disabled=True)
    book, suites = fitting_suites(book, tables, dialect, layout)
    if not (partly and book.rules):
        book.whole()
    folder = context.project.suites_dir
    changes = (compare if check else write)(folder, suites)
    return Compiled(folder, suites, changes, sum(len(suite.rule_ids) for suite in suites), book, declared)


def _must_be_installed(context: ProjectContext) -> None:
    """Suites call the dbt package; without it in the project no dbt command would work any more."""
    project = context.project
    if project.name == PACKAGE and (project.folder / "macros" / "suite").is_dir():
        return
    if (project.packages_dir / PACKAGE / "dbt_project.yml").is_file():
        return
    raise ConfigError(
        "the dbt package is not installed in the project",
        where=project.shown(project.packages_dir / PACKAGE),
        hint="Run `aegis init`, then `dbt deps`.",
    )
