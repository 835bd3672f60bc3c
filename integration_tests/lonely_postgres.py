"""A PostgreSQL database that no project knows, to be checked by its address: what it holds, and who may see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from integration_tests.servers import PostgresServer

NAME = "lonely shop"
READER = "read er@x"
LOCKED = "locked"
PASSWORD = "canary 7f3a:/@%é"
"""With every sign that an address must have encoded."""
ENCODED = "canary%207f3a%3A%2F%40%25%C3%A9"

MADE = (
    "create table orders as select i as id, case when i % 10 = 0 then null else 'u' || i || '@x.y' end as email, "
    "i % 7 as qty from generate_series(0, 999) as t(i)",
    'create schema "Odd Ones"',
    'create table "Odd Ones"."Big T" ("Id x" int, price numeric(10, 2))',
    """insert into "Odd Ones"."Big T" values (1, 2.5), (null, 3)""",
    "create schema hidden",
    "create table hidden.orders as select 1 as id",
    "create materialized view kept as select * from orders",
    "create table parts (id int) partition by range (id)",
    "create table parts_low partition of parts for values from (0) to (100)",
    "insert into parts values (1), (1), (2)",
    "create function nap() returns int language sql volatile as 'select 1 from pg_sleep(60)'",
    "create view slow as select nap() as i",
)
GRANTS = (
    "revoke create, temporary on database {database} from public",
    "revoke create on schema public from public",
    'grant usage on schema "Odd Ones" to {reader}, {locked}',
    "grant select on all tables in schema public to {reader}, {locked}",
    'grant select on all tables in schema "Odd Ones" to {reader}, {locked}',
)


@dataclass(frozen=True)
class Lonely:
    """The database, and a cursor of its owner."""

    server: PostgresServer
    owner: Any

    def address(self, user: str = READER, password: str = "", more: str = "") -> str:
        from urllib.parse import quote

        secret = f":{password}" if password else ""
        return f"postgresql://{quote(user)}{secret}@{self.server.host}:{self.server.port}/{quote(NAME)}{more}"

    def everything(self) -> list[Any]:
        """What could have been left behind or changed: relations, schemas, functions, and every row's version."""
        found = []
        for sql in (
            "select relnamespace::regnamespace::text, relname, relkind from pg_class "
            "where relnamespace::regnamespace::text !~ '^pg_toast' order by 1, 2",
            "select nspname from pg_namespace where nspname !~ '^pg_(toast_)?temp' order by 1",
            "select count(*) from pg_proc",
            "select id, xmin::text, ctid::text from orders order by id",
        ):
            self.owner.execute(sql)
            found.append(self.owner.fetchall())
        return found

    def sessions(self) -> int:
        """Sessions of others than the owner."""
        self.owner.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        )
        return int(self.owner.fetchone()[0])


@contextmanager
def lonely(server: PostgresServer) -> Iterator[Lonely]:
    """The database, made anew; the server asks one of its users for a password."""
    with closing(psycopg2.connect(server.dsn)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f'drop database if exists "{NAME}"')
            for role in (READER, LOCKED):
                cursor.execute(f'drop role if exists "{role}"')
            cursor.execute(f'create role "{READER}" login')
            cursor.execute(f'create role "{LOCKED}" login password %s', (PASSWORD,))
            cursor.execute(f'create database "{NAME}"')
            cursor.execute("show hba_file")
            (rules,) = cursor.fetchone() or ("",)
            _ask_for_a_password(Path(rules))
            cursor.execute("select pg_reload_conf()")
    owner = psycopg2.connect(host=server.host, port=server.port, user=server.user, dbname=NAME)
    with closing(owner):
        owner.autocommit = True
        with owner.cursor() as cursor:
            names = {"database": f'"{NAME}"', "reader": f'"{READER}"', "locked": f'"{LOCKED}"'}
            for statement in (*MADE, *(grant.format(**names) for grant in GRANTS)):
                cursor.execute(statement)
            yield Lonely(server, cursor)


def _ask_for_a_password(rules: Path) -> None:
    line = f"host all {LOCKED} 127.0.0.1/32 scram-sha-256\n"
    text = rules.read_text(encoding="utf-8")
    if line not in text:
        rules.write_text(line + text, encoding="utf-8")
