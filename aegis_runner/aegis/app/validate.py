"""`aegis validate`: are these rules right? Offline by themselves; with a project or database also against the real
columns, every expression tried on no rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aegis.app.compile import fitting, read_book
from aegis.connection.project import (
    ProjectContext,
    ProjectOptions,
    dialect_here,
    has_project,
    project_here,
    resolve_project,
)
from aegis.errors import ArtifactError, ConfigError, Problem, RulesError, WarehouseError

if TYPE_CHECKING:
    from aegis.dbt.graph.tables import Table, Tables
    from aegis.dbt.project.settings import Project
    from aegis.dbt.suites.render import RenderedRelation
    from aegis.dbt.suites.split import Relate
    from aegis.rules.book import RuleBook
    from aegis.rules.rule_sets import RuleSet
    from aegis.warehouse.base import Warehouse


@dataclass(frozen=True, slots=True)
class Validated:
    """How many rules are fine, in how many files, whether their tables are known, and whether the warehouse was asked
    about them."""

    rules: int
    files: int
    tables: bool
    tried: bool


def validate(
    rules: RuleSet, connection: ProjectOptions, *, database: Path | str | None = None, online: bool = False
) -> Validated:
    """Check rules; raise with every problem found.

    Args:
        rules: Files and folders; with none, the project's rules/ folder.
        connection: How to reach the project.
        database: A DuckDB file to check the rules against, or the address of another database.
        online: Check them against the project's warehouse.

    Raises:
        RulesError: With every problem.
        ConfigError, WarehouseError, DbtError: The project or warehouse cannot be reached.
    """
    if isinstance(database, str) or (database is not None and connection.warehouse is not None):
        book = _against_address(rules, database, connection)
    elif database is None and _without_project(connection, online):
        book = _against_address(rules, connection.warehouse, connection)
    elif database is not None:
        book = _against_database(read_book(rules, None, "duckdb"), database, connection.wait)
    elif online:
        found = resolve_project(None, connection)
        book = _against_project(read_book(rules, found.project, found.profile.type), found)
    else:
        project, dialect = _project(connection), dialect_here(connection)
        book, tables = _against_manifest(read_book(rules, project, dialect), project, dialect)
        book.whole()
        return Validated(len(book), len(book.files), tables, False)
    book.whole()
    return Validated(len(book), len(book.files), True, True)


def _project(connection: ProjectOptions) -> Project | None:
    """The project around here; rules can be looked at without one, unless one was named."""
    try:
        return project_here(None, connection)
    except ConfigError:
        if connection.project_dir is not None:
            raise
        return None


def _against_manifest(book: RuleBook, project: Project | None, dialect: str | None) -> tuple[RuleBook, bool]:
    """The book, in which rules about tables that dbt does not know are broken; and whether its last manifest could be
    asked at all. One that cannot be read cannot."""
    from aegis.connection.tables import current_manifest
    from aegis.dbt.graph.tables import tables_of
    from aegis.dbt.project.settings import restricted_packages
    from aegis.dbt.suites.bind import bind

    try:
        manifest = None if project is None else current_manifest(project)
    except ArtifactError:
        manifest = None
    if manifest is None or project is None:
        return book, False
    tables = tables_of(manifest, restricted_packages(project), with_disabled=True)
    return fitting(book, lambda book: bind(book, tables, dialect))[0], True


def _without_project(connection: ProjectOptions, online: bool) -> bool:
    """Whether a warehouse class was named where there is no dbt project."""
    return online and connection.warehouse is not None and not has_project(connection)


def _against_address(rules: RuleSet, database: object, connection: ProjectOptions) -> RuleBook:
    from aegis.connection.databases import open_database, tables_of
    from aegis.dbt.suites.split import relation_of

    warehouse = open_database(database, connection)
    try:
        book = read_book(rules, None, warehouse.dialect)
        if not book.rules:
            return book
        warehouse.connect()
        return _try(book, tables_of(warehouse), lambda table: relation_of(table, warehouse.dialect), warehouse)
    finally:
        warehouse.close()


def _against_project(book: RuleBook, found: ProjectContext) -> RuleBook:
    if not book.rules:
        return book
    from aegis.connection.tables import project_manifest
    from aegis.dbt.graph.tables import tables_of
    from aegis.dbt.project.settings import restricted_packages
    from aegis.dbt.suites.split import relation_of

    manifest = project_manifest(found, of_target=True)
    names = {node.unique_id: node.relation_name for node in manifest.nodes.values()}
    names |= {node.unique_id: node.relation_name for node in (manifest.sources or {}).values()}

    def relate(table: Table) -> RenderedRelation:
        return relation_of(table, found.profile.type, names.get(table.unique_id or ""))

    warehouse = found.warehouse()
    try:
        warehouse.connect()
        return _try(book, tables_of(manifest, restricted_packages(found.project)), relate, warehouse)
    finally:
        warehouse.close()


def _against_database(book: RuleBook, database: Path, wait: float) -> RuleBook:
    if not book.rules:
        return book
    from aegis.connection.catalog import database_catalog
    from aegis.dbt.scratch.private_project import database_name
    from aegis.dbt.suites.split import relation_of
    from aegis.warehouse.duckdb_files import DuckDbFiles

    with database_catalog(database, wait=wait) as catalog:
        tables = catalog.tables
    warehouse = DuckDbFiles({database_name(database): database}, wait=wait)
    try:
        warehouse.connect()
        return _try(book, tables, lambda table: relation_of(table, "duckdb"), warehouse)
    finally:
        warehouse.close()


def _try(book: RuleBook, tables: Tables, relate: Relate, warehouse: Warehouse) -> RuleBook:
    """Every rule that fits the tables on no rows of its own; the book, in which those that cannot run are broken."""
    from aegis.dbt.suites.compile import bind_rules
    from aegis.dbt.suites.split import one_by_one

    try:
        suites = bind_rules(book, tables, dialect=warehouse.dialect)
    except RulesError as error:
        book = book.without(error.problems)
        suites = bind_rules(book, tables, dialect=warehouse.dialect)
    by_id = {rule.id: rule for rule in book}
    problems: list[Problem] = []
    for suite in suites:
        try:
            rows = one_by_one(suite, tables, relate, warehouse.dialect, warehouse.execute_sample, empty=True)
        except WarehouseError as error:
            rows = [{"rule_id": rule["id"], "status": "error", "message": error.message} for rule in suite.arguments()]
        for row in rows:
            if row["status"] == "error":
                rule = by_id[str(row["rule_id"])]
                file, line = (rule.source.file, rule.source.line or None) if rule.source else ("rules", None)
                problems.append(Problem(file, line, rule.id, None, str(row["message"])))
    return book.without(problems)
