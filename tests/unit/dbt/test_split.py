"""A suite rule by rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from aegis.dbt.artifacts.read import read_artifacts
from aegis.dbt.artifacts.suite_meta import SuiteSection
from aegis.dbt.graph.tables import Table, Tables
from aegis.dbt.suites.split import one_by_one, relation_of, split_suite
from aegis.errors import DbtError, WarehouseError
from aegis.warehouse.base import Rows
from aegis.warehouse.duckdb_files import DuckDbFiles
from integration_tests.command import make_database
from tests.unit.dbt.targets import model, result, suite, write_target

ORDERS = Table('ref("orders")', "orders", "main", "orders", database="shop")
OTHERS = Table('ref("others")', "others", "main", "others", database="shop")


def rule(rule_id: str, kind: str = "sql_expression", **fields: Any) -> dict[str, Any]:
    return {"id": rule_id, "type": kind, "severity": "high", "level": "error", **fields}


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[DuckDbFiles]:
    path = make_database(
        tmp_path / "shop.duckdb",
        "create table orders as select i as id, i::varchar as text, "
        "if(i < 4, timestamp '2020-01-01', current_timestamp::timestamp) as at from range(10) as t(i)",
        "create table others as select 100 as id",
    )
    files = DuckDbFiles({"shop": path})
    yield files
    files.close()


Run = Callable[..., dict[str, dict[str, Any]]]


@pytest.fixture
def run(warehouse: DuckDbFiles) -> Run:
    def run(rules: Sequence[dict[str, Any]], *, empty: bool = False, references: Sequence[str] = ()) -> dict[str, Any]:
        section = SuiteSection(list(rules), table="orders", references=tuple(references))
        tables = Tables([ORDERS, OTHERS])
        rows = one_by_one(
            section, tables, lambda t: relation_of(t, "duckdb"), "duckdb", warehouse.execute_sample, empty=empty
        )
        assert [row["rule_id"] for row in rows] == [one["id"] for one in rules], "a row for each rule, in their order"
        return {str(row["rule_id"]): row for row in rows}

    return run


def test_rules_that_break_are_told_and_the_others_run(run: Run) -> None:
    rules = [rule(f"fine{n}", expression=f"id <> {n}", uses=["id"]) for n in range(8)]
    rules[3:3] = [rule("cast", expression="cast(text || 'x' as integer) > 0", uses=["text"])]
    rules.append(rule("column", expression="no_such > 0"))
    found = run(rules)
    assert {name for name, row in found.items() if row["status"] == "error"} == {"cast", "column"}
    assert all(found[f"fine{n}"]["rows_failed"] == 1 for n in range(8))
    assert "Could not convert" in found["cast"]["message"] and "no_such" in found["column"]["message"]


def test_a_table_that_cannot_be_read_is_the_error_of_the_rules_that_name_it(run: Run, warehouse: DuckDbFiles) -> None:
    gone = Table('ref("gone")', "gone", "main", "gone", database="shop")
    rules = [
        rule("fine", "not_null", column="id"),
        rule("key", "foreign_key", column="id", reference_table="gone", reference_column="id"),
        rule("query", "custom_sql", query="select * from «gone»", returns="rows"),
        rule("other", "custom_sql", query="select * from «others»", returns="rows"),
    ]
    section = SuiteSection(rules, table="orders", references=("gone", "others"))
    tables = Tables([ORDERS, OTHERS, gone])
    rows = one_by_one(section, tables, lambda t: relation_of(t, "duckdb"), "duckdb", warehouse.execute_sample)
    assert [row["status"] for row in rows] == ["pass", "error", "error", "fail"]
    assert all("gone" in str(row["message"]) for row in rows[1:3])


def test_few_statements_are_needed_where_few_rules_break(run: Run, warehouse: DuckDbFiles) -> None:
    asked = []
    original = warehouse.execute_sample

    def counted(sql: str, limit: int) -> Rows:
        asked.append(sql)
        return original(sql, limit)

    rules = [rule(f"fine{n}", expression=f"id <> {n}", uses=["id"]) for n in range(31)]
    rules.append(rule("broken", expression="no_such > 0"))
    section = SuiteSection(rules, table="orders")
    one_by_one(section, Tables([ORDERS]), lambda t: relation_of(t, "duckdb"), "duckdb", counted)
    assert len(asked) <= 2 * 6 + 2


def test_on_no_rows_nothing_is_read_and_what_is_wrong_shows_all_the_same(run: Run) -> None:
    endless = "select * from «this» a, «this» b, «others» c, range(1000000000) d where a.id = b.id"
    found = run(
        [
            rule("runtime", expression="cast(text || 'x' as integer) > 0", uses=["text"]),
            rule("slow", "custom_sql", query=endless, returns="rows"),
            rule("wrong", "custom_sql", query="select no_such from «others»", returns="rows"),
            rule("missing", "not_null", column="gone"),
        ],
        empty=True,
        references=["others"],
    )
    assert found["runtime"]["status"] != "error" and found["slow"]["status"] != "error"
    assert "no_such" in found["wrong"]["message"] and "gone" in found["missing"]["message"]


def test_a_table_that_is_gone_is_told(warehouse: DuckDbFiles) -> None:
    gone = Table('ref("gone")', "gone", "main", "gone", database="shop")
    section = SuiteSection([rule("r", expression="true")], table="gone")
    with pytest.raises(WarehouseError, match="gone"):
        one_by_one(section, Tables([gone]), lambda t: relation_of(t, "duckdb"), "duckdb", warehouse.execute_sample)
    with pytest.raises(DbtError, match="knows no table"):
        one_by_one(section, Tables([]), lambda t: relation_of(t, "duckdb"), "duckdb", warehouse.execute_sample)


def test_since_is_counted_back_from_now(run: Run) -> None:
    found = run([rule("s", expression="id < 0", uses=["id"], since="7 days", time_column="at")])
    assert (found["s"]["status"], found["s"]["rows_failed"], found["s"]["rows_checked"]) == ("fail", 6, 6)
    last = run([rule("l", "not_null", column="id", since="last_success", time_column="at")])
    assert last["l"]["status"] == "error" and "last_success" in last["l"]["message"]


def test_a_suite_of_a_manifest_is_split_by_what_it_says(tmp_path: Path, warehouse: DuckDbFiles) -> None:
    nodes = [
        model("orders", schema="main", database="shop", alias="orders", relation_name='"shop"."main"."orders"'),
        suite("aegis_orders", "model.shop.orders", rule("a", "not_null", column="id"), rule("b", expression="x = 1")),
    ]
    write_target(tmp_path / "t", nodes, [result("test.shop.aegis_orders", "error")])
    manifest = read_artifacts(tmp_path / "t").manifest
    rows = split_suite(manifest, "test.shop.aegis_orders", "duckdb", warehouse.execute_sample)
    assert [(row["rule_id"], row["status"]) for row in rows] == [("a", "pass"), ("b", "error")]
    with pytest.raises(DbtError, match="does not hold its rules"):
        split_suite(manifest, "model.shop.orders", "duckdb", warehouse.execute_sample)
