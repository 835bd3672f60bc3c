"""Rules run without dbt, for a database that has no project and of which nothing may be kept: the package's own macros,
rendered here, make the statements that dbt would run.

What dbt would have written of such a build is made by hand, so that all that reads artifacts reads these: a test for
each suite, a source for each table, and that the tests ran.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from aegis.dbt.artifacts.suite_meta import SuiteSection
from aegis.dbt.artifacts.suite_rows import StoredRow
from aegis.dbt.graph.nodes import PRIVATE
from aegis.dbt.graph.tables import Table, Tables, UnknownTable, quoted
from aegis.dbt.suites.columns import Execute
from aegis.dbt.suites.compile import bind_rules
from aegis.dbt.suites.split import error_row, one_by_one, relation_of
from aegis.errors import AegisError, WarehouseError
from aegis.rules.book import RuleBook

DEFAULT = "main"
"""The source of tables that their names alone find; `aegis.dbt.graph.nodes.table_name` leaves it out."""

_SCHEMA = "https://schemas.getdbt.com/dbt/{}.json"


@dataclass(frozen=True, slots=True)
class DirectSuite:
    """The rules of one table as ``meta.aegis`` would say them, by the id that dbt's test would have."""

    unique_id: str
    section: SuiteSection


def direct_table(schema: str | None, name: str, visible: bool = True, database: str | None = None) -> Table:
    """A table of the database. One that is visible is found by its name alone; `schema` is None where there is no
    such thing."""
    source = DEFAULT if visible else str(schema)
    unique_id = f"source.{PRIVATE}.{schema or DEFAULT}.{name}"
    return Table(
        call=f"source({quoted(schema or DEFAULT)}, {quoted(name)})",
        label=name if visible else f"{source}.{name}",
        schema=schema,
        identifier=name,
        database=database,
        unique_id=unique_id,
    )


class AsNamed(Tables):
    """Where nobody tells which tables there are, whatever a rule names is one."""

    def __init__(self) -> None:
        super().__init__(())

    def find(self, name: str, schema: str | None = None, database: str | None = None) -> Table:
        before, _, last = name.rpartition(".")
        schema = schema or before or None
        return direct_table(schema, last, visible=schema is None, database=database)


def direct_suites(book: RuleBook, tables: Tables, dialect: str) -> tuple[DirectSuite, ...]:
    """The suites of a rule book.

    Raises:
        RulesError: Tables that are not there, all of them.
    """
    suites: dict[str, DirectSuite] = {}
    for section in bind_rules(book, tables, dialect=dialect):
        name = f"test.{PRIVATE}.aegis_{section.table}"
        # `b` of schema `a` and a table called `a.b` have one label.
        unique_id = f"{name}_{len(suites)}" if name in suites else name
        suites[unique_id] = DirectSuite(unique_id, section)
    return tuple(suites.values())


def direct_rows(suite: DirectSuite, tables: Tables, dialect: str, execute: Execute) -> list[StoredRow]:
    """A row for each rule of a suite: its results, or why there are none."""
    try:
        return one_by_one(suite.section, tables, lambda table: relation_of(table, dialect), dialect, execute)
    except AegisError as error:
        return [error_row(rule, error.message) for rule in suite.section.arguments()]


def write_artifacts(
    folder: Path, suites: Sequence[DirectSuite], tables: Tables, dialect: str, seconds: Mapping[str, float]
) -> None:
    """manifest.json and run_results.json, as dbt would have written them.

    Raises:
        WarehouseError: The folder cannot be written.
    """
    metadata = {
        "dbt_schema_version": _SCHEMA.format("manifest/v12"),
        "generated_at": datetime.now(UTC).isoformat(),
        "invocation_id": str(uuid4()),
        "adapter_type": dialect,
        "project_name": PRIVATE,
    }
    used = {table.unique_id: table for suite in suites for table in _tables_of(suite, tables)}
    manifest = {
        "metadata": metadata,
        "nodes": {suite.unique_id: _test(suite, tables) for suite in suites},
        "sources": {unique_id: _source(table, dialect) for unique_id, table in used.items()},
    }
    results = {
        "metadata": {**metadata, "dbt_schema_version": _SCHEMA.format("run-results/v6")},
        "args": {"which": "build"},
        "results": [
            {"unique_id": suite.unique_id, "status": "pass", "execution_time": seconds.get(suite.unique_id)}
            for suite in suites
        ],
    }
    try:
        for name, content in {"manifest.json": manifest, "run_results.json": results}.items():
            (folder / name).write_text(json.dumps(content), encoding="utf-8")
    except OSError as error:
        raise WarehouseError(f"cannot be written: {error.strerror}", where=str(folder)) from error


def _tables_of(suite: DirectSuite, tables: Tables) -> Iterable[Table]:
    for name in (str(suite.section.table), *suite.section.references):
        try:
            yield tables.find(name)
        except UnknownTable:  # a name that only its rule's schema made plain
            continue


def _test(suite: DirectSuite, tables: Tables) -> dict[str, Any]:
    name = suite.unique_id.partition(f".{PRIVATE}.")[2]
    return {
        "unique_id": suite.unique_id,
        "name": name,
        "resource_type": "test",
        "package_name": PRIVATE,
        "depends_on": {"nodes": [table.unique_id for table in _tables_of(suite, tables)]},
        "config": {"materialized": "test", "severity": "error", "meta": {"aegis": suite.section.as_meta()}},
    }


def _source(table: Table, dialect: str) -> dict[str, Any]:
    visible = table.label == table.identifier
    return {
        "unique_id": table.unique_id,
        "name": table.identifier,
        "identifier": table.identifier,
        "resource_type": "source",
        "package_name": PRIVATE,
        "source_name": DEFAULT if visible else table.schema,
        "database": table.database,
        "schema": table.schema,
        "relation_name": relation_of(table, dialect).text,
    }
