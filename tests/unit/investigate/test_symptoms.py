"""A failed result as a question that can be asked of another table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aegis.dbt.anatomy import ColumnRef
from aegis.dbt.artifacts import read_artifacts
from aegis.dbt.results import read_results
from aegis.dbt.tables import tables_of
from aegis.investigate.symptoms import Symptom, symptom_of
from tests.unit.dbt.targets import generic_test, model, result, write_target

ORDERS = "model.shop.orders"
GENERIC: dict[str, tuple[dict[str, Any], tuple[str, tuple[str, ...], dict[str, Any]]]] = {
    "not_null": ({}, ("not_null", ("id",), {})),
    "unique": ({}, ("unique", ("id",), {})),
    "accepted_values": ({"values": ["a", "b"]}, ("accepted_values", ("id",), {"values": ["a", "b"]})),
    "accepted_range": (
        {"arguments": {"min_value": 0, "max_value": 1.5}},
        ("between", ("id",), {"min_value": 0, "max_value": {"decimal": "1.5"}}),
    ),
    "unique_combination_of_columns": (
        {"combination_of_columns": ["id", "day"]}, ("composite_unique", ("id", "day"), {}),
    ),
    "expression_is_true": ({"expression": "> 0"}, ("sql_expression", ("id",), {"expression": "id > 0"})),
    "expect_column_values_to_match_regex": ({"regex": "^a"}, ("regex_match", ("id",), {"pattern": "^a"})),
}  # fmt: skip


def symptom(
    folder: Path, name: str, kwargs: dict[str, Any], column: str | None = "id", where: str | None = None
) -> Symptom | None:
    metadata = {"name": name, "namespace": None, "kwargs": kwargs}
    test = generic_test("t", ORDERS, name, column, test_metadata=metadata)
    test["config"] = {**test.get("config", {}), "where": where}
    test["depends_on"]["nodes"].append("model.shop.customers")
    write_target(folder, [model("orders"), model("customers"), test], [result(test["unique_id"], "fail", failures=3)])
    artifacts = read_artifacts(folder)
    [failed] = [one for one in read_results(artifacts).results if one.failed]
    return symptom_of(failed, artifacts.manifest, tables_of(artifacts.manifest))


@pytest.mark.parametrize("name", GENERIC)
def test_a_generic_test_is_the_rule_that_asks_the_same(tmp_path: Path, name: str) -> None:
    kwargs, (kind, columns, parameters) = GENERIC[name]
    found = symptom(tmp_path, name, kwargs, None if "combination" in name else "id")
    assert found == Symptom(ORDERS, kind, columns, parameters, count=3)


def test_a_relationship_names_the_column_that_must_have_the_values(tmp_path: Path) -> None:
    found = symptom(tmp_path, "relationships", {"to": "ref('customers')", "field": "ID"})
    assert found is not None and found.type == "foreign_key"
    assert found.reference == ColumnRef("model.shop.customers", "id")


@pytest.mark.parametrize("name", [*GENERIC, "relationships"])
def test_the_filter_of_a_test_is_part_of_the_question(tmp_path: Path, name: str) -> None:
    kwargs = GENERIC[name][0] if name in GENERIC else {"to": "ref('customers')", "field": "id"}
    found = symptom(tmp_path, name, kwargs, None if "combination" in name else "id", where="status = 'new'")
    assert found is not None and found.where == "status = 'new'"


def test_a_condition_on_rows_is_a_filter_too(tmp_path: Path) -> None:
    given = {"row_condition": "id > 3"}
    found = symptom(tmp_path, "expect_column_values_to_be_unique", given, where="status = 'new'")
    assert found is not None and found.where == "(status = 'new') AND (id > 3)"


@pytest.mark.parametrize(
    ("name", "kwargs"),
    [
        ("accepted_range", {"min_value": 0, "inclusive": False}),
        ("expression_is_true", {"expression": "> 0", "condition": "status = 'new'"}),
        ("not_empty_string", {"trim_whitespace": False}),
        ("expect_column_values_to_match_regex", {"regex": "^a", "is_raw": True}),
        ("expect_column_values_to_be_in_set", {"value_set": ["a"], "quote_values": True}),
    ],
)
def test_a_test_with_an_argument_that_is_not_understood_is_no_question(
    tmp_path: Path, name: str, kwargs: dict[str, Any]
) -> None:
    assert symptom(tmp_path, name, kwargs) is None


@pytest.mark.parametrize("text", ["is not (", "> (select count(*) from read_csv('x'))", "> 0; drop table orders"])
def test_sql_of_a_test_that_the_gate_refuses_is_no_question(tmp_path: Path, text: str) -> None:
    assert symptom(tmp_path, "expression_is_true", {"expression": text}) is None


def test_a_test_that_nobody_knows_is_no_question(tmp_path: Path) -> None:
    assert symptom(tmp_path, "my_own_test", {}) is None


def test_at_another_table_its_columns_go_by_their_names_there() -> None:
    here = Symptom(ORDERS, "sql_expression", ("net", "gross"), {"expression": "net <= gross"}, where="x = 1", count=3)
    there = here.at("source.shop.raw.orders", {"net": "n", "gross": "g"})
    assert there.parameters == {"expression": '"n" <= "g"'}
    assert (there.columns, there.where, there.count) == (("n", "g"), None, None)


def test_in_another_dialect_columns_are_quoted_as_it_quotes() -> None:
    here = Symptom(ORDERS, "sql_expression", ("net",), {"expression": "net > 0"}, dialect="bigquery")
    assert here.at("source.shop.raw.orders", {"net": "n"}).parameters == {"expression": "`n` > 0"}


def test_as_a_rule_it_has_what_the_macros_want() -> None:
    found = Symptom(ORDERS, "foreign_key", ("c",), reference=ColumnRef("model.shop.customers", "id"), where="c > 0")
    assert found.rule("7") == {
        "id": "7", "type": "foreign_key", "severity": "high", "level": "error", "column": "c",
        "reference_table": "model.shop.customers", "reference_column": "id", "where": "c > 0",
    }  # fmt: skip
