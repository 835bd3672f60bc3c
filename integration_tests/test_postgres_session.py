"""What reads from PostgreSQL for an analysis can do nothing else, whatever it is asked."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
import time
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from aegis.errors import WarehouseError
from aegis.warehouse.dbt_adapter import PostgresAdapter
from aegis.warehouse.postgres_session import PostgresSession
from integration_tests.postgres_shop import ORDERS, SCHEMA, everything
from integration_tests.servers import PostgresServer

pytestmark = pytest.mark.postgres

OPENERS = (
    "select set_config('default_transaction_read_only', 'off', false)",
    "select set_config('standard_conforming_strings', 'off', false)",
    "set session characteristics as transaction read write", "set transaction read write", "commit", "rollback",
)  # fmt: skip


@pytest.mark.parametrize("opener", OPENERS)
def test_no_statement_opens_the_way_for_the_next(warehouse: PostgresAdapter, server: Any, opener: str) -> None:
    """Neither in what reads for the analysis nor in a trial, in a transaction that is kept or outside of one."""
    before = everything(server)
    writes = f'with gone as (delete from "{SCHEMA}".secrets returning *) select count(*) from gone'
    with warehouse.sandbox([ORDERS]) as session:
        for ask in (session.execute, session.execute_scalar, warehouse.execute_scalar):
            for kept in (False, True):
                if kept:
                    session.begin()
                with contextlib.suppress(WarehouseError):
                    ask(opener)
                with pytest.raises(WarehouseError):
                    ask(writes)
                session.rollback()
    assert everything(server) == before


@pytest.mark.parametrize("opener", OPENERS)
def test_each_statement_may_only_read_whatever_the_one_before_did(
    postgres: PostgresServer, server: Any, opener: str
) -> None:
    """Without any look at what is sent."""
    before = everything(server)
    session = PostgresSession(psycopg2.connect(postgres.dsn), 10)
    session._within("commit", opener, lambda _cursor: None)
    with pytest.raises(WarehouseError, match="read-only"):
        session._within("commit", f'delete from "{SCHEMA}".secrets', lambda _cursor: None)
    session.close()
    assert everything(server) == before


ESCAPES = (
    'select 1; commit; begin read write; delete from "{schema}".secrets; commit',
    'select 1; set session characteristics as transaction read write; commit; delete from "{schema}".secrets; commit',
    "select $$'$$; commit; begin read write; delete from \"{schema}\".secrets; commit; --'",
    "select E'\\\\'; commit; begin read write; delete from \"{schema}\".secrets; commit; --'",
    "select E'a'\n'\\''; commit; begin read write; delete from \"{schema}\".secrets; commit; --'",
    'select 1 as €$a$; commit; begin read write; delete from "{schema}".secrets; commit; select 1 as €$a$',
    "select 1 /*/*/ ' */ */; commit; begin read write; delete from \"{schema}\".secrets; commit; --'",
    "copy (select 1) to program 'touch aegis-was-here'",
    'select 1 /* /* */ ; commit; begin read write; delete from "{schema}".secrets; commit /* */ */',
)


@pytest.mark.parametrize("sql", ESCAPES)
def test_a_second_statement_does_not_end_what_makes_a_session_read_only(
    warehouse: PostgresAdapter, server: Any, sql: str
) -> None:
    """Neither of a trial, nor of what reads for the analysis."""
    with warehouse.sandbox([ORDERS]) as session:
        for ask in (warehouse, session):
            with pytest.raises(WarehouseError):
                ask.execute_sample(sql.format(schema=SCHEMA), 1)
    server.execute("select count(*) from secrets")
    assert server.fetchone() == (1,)


def test_ctrl_c_ends_a_query_that_runs(warehouse: PostgresAdapter) -> None:
    warehouse.connect()
    here = threading.get_ident()  # where a terminal's Ctrl-C arrives, too
    threading.Timer(0.5, signal.pthread_kill, [here, signal.SIGINT]).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        warehouse.execute_scalar("select count(*) from generate_series(1, 10000000000) as t(i)")
    warehouse.close()
    assert time.monotonic() - began < 10


def test_two_profiles_in_one_process_lead_to_two_databases(
    warehouse: PostgresAdapter, tmp_path: Path, postgres: PostgresServer
) -> None:
    assert warehouse.execute_scalar("select current_database()") == "aegis"
    other = tmp_path / "other"
    other.mkdir()
    (other / "dbt_project.yml").write_text('{"name": "other", "version": "1.0.0", "profile": "other"}')
    output = postgres.profile("public") | {"dbname": "postgres"}
    (other / "profiles.yml").write_text(json.dumps({"other": {"target": "dev", "outputs": {"dev": output}}}))
    found = PostgresAdapter("postgres", other, other, "dev")
    assert found.execute_scalar("select current_database()") == "postgres"
    assert warehouse.execute_scalar("select current_database()") == "aegis"
    found.close()
