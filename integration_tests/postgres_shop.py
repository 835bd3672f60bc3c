"""A few tables in PostgreSQL, what they hold, and a way to ask them: for tests of what may be sent there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2

from aegis.warehouse.base import Relation, Sandbox
from aegis.warehouse.dbt_adapter import PostgresAdapter, adapter_of
from integration_tests.servers import PostgresServer

SCHEMA = "sandbox shop"
NAME = f'"aegis"."{SCHEMA}"."orders"'
ORDERS = Relation("orders", SCHEMA, "aegis")
SCHEMA_KEPT = f'"{SCHEMA}"."kept"'
MADE = (
    f'drop schema if exists "{SCHEMA}" cascade; create schema "{SCHEMA}"; set search_path to "{SCHEMA}"',
    "create table orders (id int primary key, status text not null, amount numeric check (amount >= 0))",
    "insert into orders select i, 'x', i from generate_series(0, 99) as t(i)",
    "create view small as select * from orders where id < 3",
    "create table secrets as select 'x'::text as password",
    "create sequence counter",
)


@contextmanager
def made(postgres: PostgresServer, statements: Sequence[str]) -> Iterator[Any]:
    """A cursor of the database's owner, who has run the statements; each is its own transaction."""
    with closing(psycopg2.connect(postgres.dsn)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            yield cursor


def shop(postgres: PostgresServer) -> AbstractContextManager[Any]:
    """A cursor of the schema's owner."""
    return made(postgres, MADE)


@contextmanager
def adapter(folder: Path, postgres: PostgresServer) -> Iterator[PostgresAdapter]:
    """What Aegis asks the database with."""
    (folder / "dbt_project.yml").write_text('{"name": "shop", "version": "1.0.0", "profile": "shop"}')
    profile = {"shop": {"target": "dev", "outputs": {"dev": postgres.profile(SCHEMA)}}}
    (folder / "profiles.yml").write_text(json.dumps(profile))
    found = adapter_of("postgres")("postgres", folder, folder, "dev")
    assert isinstance(found, PostgresAdapter) and isinstance(found, Sandbox)
    with closing(found):
        yield found


def everything(cursor: Any) -> list[Any]:
    """What the schema holds: its tables, the rows of orders, the state of the sequence."""
    cursor.execute(
        f"select relname, relkind from pg_class where relnamespace = '\"{SCHEMA}\"'::regnamespace order by 1"
    )
    tables = cursor.fetchall()
    cursor.execute("select id, status, amount, xmin::text, ctid::text from orders order by id")
    rows = cursor.fetchall()
    cursor.execute("select last_value, is_called from counter")
    counted = cursor.fetchall()
    cursor.execute("select password from secrets")
    return [tables, rows, counted, cursor.fetchall()]
