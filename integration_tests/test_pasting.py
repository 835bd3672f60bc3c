"""What a report prints to be pasted is what was run, in strict mode, in every format."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
import psycopg2.extensions
import pytest

from aegis.domain.report import Finding, Report, RunInfo, Sample, Summary
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Level, Severity
from aegis.privacy import PrivacyConfig, Redactor
from aegis.report import Options, render
from integration_tests.case_files import load_cases
from integration_tests.command import quickest
from integration_tests.conftest import Outcome
from integration_tests.pasting import from_json, from_markdown, from_terminal
from integration_tests.warehouses import DuckDB, Postgres, Warehouse

FAILING = tuple(case for case in load_cases() if case.expect.status == "fail")
WIDTHS = (60, 100)
LOOKED_AT = 300


def report_on(row: dict[str, Any], rows: list[dict[str, Any]]) -> Report:
    """What an analysis says of a failing rule, with its rows as a sample: so all values in them are judged."""
    result = Result(
        unique_id="test.cases.suite",
        rule_id=row["rule_id"],
        rule_type=row["rule_type"],
        kind=ResultKind.RULE,
        status=Status.FAIL,
        severity=Severity.HIGH,
        level=Level(row["level"]),
        column=row["column_name"],
        table="cases.people",
        rows_checked=row["rows_checked"],
        rows_failed=row["rows_failed"],
        expected=row["expected"],
        failing_keys=tuple(json.loads(row["failing_keys"] or "[]")),
        failing_rows_sql=row["failing_rows_sql"],
        message=row["message"],
    )
    names = tuple(rows[0]) if rows else ()
    sample = Sample(
        columns=names, rows=tuple(tuple(map(str, one.values())) for one in rows), query=row["failing_rows_sql"]
    )
    finding = Finding(
        id="F1", rule_id=result.rule_id, result=result, sample=sample,
        severity=Severity.HIGH, effective_severity=Severity.HIGH,
    )  # fmt: skip
    return Report(run=RUN, summary=SUMMARY, findings=(finding,), results=(result,))


RUN = RunInfo.model_validate(
    {"run_id": "r_1", "started_at": "2026-11-20T09:00:00Z", "finished_at": "2026-11-20T09:00:01Z", "aegis_version": "0",
     "command": "analyze", "depth": "evidence"}
)  # fmt: skip
SUMMARY = Summary(
    results=1, passed=0, failed=1, warned=0, errors=0, skipped=0, findings=1, causes=0, by_severity={Severity.HIGH: 1},
    fail_on="high", exit_code=1,
)  # fmt: skip


Ask = Callable[[str], Any]


@contextmanager
def open_for(warehouse: Warehouse) -> Iterator[Ask]:
    """Something to ask hundreds of queries: how many rows and which, or what the database says of a text that is no
    SQL."""
    if isinstance(warehouse, Postgres):
        with closing(psycopg2.connect(warehouse.server.dsn)) as session, session.cursor() as cursor:
            session.autocommit = True
            # As text: PostgreSQL has years that Python has not, and bytes come as an address.
            as_text = psycopg2.extensions.new_type((17, 1082, 1114, 1184), "AS_TEXT", psycopg2.STRING)
            psycopg2.extensions.register_type(as_text, session)
            yield lambda sql: rows_of(lambda one: fetched(cursor, one), sql)
        return
    import duckdb

    assert isinstance(warehouse, DuckDB)
    with duckdb.connect(str(warehouse.path), read_only=True) as connection:
        yield lambda sql: rows_of(lambda one: fetched(connection, one), sql)


def fetched(cursor: Any, sql: str) -> list[dict[str, Any]]:
    cursor.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def rows_of(query: Callable[[str], list[dict[str, Any]]], sql: str) -> Any:
    """Rows in an order of their own: they have none, and NaN is not equal to itself."""
    try:
        rows = query(sql)
    except Exception as error:  # whatever a driver raises is the finding
        return str(error)
    return len(rows), sorted(map(repr, rows[:LOOKED_AT])) if len(rows) <= LOOKED_AT else [], rows[:3]


@pytest.mark.parametrize("name", ["duckdb", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.long])])
def test_failing_rows_pasted_from_each_format_are_those_that_the_rule_found(
    name: str, outcome_of: Callable[..., Outcome], warehouse_of: Callable[..., Warehouse]
) -> None:
    """In strict mode, for every failing case of every rule type."""
    rows = outcome_of(quickest(), name)["rows"]
    redactor, wrong, tried = Redactor(PrivacyConfig()), [], 0
    with open_for(warehouse_of(quickest(), name)) as ask:
        for case in FAILING:
            row = rows.get(case.id)
            if row is None or not row["failing_rows_sql"]:
                continue
            answer = ask(row["failing_rows_sql"])
            assert not isinstance(answer, str), (case.id, row["failing_rows_sql"], answer)
            count, wanted, some = answer
            report = redactor.report(report_on(row, some))
            assert report.results[0].expected == row["expected"]
            for place, sql in pasted_from(report):
                tried += 1
                if sql != row["failing_rows_sql"] and (found := ask(sql))[:2] != (count, wanted):
                    wrong.append((case.id, place, sql, found))
    assert not wrong, f"{len(wrong)} of {tried}: {wrong[:3]}"
    assert tried > 400


def pasted_from(report: Report) -> Iterator[tuple[str, str]]:
    yield "json", next(from_json(render(report, "json")))
    yield "markdown", from_markdown(render(report, "markdown"))[0]
    for width in WIDTHS:
        text = render(report, "terminal", Options(width=width, verbose=True))
        yield f"terminal {width}", next(sql for label, sql in from_terminal(text) if label == "select")
