"""Neither gate lets a trick pass: not the one for queries, not the one for fixes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from aegis.errors import RefusedError
from aegis.sql.change import check_change
from aegis.sql.gate import check_query

TRICKS: dict[str, list[list[str]]] = yaml.safe_load(Path(__file__).with_name("tricks.yml").read_text(encoding="utf-8"))
STATEMENTS = [
    (dialect, sql, why) for group, rows in TRICKS.items() if group != "functions" for dialect, sql, why in rows
]
FULL = {"bigquery": "`shop`.`main`.`orders`", "databricks": "`shop`.`main`.`orders`", "mysql": "`main`.`orders`"}
PLACES = (
    "select {} as x from orders",
    "select id from orders where {} is not null",
    "select coalesce({}, 'x') as x from orders order by 1",
    "select max(id) over (order by {}) as x from orders",
    "update orders set a = {} where id = 1",
    "update orders set a = 1 where id = {}",
    "delete from orders where coalesce({}, 'x') = s",
    "insert into orders (a) values ({})",
    "insert into orders (a) select {} from other where id = 1",
)


def targets(dialect: str) -> list[str]:
    return [FULL.get(dialect, '"shop"."main"."orders"')]


def shortened(case: tuple[str, ...]) -> str:
    return f"{case[0]}: {case[1][:70]!r}"


def refused(check: Any, sql: str, dialect: str, **named: Any) -> None:
    with pytest.raises(RefusedError) as found:
        check(sql, dialect, **named)
    assert found.value.message


def test_there_are_enough_of_them() -> None:
    assert len({(dialect, sql) for dialect, sql, _ in STATEMENTS}) >= 250


@pytest.mark.parametrize("case", STATEMENTS, ids=shortened)
def test_a_trick_passes_neither_gate(case: tuple[str, str, str]) -> None:
    dialect, sql, _ = case
    refused(check_change, sql, dialect, tables=targets(dialect))
    refused(check_query, sql, dialect)


@pytest.mark.parametrize("case", [one for one in STATEMENTS if one[1].startswith(("select", "from"))], ids=shortened)
def test_a_query_that_is_a_trick_passes_in_no_fix(case: tuple[str, str, str]) -> None:
    dialect, sql, _ = case
    for fix in (f"delete from orders where id in ({sql})", f"update orders set a = ({sql}) where id = 1"):
        refused(check_change, fix, dialect, tables=targets(dialect))


@pytest.mark.parametrize("case", TRICKS["functions"], ids=shortened)
def test_a_dangerous_function_passes_nowhere(case: list[str]) -> None:
    dialect, call = case
    for place in PLACES:
        sql = place.format(call)
        if sql.startswith("select"):
            refused(check_query, sql, dialect)
        else:
            refused(check_change, sql, dialect, tables=targets(dialect))
