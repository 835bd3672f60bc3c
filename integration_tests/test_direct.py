"""Rules that are run without dbt give what dbt's build of the same suites gives: the verdicts of all case files."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aegis.dbt.graph.tables import Table, Tables
from aegis.dbt.suites.direct import direct_rows, direct_suites
from aegis.rules import load_rules
from aegis.warehouse.classes import Given, made
from aegis.warehouse.postgres_database import PostgresDatabase
from integration_tests.case_files import Case, load_cases
from integration_tests.case_run import compiled, label
from integration_tests.servers import PostgresServer
from integration_tests.test_cases import some_of
from integration_tests.warehouses import DuckDB, Postgres, Warehouse, create


class OneFile:
    """A warehouse class of three methods."""

    dialect = "duckdb"

    def __init__(self, url: str) -> None:
        self.path = url

    def connect(self) -> None:
        import duckdb

        self.connection = duckdb.connect(self.path, read_only=True)

    def execute_scalar(self, sql: str) -> object:
        found = self.connection.execute(sql).fetchone()
        return found[0] if found else None

    def execute_sample(self, sql: str, limit: int) -> list[dict[str, object]]:
        cursor = self.connection.execute(sql)
        names = [str(column[0]) for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchmany(limit)]


def rows_of(where: Warehouse, database: Any, folder: Path) -> tuple[list[Case], dict[str, dict[str, Any]]]:
    """The cases that fit the warehouse, and the row of each."""
    cases = [case for case in load_cases() if case.only in (None, where.name)]
    tables = {t.key: t for case in cases for t in (case.table, *case.references.values())}
    where.execute(statement for table in tables.values() for statement in create(table, where.name))
    compiled(where, tables, cases, folder / "rules.yml")
    known = Tables(
        Table(
            f"source('cases', '{key}')", label(table), where.schema, table.name, where.database,
            keys=tuple(name for name in table.columns if name == "id"),
        )
        for key, table in tables.items()
    )  # fmt: skip
    book = load_rules(folder / "rules.yml", dialect=where.name)
    found = {}
    for suite in direct_suites(book, known, where.name):
        for row in direct_rows(suite, known, where.name, database.execute_rules):
            found[str(row["rule_id"])] = row
    return cases, found


def wrong(case: Case, row: dict[str, Any] | None, warehouse: str) -> str | None:
    """What of a row is not what its case expects."""
    if row is None:
        return "no row"
    expect = case.expect
    verdict = (row["status"], row["rows_failed"], row["rows_checked"], row["level"])
    wanted = (expect.status, expect.failed, expect.checked, expect.level)
    if verdict != wanted:
        return f"{verdict}, not {wanted}: {row['message']}"
    keys = expect.also.get("keys")
    if keys is not None and json.loads(row["failing_keys"], parse_float=Decimal) != some_of(keys, warehouse):
        return f"keys {row['failing_keys']}"
    return None


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [pytest.param("duckdb", marks=pytest.mark.long), pytest.param("postgres", marks=pytest.mark.postgres)]
)
def test_every_case_has_the_verdict_that_dbt_gives_it(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if name == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        where: Warehouse = Postgres(server, "direct_cases")
        address = f"postgresql://{server.user}@{server.host}:{server.port}/{server.database}"
        database: Any = PostgresDatabase(address)
    else:
        where = DuckDB(tmp_path / "cases.duckdb")
        database = made(OneFile, Given(url=str(tmp_path / "cases.duckdb")))
    try:
        cases, rows = rows_of(where, database, tmp_path)
    finally:
        database.close()
    assert len(cases) > 200
    found = {case.id: wrong(case, rows.get(case.id), name) for case in cases}
    assert {case: why for case, why in found.items() if why} == {}
