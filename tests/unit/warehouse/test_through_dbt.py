"""Any warehouse through `dbt show`."""

from __future__ import annotations

from typing import Any

import pytest

from aegis.errors import WarehouseError
from aegis.warehouse.base import Warehouse
from aegis.warehouse.through_dbt import ThroughDbt


def answering(*rows: dict[str, Any]) -> tuple[ThroughDbt, list[tuple[str, int]]]:
    asked: list[tuple[str, int]] = []

    def ask(sql: str, limit: int) -> list[dict[str, Any]]:
        asked.append((sql, limit))
        return list(rows)

    return ThroughDbt("postgres", ask), asked


def test_it_is_a_warehouse() -> None:
    warehouse, asked = answering({"a": 1, "b": None}, {"a": 2, "b": "x"})
    assert isinstance(warehouse, Warehouse)
    warehouse.connect()
    assert warehouse.execute_sample("select 1", 9).rows == ((1, None), (2, "x"))
    assert warehouse.execute_scalar("select 2") == 1
    assert asked == [("select 1", 9), ("select 2", 1)]
    warehouse.close()


def test_no_rows_have_no_columns() -> None:
    warehouse, _ = answering()
    assert warehouse.execute_sample("select 1", 1).columns == ()
    assert warehouse.execute_scalar("select 1") is None


@pytest.mark.parametrize(
    "sql", ["select '{{ x }}'", "select '{% raw %}'", "select 1 {# c #}", "select '}}'", "%}", "#}"]
)
def test_sql_that_dbt_would_render_is_not_run(sql: str) -> None:
    warehouse, asked = answering({"a": 1})
    with pytest.raises(WarehouseError, match="Jinja"):
        warehouse.execute_sample(sql, 1)
    assert asked == []
