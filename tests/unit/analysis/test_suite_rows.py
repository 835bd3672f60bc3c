"""The rows of suites: read from storage, or asked again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from aegis.analysis.suite_rows import COLUMNS, fetch
from aegis.dbt.artifacts.read import Artifacts, read_artifacts
from aegis.dbt.artifacts.suite_rows import find_suites
from aegis.errors import WarehouseError
from aegis.warehouse.base import Rows
from tests.unit.dbt.targets import model, result, row, rule, suite, write_target

NAMES = tuple(name.strip() for name in COLUMNS.split(","))


class Stored:
    """A warehouse that knows some tables: relation → (invocation, rows)."""

    dialect = "postgres"

    def __init__(self, **tables: tuple[str, list[dict[str, Any]]]) -> None:
        self.tables = tables
        self.asked: list[str] = []

    def connect(self) -> None: ...
    def close(self) -> None: ...
    def execute_scalar(self, sql: str) -> None: ...

    def execute_sample(self, sql: str, limit: int) -> Rows:
        self.asked.append(sql)
        found = []
        for part in sql.split("\nunion all\n"):
            if "aegis_rows_of" not in part:
                raise WarehouseError("no such query")
            name = part.rpartition(" from ")[2].removeprefix("aegis_rows_of_")
            if name not in self.tables:
                raise WarehouseError(f"no such table: {name}")
            invocation, rows = self.tables[name]
            index = int(part.split()[1])
            found += [(index, *({**one, "invocation_id": invocation}[column] for column in NAMES)) for one in rows]
        return Rows(("SUITE_INDEX", *(name.upper() for name in NAMES)), tuple(found))


def artifacts(folder: Path, *names: str) -> Artifacts:
    nodes = [model("orders")]
    nodes += [
        suite(name, "model.shop.orders", rule(f"{name}_r"), relation_name=f"aegis_rows_of_{name}") for name in names
    ]
    write_target(folder, nodes, [result(f"test.shop.{name}", "fail", failures=1) for name in names])
    return read_artifacts(folder)


def test_all_suites_are_read_in_one_query(tmp_path: Path) -> None:
    found = artifacts(tmp_path, "a", "b")
    warehouse = Stored(a=("i-1", [row("a_r", "fail")]), b=("i-1", [row("b_r")]))
    rows = fetch(found, find_suites(found), warehouse)
    assert len(warehouse.asked) == 1
    assert {uid: [one["rule_id"] for one in of] for uid, of in rows.stored.items()} == {
        "test.shop.a": ["a_r"],
        "test.shop.b": ["b_r"],
    }
    assert "invocation_id" not in rows.stored["test.shop.a"][0]


def test_many_suites_are_read_in_bounded_queries(tmp_path: Path) -> None:
    names = [f"n{number}" for number in range(230)]
    found = artifacts(tmp_path, *names)
    warehouse = Stored(**{name: ("i-1", [row(f"{name}_r")]) for name in names})
    assert len(fetch(found, find_suites(found), warehouse).stored) == 230
    assert len(warehouse.asked) == 3 and max(map(len, warehouse.asked)) < 100_000


def test_a_table_that_is_gone_costs_its_own_suite_only(tmp_path: Path) -> None:
    found = artifacts(tmp_path, "a", "b", "c")
    warehouse = Stored(a=("i-1", [row("a_r")]), c=("i-1", [row("c_r")]))
    rows = fetch(found, find_suites(found), warehouse)
    assert set(rows.stored) == {"test.shop.a", "test.shop.c"}
    assert set(rows.unavailable) == {"test.shop.b"}
    assert "could not be run again" in rows.unavailable["test.shop.b"]


def test_rows_of_another_run_are_not_taken_for_this_ones(tmp_path: Path) -> None:
    found = artifacts(tmp_path, "a", "b")
    warehouse = Stored(a=("i-0", [row("a_r")]), b=("i-1", [row("b_r")]))
    rows = fetch(found, find_suites(found), warehouse)
    assert set(rows.stored) == {"test.shop.b"} and set(rows.unavailable) == {"test.shop.a"}


class Shared(Stored):
    """The same, where one table holds the rows of several suites, each under its name."""

    def execute_sample(self, sql: str, limit: int) -> Rows:
        rows = super().execute_sample(sql.replace("suite_name, ", ""), limit)
        named = [(one[0], str(one[1 + NAMES.index("rule_id")])[0], *one[1:]) for one in rows.rows]
        return Rows(("SUITE_INDEX", "SUITE_NAME", *rows.columns[1:]), tuple(named))


def test_one_table_that_is_gone_hides_no_row_of_a_table_that_suites_share(tmp_path: Path) -> None:
    found = artifacts(tmp_path, "a", "b", "c")
    suites = [
        replace(one, relation_name="aegis_rows_of_both", part=name) if name != "c" else one
        for one, name in zip(sorted(find_suites(found), key=lambda one: one.unique_id), "abc", strict=True)
    ]
    warehouse = Shared(both=("i-1", [row("a_r", "fail"), row("b_r"), row("x_r")]))
    rows = fetch(found, suites, warehouse)
    assert {uid: [one["rule_id"] for one in of] for uid, of in rows.stored.items()} == {
        "test.shop.a": ["a_r"],
        "test.shop.b": ["b_r"],
    }
