"""PostgreSQL answers several questions of an investigation at once, each by a connection of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from aegis.app.run import run
from aegis.errors import WarehouseError
from aegis.investigate.query_budget import Bounds, BudgetExceeded, QueryBudget
from aegis.warehouse.base import Several
from aegis.warehouse.dbt_adapter import PostgresAdapter
from aegis.warehouse.postgres_database import PostgresDatabase
from integration_tests.postgres_shop import adapter
from integration_tests.servers import PostgresServer

pytestmark = pytest.mark.postgres

VIEWS = 4
SECONDS = 0.3


def address(server: PostgresServer) -> str:
    return f"postgresql://{server.user}@{server.host}:{server.port}/{server.database}"


@pytest.fixture(params=["by its address", "by dbt's adapter"])
def warehouse(request: pytest.FixtureRequest, tmp_path: Path, postgres: PostgresServer) -> Iterator[Any]:
    if request.param == "by its address":
        with closing(PostgresDatabase(address(postgres))) as found:
            yield found
    else:
        with adapter(tmp_path, postgres) as by_dbt:
            by_dbt.at_once = 4
            yield by_dbt


def connected(server: PostgresServer, backends: set[int]) -> set[int]:
    """Of these backends, those that are there. (Connections of other tests may come and go.)"""
    with closing(psycopg2.connect(server.dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("select pid from pg_stat_activity")
        return backends & {int(pid) for (pid,) in cursor.fetchall()}


@pytest.fixture
def more(warehouse: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The further connections that are asked for."""
    made: list[Any] = []
    another = type(warehouse).another

    def noted(first: Any) -> Any:
        made.append(another(first))
        return made[-1]

    monkeypatch.setattr(type(warehouse), "another", noted)
    return made


def test_tables_are_investigated_side_by_side(tmp_path: Path, postgres: PostgresServer) -> None:
    with closing(psycopg2.connect(postgres.dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("drop schema if exists slow cascade; create schema slow")
        for number in range(VIEWS):
            cursor.execute(
                f"create view slow.v{number} as select n as id, nullif(n % 10, 0) as x, n % 3 as kind "
                f"from generate_series(1, 100) as s(n) where (select pg_sleep({SECONDS})::text) = ''"
            )
        connection.commit()
    rules = tmp_path / "rules.yml"
    documents = [{"table": f"slow.v{number}", "rules": [{"not_null": "x"}]} for number in range(VIEWS)]
    rules.write_text("\n---\n".join(map(json.dumps, documents)), encoding="utf-8")
    report = run(rules, database=address(postgres), audit_db=tmp_path / "audit.db")
    assert [finding.result.rows_failed for finding in report.findings] == [10] * VIEWS
    asked = VIEWS * SECONDS * min(step.queries for step in report.trajectory if step.node == "diagnose")
    assert asked > 0
    assert report.timings["causes"] < 0.7 * asked


@pytest.fixture
def nap(postgres: PostgresServer) -> str:
    """A view that takes its time: a query may not call what does."""
    with closing(psycopg2.connect(postgres.dsn)) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"create or replace view public.nap as select 7 as n where (select pg_sleep({SECONDS})::text) = ''"
        )
        connection.commit()
    return "public.nap"


def test_there_are_no_more_connections_than_are_allowed_and_they_end(
    warehouse: Any, more: list[Any], postgres: PostgresServer, nap: str
) -> None:
    assert isinstance(warehouse, Several)
    budget = QueryBudget(warehouse)
    with ThreadPoolExecutor(max_workers=16) as threads:
        asked = [f"select n + {number} from {nap}" for number in range(16)]
        answers = threads.map(lambda sql: budget.ask(sql, "slow").rows[0][0], asked)
        assert list(answers) == list(range(7, 23))
    assert 0 < len(more) < warehouse.at_once
    backends = {int(str(one.execute_scalar("select pg_backend_pid()"))) for one in more}
    assert len(backends) == len(more) and connected(postgres, backends) == backends
    budget.close()
    deadline = time.monotonic() + 30
    while connected(postgres, backends) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not connected(postgres, backends)
    assert warehouse.execute_scalar("select 1") == 1


def test_who_asks_the_same_at_the_same_time_waits_for_one_answer(warehouse: Any, nap: str) -> None:
    budget = QueryBudget(warehouse, Bounds(queries=2))
    with ThreadPoolExecutor(max_workers=8) as threads:
        good = list(threads.map(lambda _: budget.ask(f"select * from {nap}", "slow").rows, range(8)))
        bad = [threads.submit(budget.ask, "select * from nowhere", "wrong") for _ in range(8)]
    assert good == [((7,),)] * 8
    assert all(isinstance(one.exception(), WarehouseError) for one in bad)
    assert [one.purpose for one in budget.asked] == ["slow", "wrong"]
    with pytest.raises(BudgetExceeded, match="2 queries were run"):
        budget.ask("select 8", "one more")
    budget.close()


def test_a_warehouse_with_one_connection_is_asked_one_query_at_a_time(tmp_path: Path, postgres: PostgresServer) -> None:
    with adapter(tmp_path, postgres) as found:
        assert isinstance(found, PostgresAdapter) and found.at_once == 1
        budget = QueryBudget(found)
        with ThreadPoolExecutor(max_workers=4) as threads:
            asked = threads.map(lambda number: budget.ask(f"select pg_backend_pid() + 0 * {number}", "one"), range(4))
            assert len({answer.rows for answer in asked}) == 1
