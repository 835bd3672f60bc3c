"""`aegis validate`: are these rules right? Offline by themselves; with a project or database also against the real
columns, every expression tried on no rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aegis.app.compile import load_book
from aegis.app.reach import Connection, Reach, dialect_here, project_here, reach
from aegis.errors import ArtifactError, ConfigError, Problem, RulesError, WarehouseError

if TYPE_CHECKING:
    from aegis.dbt.project import Project
    from aegis.dbt.render import RenderedRelation
    from aegis.dbt.split import Relate
    from aegis.dbt.tables import Table, Tables
    from aegis.rules.book import RuleBook
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
    rules: Sequence[Path], connection: Connection, *, database: Path | None = None, online: bool = False
) -> Validated:
    """Check rules; raise with every problem found.

    Args:
        rules: Files and folders; with none, the project's rules/ folder.
        connection: How to reach the project.
        database: A DuckDB file to check the rules against.
        online: Check them against the project's warehouse.

    Raises:
        RulesError: With every problem.
        ConfigError, WarehouseError, DbtError: The project or warehouse cannot be reached.
    """
    if database is not None:
        book = load_book(rules, None, "duckdb")
        _against_database(book, database, connection.wait)
    elif online:
        found = reach(None, connection)
        book = load_book(rules, found.project, found.profile.type)
        _against_project(book, found)
    else:
        project = _project(connection)
        book = load_book(rules, project, dialect_here(connection))
        tables = project is not None and _against_manifest(book, project, dialect_here(connection))
        return Validated(len(book), len(book.files), tables, False)
    return Validated(len(book), len(book.files), True, True)


def _project(connection: Connection) -> Project | None:
    """The project around here; rules can be looked at without one, unless one was named."""
    try:
        return project_here(None, connection)
    except ConfigError:
        if connection.project_dir is not None:
            raise
        return None


def _against_manifest(book: RuleBook, project: Project, dialect: str | None) -> bool:
    """Whether dbt's last manifest could be asked for the tables of the rules. One that cannot be read cannot.

    Raises:
        RulesError: It knows some of them not.
    """
    from aegis.app.tables import current_manifest
    from aegis.dbt.bind import bind
    from aegis.dbt.tables import tables_of

    try:
        manifest = current_manifest(project)
    except ArtifactError:
        manifest = None
    if manifest is None:
        return False
    bind(book, tables_of(manifest), dialect)
    return True


def _against_project(book: RuleBook, found: Reach) -> None:
    from aegis.app.tables import project_manifest
    from aegis.dbt.split import relation_of
    from aegis.dbt.tables import tables_of

    manifest = project_manifest(found, of_target=True)
    names = {node.unique_id: node.relation_name for node in manifest.nodes.values()}
    names |= {node.unique_id: node.relation_name for node in (manifest.sources or {}).values()}

    def relate(table: Table) -> RenderedRelation:
        return relation_of(table, found.profile.type, names.get(table.unique_id or ""))

    warehouse = found.warehouse()
    try:
        warehouse.connect()
        _try(book, tables_of(manifest), relate, warehouse)
    finally:
        warehouse.close()


def _against_database(book: RuleBook, database: Path, wait: float) -> None:
    from aegis.app.tables import database_tables
    from aegis.dbt.scratch import database_name
    from aegis.dbt.split import relation_of
    from aegis.warehouse.duckdb_files import DuckDbFiles

    tables = database_tables(database, wait=wait)
    warehouse = DuckDbFiles({database_name(database): database}, wait=wait)
    try:
        _try(book, tables, lambda table: relation_of(table, "duckdb"), warehouse)
    finally:
        warehouse.close()


def _try(book: RuleBook, tables: Tables, relate: Relate, warehouse: Warehouse) -> None:
    """Every rule on no rows of its table.

    Raises:
        RulesError: Some cannot run.
    """
    from aegis.dbt.compile import bind_rules
    from aegis.dbt.split import one_by_one

    by_id = {rule.id: rule for rule in book}
    problems: list[Problem] = []
    for suite in bind_rules(book, tables, dialect=warehouse.dialect):
        try:
            rows = one_by_one(suite, tables, relate, warehouse.dialect, warehouse.execute_sample, empty=True)
        except WarehouseError as error:
            rows = [{"rule_id": rule["id"], "status": "error", "message": error.message} for rule in suite["rules"]]
        for row in rows:
            if row["status"] == "error":
                rule = by_id[str(row["rule_id"])]
                file, line = (rule.source.file, rule.source.line or None) if rule.source else ("rules", None)
                problems.append(Problem(file, line, rule.id, None, str(row["message"])))
    if problems:
        raise RulesError(problems, fine=len(book) - len({problem.rule_id for problem in problems}))
