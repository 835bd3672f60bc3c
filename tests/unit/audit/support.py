"""Reports to record, a child process to do it in, and a hand that tampers."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from aegis.audit import DecisionRecord, QueryRecord, RunStart
from aegis.audit.schema import MIGRATIONS
from aegis.domain.report import Report, RunInfo, Summary, Usage
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Level, Severity

MOMENT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_FORK = multiprocessing.get_context("fork")


def a_result(rule_id: str = "orders_customer_id_not_null", **fields: Any) -> Result:
    given: dict[str, Any] = {
        "unique_id": "test.shop.orders",
        "rule_type": "not_null",
        "kind": ResultKind.RULE,
        "status": Status.PASS,
        "severity": Severity.HIGH,
        "node": "model.shop.stg_shopify__orders",
        "table": "stg_shopify__orders",
        "column": "customer_id",
        "rows_checked": 100,
        "rows_failed": 0,
    }
    return Result(rule_id=rule_id, **(given | fields))


def a_full_result() -> Result:
    """A result with every field set to something that is not its default."""
    return a_result(
        status=Status.FAIL,
        level=Level.WARN,
        rows_failed=3,
        observed="3 rows",
        expected="no NULL in `customer_id`",
        failing_keys=({"id": 1}, {"id": "Zoë \0 '\""}, [1.5, None], -0.0),
        failing_rows_sql="select *\nfrom orders where customer_id is null",
        message="3 of 100 rows are NULL",
        seconds=0.25,
        owner="finance",
        description="Every order has a customer",
        runbook="https://example.com/orders",
        tags=("daily", "finance"),
        path="models/orders.yml",
    )


def a_report(run_id: str, results: tuple[Result, ...] | None = None, **run: Any) -> Report:
    rows = (a_result(), a_full_result()) if results is None else results
    given: dict[str, Any] = {
        "started_at": MOMENT,
        "finished_at": MOMENT + timedelta(seconds=2),
        "aegis_version": "0.1.0",
        "command": "analyze",
        "depth": "results",
        "project": "shop",
        "target": "dev",
        "adapter": "duckdb",
        "dbt_invocation_id": f"dbt-{run_id}",
    }
    failed = sum(result.failed for result in rows)
    summary = Summary(
        results=len(rows),
        passed=len(rows) - failed,
        failed=failed,
        warned=0,
        errors=0,
        skipped=0,
        findings=0,
        causes=0,
        by_severity={Severity.HIGH: failed},
        fail_on="high",
        exit_code=int(failed > 0),
    )
    info = RunInfo(run_id=run_id, **(given | run))
    return Report(run=info, summary=summary, results=rows, usage=Usage(cost_usd=0.5), timings={"read": 0.1})


def a_start(run_id: str, **fields: Any) -> RunStart:
    given: dict[str, Any] = {"started_at": MOMENT, "command": "analyze", "aegis_version": "0.1.0"}
    return RunStart(run_id=run_id, **(given | fields))


def a_decision(run_id: str, **fields: Any) -> DecisionRecord:
    given: dict[str, Any] = {"node": "diagnose", "model": "some-model", "prompt": "Why?", "response": "Because."}
    return DecisionRecord(run_id=run_id, **(given | fields))


def a_query(run_id: str, **fields: Any) -> QueryRecord:
    given: dict[str, Any] = {"purpose": "sample", "sql": "select 1", "seconds": 0.01, "rows": 1}
    return QueryRecord(run_id=run_id, **(given | fields))


def tamper(path: Path, *statements: str) -> None:
    """Change the file as a forger would: triggers away, statements, triggers back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, sql in triggers:
            connection.execute(sql)


def make_older(path: Path, last: str) -> None:
    """The trail as a version would have left it whose last migration was this one."""
    kept = next(place for place, one in enumerate(MIGRATIONS, start=1) if one.name == last)
    guard = next(one for one in MIGRATIONS[0].statements if "migrations_no_delete" in one)
    index = next(one for one in reversed(_statements(kept)) if "VIRTUAL TABLE search" in one)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER migrations_no_delete")
        for migration in MIGRATIONS[kept:]:
            connection.execute("DELETE FROM migrations WHERE name = ?", (migration.name,))
            for statement in migration.statements:
                if statement.startswith("CREATE TABLE"):
                    table = statement.split()[2]
                    connection.execute(f"DROP TABLE {table}")
        for statement in (guard, "DROP TABLE search", index):
            connection.execute(statement)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _statements(migrations: int) -> list[str]:
    return [statement for migration in MIGRATIONS[:migrations] for statement in migration.statements]


def start_child(work: Callable[[Connection], None]) -> tuple[multiprocessing.process.BaseProcess, Connection]:
    """Fork, so that it starts within a millisecond; the other end of the pipe comes back."""
    ours, theirs = _FORK.Pipe()
    child = _FORK.Process(target=work, args=(theirs,), daemon=True)
    child.start()
    theirs.close()
    return child, ours


def in_child(work: Callable[[], str], *, unprivileged: bool = False) -> str:
    """What ``work`` returns in a process of its own; unprivileged, because root may write anywhere."""

    def run(pipe: Connection) -> None:
        if unprivileged and os.getuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        try:
            pipe.send(work())
        except Exception as error:
            pipe.send(f"raised {type(error).__name__}: {error}")

    child, pipe = start_child(run)
    try:
        return str(pipe.recv())
    finally:
        child.join(30)
        pipe.close()
