"""The seeded faults of the shop on PostgreSQL: every fix gets the verdict that it deserves, and nothing is changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
import pytest
from psycopg2.extras import execute_values

from aegis.investigate.query_budget import QueryBudget
from aegis.investigate.remediate.target import FixTarget, TrialContext, fix_target
from aegis.investigate.remediate.trial import Trials
from aegis.warehouse.dbt_adapter import PostgresAdapter
from integration_tests.servers import PostgresServer
from tests.unit.investigate.remediate import shop
from tests.unit.investigate.remediate.faults import FAULTS, SEEDS, Fault, rows_of
from tests.unit.investigate.remediate.test_losing_fixes import LOSING

TYPES = {"VARCHAR": "text", "DOUBLE": "double precision"}
BY_HAND = {"//": "/", "rowid": "ctid", "id + 10000 + ctid": "id + 10000 + quantity"}
"""How PostgreSQL says what the fixes say in DuckDB's words."""


@pytest.fixture(scope="module")
def database(postgres: PostgresServer) -> Iterator[Any]:
    """A database of the shop's name: what dbt writes before the schema."""
    server = psycopg2.connect(postgres.dsn)
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute("drop database if exists shop with (force)")
        cursor.execute("create database shop")
    connection = psycopg2.connect(postgres.dsn.replace("dbname=aegis", "dbname=shop"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        yield cursor
    connection.close()
    with server.cursor() as cursor:
        cursor.execute("drop database shop with (force)")
    server.close()


@pytest.fixture
def warehouse(tmp_path: Path, postgres: PostgresServer) -> Iterator[PostgresAdapter]:
    (tmp_path / "dbt_project.yml").write_text('{"name": "shop", "version": "1.0.0", "profile": "shop"}')
    output = postgres.profile("public") | {"dbname": "shop"}
    (tmp_path / "profiles.yml").write_text(json.dumps({"shop": {"target": "dev", "outputs": {"dev": output}}}))
    found = PostgresAdapter("postgres", tmp_path, tmp_path, "dev")
    yield found
    found.close()


def fill(cursor: Any, path: Path, computed: str = "") -> None:
    """The tables of a DuckDB file; with columns of orders that the database computes."""
    cursor.execute("drop schema if exists raw cascade; create schema raw")
    with duckdb.connect(str(path), read_only=True) as connection:
        for name in ("customers", "orders", "payments"):
            columns = connection.execute(f"describe raw.{name}").fetchall()
            made = ", ".join(f"{column[0]} {TYPES.get(column[1], column[1])}" for column in columns)
            cursor.execute(f"create table raw.{name} ({made})")
            rows = connection.execute(f"select * from raw.{name} order by rowid").fetchall()
            execute_values(cursor, f"insert into raw.{name} values %s", rows, page_size=1000)
    cursor.execute(computed)


def everything(cursor: Any) -> list[Any]:
    cursor.execute(
        "select table_schema, table_name from information_schema.tables where table_schema in ('raw', 'public')"
    )
    found = [sorted(cursor.fetchall())]
    for name in ("customers", "orders", "payments"):
        cursor.execute(f"select *, xmin::text, ctid::text from raw.{name} order by ctid")
        found.append(cursor.fetchall())
    return found


def in_postgres(sql: str) -> str:
    for ours, theirs in BY_HAND.items():
        sql = sql.replace(ours, theirs)
    return sql


def case_of(rule: str, warehouse: PostgresAdapter) -> FixTarget:
    known = shop.manifest()
    case = fix_target(shop.finding(rule), shop.symptom(rule, known), TrialContext(known, QueryBudget(warehouse)))
    assert isinstance(case, FixTarget), case
    return case


COMPUTED = (
    "alter table raw.orders add column shout text generated always as (upper(status)) stored, "
    "add column twice int generated always as (quantity * 2) stored"
)


@pytest.mark.postgres
@pytest.mark.parametrize("computed", ["select 1", COMPUTED], ids=["as it is", "with generated columns"])
@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=() if seed == SEEDS[0] else pytest.mark.long) for seed in SEEDS]
)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.rule)
def test_a_fix_gets_the_verdict_that_it_deserves(
    tmp_path: Path, fault: Fault, seed: int, computed: str, database: Any, warehouse: PostgresAdapter
) -> None:
    rows = rows_of(seed)
    fill(database, shop.make(tmp_path / "shop.duckdb", fault.breaks.format(**rows)), computed)
    before = everything(database)
    case = case_of(fault.rule, warehouse)
    with Trials(case) as trials:
        tried = [(sql, wanted, trials.try_sql(in_postgres(sql.format(**rows)))) for wanted, sql in fault.of(seed)]
    wrong = [f"{trial.verdict} instead of {wanted} ({trial.why}): {sql}" for sql, wanted, trial in tried
             if trial.verdict != wanted]  # fmt: skip
    assert not wrong, "\n".join(wrong)
    assert all(trial.undo for _, _, trial in tried if trial.verdict in ("verified", "partial"))
    assert everything(database) == before


@pytest.mark.postgres
@pytest.mark.parametrize("computed", ["select 1", COMPUTED], ids=["as it is", "with generated columns"])
@pytest.mark.parametrize(("rule", "breaks", "fix"), LOSING)
def test_a_fix_that_loses_data_gets_no_tick(
    tmp_path: Path, rule: str, breaks: str, fix: str, computed: str, database: Any, warehouse: PostgresAdapter
) -> None:
    fill(database, shop.make(tmp_path / "shop.duckdb", breaks), computed)
    before = everything(database)
    with Trials(case_of(rule, warehouse)) as trials:
        trial = trials.try_sql(in_postgres(fix))
    assert trial.verdict != "verified" and trial.why
    assert everything(database) == before
