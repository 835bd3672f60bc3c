"""Proposals of `aegis dbt generate --propose`: what the tables suggest, each run on them before it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aegis.errors import RulesError, WarehouseError

if TYPE_CHECKING:
    from aegis.app.generate import ProposeOptions
    from aegis.dbt.artifacts.schema import Manifest
    from aegis.dbt.generate.model import Generated, Proposed
    from aegis.dbt.generate.profile import TableProfile
    from aegis.dbt.generate.suggest import Idea
    from aegis.dbt.graph.tables import Table, Tables
    from aegis.dbt.suites.render import RenderedRelation
    from aegis.rules.model import Rule
    from aegis.warehouse.base import Warehouse

BY = "aegis dbt generate --propose"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where proposals are run: the warehouse, the tables of the manifest, and what the warehouse calls each (None
    where it does not have it)."""

    warehouse: Warehouse
    tables: Tables
    relate: Callable[[Table], RenderedRelation | None]


def propose_rules(
    manifest: Manifest, manifest_path: Path, generated: Generated, options: ProposeOptions
) -> tuple[tuple[Proposed, ...], tuple[str, ...]]:
    """Proposals with what each found, and notes of what could not be looked at.

    Raises:
        ConfigError, WarehouseError: The warehouse cannot be reached.
    """
    notes: list[str] = []
    with _place(manifest, manifest_path, options) as place:
        profiles = _profiles(place, generated, options, notes)
        if not profiles:
            raise WarehouseError(
                "none of the manifest's tables are in this database",
                hint="Build the project first, or name its database: --db FILE.duckdb, or --project-dir and --target.",
            )
        rules = _rules(manifest, place, generated, profiles)
        found = [one for some in rules.values() for one in _run(some, place, notes)]
    return tuple(found), tuple(notes)


@contextmanager
def _place(manifest: Manifest, manifest_path: Path, options: ProposeOptions) -> Iterator[_Place]:
    from aegis.dbt.graph.tables import tables_of
    from aegis.dbt.suites.split import relation_of

    tables = tables_of(manifest)
    if options.database is not None:
        with _named(options) as (warehouse, there):
            yield _Place(warehouse, tables, lambda table: _in_database(table, there, warehouse.dialect))
        return
    from aegis.connection.project import resolve_project

    folder = manifest_path if manifest_path.is_dir() else manifest_path.parent
    found = resolve_project(folder, options.connection)
    warehouse = found.warehouse()
    names = {node.unique_id: node.relation_name for node in manifest.nodes.values()}
    names |= {node.unique_id: node.relation_name for node in (manifest.sources or {}).values()}
    try:
        warehouse.connect()
        dialect = found.profile.type
        yield _Place(warehouse, tables, lambda table: relation_of(table, dialect, names.get(table.unique_id or "")))
    finally:
        warehouse.close()


@contextmanager
def _named(options: ProposeOptions) -> Iterator[tuple[Warehouse, Tables]]:
    """A database that was named, and its tables."""
    if isinstance(options.database, Path):
        from aegis.connection.catalog import database_catalog
        from aegis.dbt.scratch.private_project import database_name
        from aegis.warehouse.duckdb_files import DuckDbFiles

        with database_catalog(options.database, wait=options.connection.wait) as catalog:
            tables = catalog.tables
        warehouse: Any = DuckDbFiles({database_name(options.database): options.database}, wait=options.connection.wait)
        try:
            warehouse.connect()
            yield warehouse, tables
        finally:
            warehouse.close()
        return
    from aegis.connection.databases import open_database, tables_of

    warehouse = open_database(options.database, options.connection)
    try:
        warehouse.connect()
        yield warehouse, tables_of(warehouse)
    finally:
        warehouse.close()


def _in_database(table: Table, there: Tables, dialect: str) -> RenderedRelation | None:
    from aegis.dbt.graph.tables import UnknownTable
    from aegis.dbt.suites.split import relation_of

    try:
        return relation_of(there.find(table.identifier, table.schema), dialect)
    except UnknownTable:
        return None


def _profiles(
    place: _Place, generated: Generated, options: ProposeOptions, notes: list[str]
) -> dict[str, TableProfile]:
    from aegis.dbt.generate.from_manifest import labels_of
    from aegis.dbt.generate.profile import profile

    found: dict[str, TableProfile] = {}
    missing: list[str] = []
    for unique_id, label in sorted(labels_of(place.tables).items(), key=lambda one: one[1]):
        table = next(one for one in place.tables.all if one.unique_id == unique_id)
        if table.unfit is not None:
            continue
        if options.progress is not None:
            options.progress(f"looking at {label}")
        relation = place.relate(table)
        try:
            if relation is None:
                raise WarehouseError("there is no such table")
            found[label] = profile(label, relation, place.warehouse.dialect, place.warehouse.execute_sample)
        except WarehouseError:
            missing.append(label)  # said below: a project that is built in part is no reason to stop
    if missing:
        more = f" and {len(missing) - 5:,} more" if len(missing) > 5 else ""
        notes.append(f"not in the database, or not readable, so nothing is proposed: {', '.join(missing[:5])}{more}")
    return found


def _rules(
    manifest: Manifest, place: _Place, generated: Generated, profiles: Mapping[str, TableProfile]
) -> dict[str, list[tuple[Rule, str]]]:
    """What is suggested and not asked already, by table."""
    from aegis.dbt.generate.suggest import Known, suggest
    from aegis.dbt.graph.unique_sets import unique_sets
    from aegis.privacy.names import is_personal

    asked = {_asked(entry.rule.type, entry.rule.table, entry.rule.columns_named) for entry in generated.rules}
    asked |= set(_asked_by_suites(manifest))
    used = {entry.rule.id for entry in generated.rules}
    promised = unique_sets(manifest)
    found: dict[str, list[tuple[Rule, str]]] = {}
    for label, profile in profiles.items():
        node = manifest.find(place.tables.find(label).unique_id or "")
        assert node is not None
        sets = promised.get(node.unique_id, frozenset())
        alone = {name for one in sets if len(one) == 1 for name in one}
        for idea in suggest(profile, Known(profiles, node, alone, lambda name: is_personal(name))):
            if _asked(idea.cls.type, label, [str(idea.values["column"])]) in asked:
                continue
            rule = _draft(idea, label, used)
            used.add(rule.id)
            found.setdefault(label, []).append((rule, idea.why))
    return found


def _asked(kind: str, table: str | None, columns: Iterable[str]) -> tuple[str, ...]:
    return (kind, (table or "").lower(), *map(str.lower, columns))


def _asked_by_suites(manifest: Manifest) -> Iterator[tuple[str, ...]]:
    """What rules of the project ask already."""
    from aegis.dbt.artifacts.suite_rows import RowError, rules_of
    from aegis.dbt.graph.nodes import node_under_test, table_name

    for test in manifest.nodes.values():
        try:
            rules = rules_of(test) if test.resource_type == "test" else None
        except RowError:
            continue  # a suite that cannot be read asks nothing that is known
        tested = node_under_test(manifest, test) if rules else None
        label = table_name(manifest.find(tested)) if tested else None
        for rule in rules or ():
            yield _asked(rule.type, label, rule.columns or ([rule.column_name] if rule.column_name else []))


def _draft(idea: Idea, label: str, used: set[str]) -> Rule:
    values: dict[str, Any] = {"table": label, "status": "draft", "generated_by": BY, **idea.values}
    name = idea.cls.default_id(values)
    return idea.cls(**values, id=f"{name}_proposed" if name in used else name)


def _run(rules: list[tuple[Rule, str]], place: _Place, notes: list[str]) -> Iterator[Proposed]:
    """Each rule on the whole table."""
    from aegis.dbt.generate.model import Proposed
    from aegis.dbt.generate.text import reads_back
    from aegis.dbt.suites.compile import bind_rules
    from aegis.dbt.suites.split import one_by_one
    from aegis.rules.book import RuleBook

    warehouse, book = place.warehouse, RuleBook(tuple(rule for rule, _ in rules))
    why = {rule.id: text for rule, text in rules}
    try:
        suites = bind_rules(book, place.tables, dialect=warehouse.dialect)
    except RulesError as error:
        book = book.without(error.problems)
        notes += [f"not proposed: {problem.rule_id}: {problem.message.splitlines()[0]}" for problem in error.problems]
        suites = bind_rules(book, place.tables, dialect=warehouse.dialect)
    by_id = {rule.id: rule for rule in book}

    def relate(table: Table) -> RenderedRelation:
        relation = place.relate(table)
        if relation is None:
            raise WarehouseError("there is no such table", where=table.label)
        return relation

    for suite in suites:
        for row in one_by_one(suite, place.tables, relate, warehouse.dialect, warehouse.execute_sample):
            rule = by_id[str(row["rule_id"])]
            if row["status"] == "error":
                notes.append(f"not proposed: {rule.id}: it could not run: {str(row['message']).splitlines()[0][:200]}")
                continue
            if not reads_back(rule, warehouse.dialect):
                notes.append(f"not proposed: {rule.id}: a rules file cannot hold its values")
                continue
            found = f"{_number(row['rows_failed'])} of {_number(row['rows_checked'])} rows fail"
            yield Proposed(rule, why[rule.id], found, with_id=rule.id.endswith("_proposed"))


def _number(value: object) -> str:
    return f"{int(str(value)):,}" if value is not None else "0"
