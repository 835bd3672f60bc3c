"""`aegis run`: rules in, report out. In a dbt project it compiles, builds and analyzes; a database without a project
gets a private one, and nothing is left behind in it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from aegis.analysis.asked import Asked
from aegis.analysis.options import check
from aegis.analysis.started_run import start
from aegis.app.analyze import analyze
from aegis.app.run_options import RunOptions
from aegis.app.settings import RunSettings, with_settings
from aegis.connection.project import ProjectContext, ProjectOptions, has_project, resolve_project
from aegis.domain.report import Report
from aegis.errors import DbtError, UsageError, WarehouseError

if TYPE_CHECKING:
    from aegis.dbt.engine.executable import Dbt
    from aegis.dbt.engine.invoke import Invocation
    from aegis.dbt.scratch.private_project import ScratchProject
    from aegis.rules.rule_sets import RuleSet


# What dbt 1 says where it parsed before a model was disabled, and kept a test of it.
_STALE_PARSE = "which is not in the graph"


def run(
    rules: RuleSet = (),
    options: RunOptions | None = None,
    *,
    database: str | os.PathLike[str] | object | None = None,
    **settings: Unpack[RunSettings],
) -> Report:
    """Run rules and report.

    Args:
        rules: Rules, files, folders and books, one or several; with none, the project's rules/ folder.
        options: How; each keyword of ``settings`` has precedence over it.
        database: What to check without a dbt project: the path of a DuckDB file, ``postgresql://…``, the address of a
            registered warehouse class, or such a class or object.
        settings: The fields of `RunOptions`, `AnalyzeOptions` and `ProjectOptions` by their names, such as
            ``project_dir``, ``target``, ``warehouse``, ``depth``, ``fail_on``, ``privacy``, ``audit``.

    Raises:
        RulesError: No rule is fine; nothing was run. (Those that are wrong beside others are error results.)
        ConfigError: Project or profile are wrong; nothing was run.
        UsageError: A setting is not one, or does not go with another.
        WarehouseError: The database cannot be opened.
        DbtError: dbt is missing or broke before it gave results.
    """
    from aegis.connection.databases import open_database, path_or_address

    chosen = with_settings(options or RunOptions(), settings)
    check(chosen.analyze)
    connection = chosen.analyze.connection
    named = path_or_address(database)
    if isinstance(named, Path) and connection.warehouse is None:
        return _on_database(rules, named, chosen)
    alone = connection.warehouse is not None and not has_project(connection)
    if database is None and not alone:
        return _in_project(rules, chosen)
    from aegis.app.direct import run_direct

    return run_direct(rules, open_database(connection.warehouse if database is None else database, connection), chosen)


def _in_project(rules: RuleSet, options: RunOptions) -> Report:
    from aegis.app.compile import compile_rules

    began = datetime.now(UTC)
    found = resolve_project(None, options.analyze.connection)
    dbt = found.dbt()
    _wait_for_file(found)
    book = compile_rules(rules, found, partly=True).book
    selection = selected(options)
    asked = Asked(book, f"not selected by `{' '.join(selection)}`" if selection else None)
    names = {"project": found.project.name, "target": found.profile.target}
    started = start(options.analyze, began, rules, asked, **names)
    before = _stamp(found.project.target_dir)
    extra = [*selection, "--target", found.profile.target, "--write-json"]
    done = _build(dbt, found.project.folder, found.profile.folder, options, extra)
    if any(_STALE_PARSE in error for error in done.errors):
        done = _build(dbt, found.project.folder, found.profile.folder, options, [*extra, "--no-partial-parse"])
    _must_have_results(done, found.project.target_dir, dbt, before=before)
    connection = replace(options.analyze.connection, project_dir=found.project.folder)
    told = replace(options.analyze, connection=connection)
    return analyze(found.project.target_dir, told, started=started)


def selected(options: RunOptions) -> list[str]:
    """The node selection, as dbt takes it."""
    given = (("--select", options.select), ("--exclude", options.exclude))
    return [argument for option, entries in given for entry in entries for argument in (option, entry)]


def _wait_for_file(found: ProjectContext) -> None:
    """dbt would meet a DuckDB file that is open elsewhere with a traceback, at once.

    Raises:
        WarehouseError: The file of the profile is still held after ``--wait`` seconds.
    """
    if found.profile.type == "duckdb":
        from aegis.warehouse.duckdb_lock import wait_until_free

        path = str(found.profile.settings.get("path", ":memory:"))
        wait_until_free(found.project.folder / path, found.connection.wait)


def _on_database(rules: RuleSet, database: Path, options: RunOptions) -> Report:
    from aegis.app.compile import fitting_suites, read_book
    from aegis.connection.catalog import database_catalog
    from aegis.dbt.engine.environment import private
    from aegis.dbt.engine.executable import find_dbt
    from aegis.dbt.scratch.private_project import make_project, private_folder

    began = datetime.now(UTC)
    if selection := selected(options):
        hint = "Name fewer rules files instead."
        raise UsageError(f"{selection[0]} is dbt's selection, and there is no project", hint=hint)
    given = options.analyze.connection.environment
    dbt = find_dbt(options.analyze.connection.dbt, None, given)
    options = _with(options, replace(options.analyze.connection, environment=private(given)))
    connection = options.analyze.connection
    book = read_book(rules, None, "duckdb")
    if not book.rules:
        book.whole()
    with database_catalog(database, wait=connection.wait) as catalog:
        book, suites = fitting_suites(book, catalog.tables, "duckdb")
        if not book.rules:
            book.whole()
        used = [table for table in catalog.tables.all if any(table.call in suite.text for suite in suites)]
        columns = catalog.columns(used)
    started = start(options.analyze, began, rules, Asked(book), project=database.stem, target=None)
    with private_folder() as folder:
        # One suite after the other: each statement has DuckDB's threads, where its table is worth them.
        threads = options.threads or 1
        project = make_project(
            folder, database.absolute(), suites, used, columns, here=Path.cwd(), threads=threads, dbt_major=dbt.major
        )
        _build_private(dbt, project, options)
        inside = replace(connection, project_dir=project.folder, profiles_dir=project.folder, target="run")
        told = replace(options.analyze, connection=inside)
        return analyze(project.target_dir, told, started=replace(started, keeps_target=False))


def _with(options: RunOptions, connection: ProjectOptions) -> RunOptions:
    return replace(options, analyze=replace(options.analyze, connection=connection))


def _build_private(dbt: Dbt, project: ScratchProject, options: RunOptions) -> None:
    """Build the private project, as lean as each dbt can."""
    from aegis import __version__
    from aegis.dbt.project import parse_cache

    if dbt.major == 1:
        macros = sorted(path.name for path in (project.folder / "macros").iterdir())
        name = parse_cache.key(dbt.version, str(dbt.path), __version__, project.profile, *macros)
        parse_cache.restore(name, project.target_dir)
        done = _build(dbt, project.folder, project.folder, options, ["--no-version-check"])
        parse_cache.keep(name, project.target_dir)
    else:
        # Nothing here is typed that dbt could check, and checking costs a tenth of a small run; nobody sees its log.
        lean = ["--static-analysis", "off", "--log-level-file", "error"]
        done = _build(dbt, project.folder, project.folder, options, lean, folder=Path.cwd())
    _must_have_results(done, project.target_dir, dbt, before=None)


def _build(
    dbt: Dbt,
    project_dir: Path,
    profiles_dir: Path,
    options: RunOptions,
    extra: Sequence[str],
    folder: Path | None = None,
) -> Invocation:
    from aegis.dbt.engine.invoke import invoke

    threads = ["--threads", str(options.threads)] if options.threads else []
    return invoke(
        dbt,
        ["build", *threads, *extra],
        project_dir=project_dir,
        profiles_dir=profiles_dir,
        target=None,
        environment=options.analyze.connection.environment,
        on_progress=options.on_progress,
        folder=folder,
    )


def _stamp(target_dir: Path) -> tuple[int, int, int] | None:
    """What changes when dbt writes its results; clocks of file systems differ, so this asks for no time."""
    results = target_dir / "run_results.json"
    if not results.is_file():
        return None
    found = results.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _must_have_results(done: Invocation, target_dir: Path, dbt: Dbt, *, before: tuple[int, int, int] | None) -> None:
    """A build with failed tests is a build; one that gave no results is not. ``before`` is the stamp of older ones.

    Raises:
        WarehouseError: dbt's DuckDB cannot read the file.
        DbtError: dbt broke.
    """
    if done.exit_code in (0, 1) and _stamp(target_dir) not in (None, before):
        return
    told = "\n".join(done.errors[-8:])
    if "Could not set lock on file" in told:
        from aegis.warehouse.duckdb_files import opening_error

        raise opening_error(target_dir.parent, told)
    if "database file with version number" in told:
        raise WarehouseError(
            "the database was written by a newer DuckDB than this dbt has",
            where=str(dbt.path),
            hint="Update dbt or its DuckDB driver, or write the file with ATTACH … (STORAGE_VERSION 'v1.0.0').",
        )
    raise DbtError(
        f"dbt {dbt.version} gave no results ({done.ending}):\n{told or 'it said nothing'}",
        where=str(dbt.path),
    )
