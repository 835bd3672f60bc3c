from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aegis.dbt.artifacts.read import read_manifest
from aegis.dbt.graph.keys import KeyColumns
from tests.unit.dbt.targets import Document, generic_test, metadata, model, recorded, rule, suite, write_target

ORDERS = "model.shop.orders"


def _role(tmp_path: Path, column: str | None, *nodes: Document, **fields: Any) -> str | None:
    target = write_target(tmp_path, [model("orders", **fields), *nodes], manifest={"metadata": metadata()})
    return KeyColumns(read_manifest(target)[0]).role(ORDERS, column)


def _constrained(*kinds: str) -> Document:
    return {"columns": {"id": {"name": "id", "constraints": [{"type": kind} for kind in kinds]}}}


@pytest.mark.parametrize(
    ("fields", "role"),
    [
        ({"constraints": [{"type": "primary_key", "columns": ["id", "line"]}]}, "primary key (constraint)"),
        ({"constraints": [{"type": "foreign_key", "columns": ["ID"]}]}, "foreign key (constraint)"),
        ({"constraints": [{"type": "check", "columns": ["id"]}]}, None),
        ({"constraints": [{"type": "primary_key", "columns": None}]}, None),
        (_constrained("primary_key"), "primary key (constraint)"),
        (_constrained("foreign_key"), "foreign key (constraint)"),
        (_constrained("unique", "not_null"), "unique key (constraints)"),
        (_constrained("not_null"), None),
        ({"primary_key": ["id"]}, "primary key (dbt)"),
        ({}, None),
    ],
)
def test_constraints_make_keys(tmp_path: Path, fields: Document, role: str | None) -> None:
    assert _role(tmp_path, "id", **fields) == role


def test_unique_and_not_null_tests_make_a_key_only_together(tmp_path: Path) -> None:
    unique = generic_test("u", ORDERS, "unique", "id")
    not_null = generic_test("n", ORDERS, "not_null", "id")
    assert _role(tmp_path / "a", "id", unique) is None
    assert _role(tmp_path / "b", "id", not_null) is None
    assert _role(tmp_path / "c", "id", unique, not_null) == "unique key (unique and not_null tests)"


@pytest.mark.parametrize("rule_type", ["null_percentage_below", "conditional_not_null"])
def test_a_column_that_may_be_empty_is_no_key(tmp_path: Path, rule_type: str) -> None:
    unique = generic_test("u", ORDERS, "unique", "id")
    assert _role(tmp_path, "id", unique, suite("aegis_orders", ORDERS, rule("r", rule_type, column="id"))) is None


@pytest.mark.parametrize(
    ("test", "role"),
    [
        (generic_test("t", ORDERS, "relationships", "id"), "foreign key (relationships test)"),
        (
            generic_test(
                "t",
                ORDERS,
                "",
                test_metadata={
                    "name": "unique_combination_of_columns",
                    "namespace": "dbt_utils",
                    "kwargs": {"combination_of_columns": ["day", "id"]},
                },
            ),
            "part of a unique key (unique_combination_of_columns test)",
        ),
        (suite("aegis_orders", ORDERS, rule("r", "unique", column="id")), "unique key (unique rule)"),
        (suite("aegis_orders", ORDERS, rule("r", "foreign_key", column="id")), "foreign key (foreign_key rule)"),
        (
            suite("aegis_orders", ORDERS, rule("r", "composite_unique", columns=["day", "id"])),
            "part of a unique key (composite_unique rule)",
        ),
        (suite("aegis_orders", ORDERS, rule("r", "not_null", column="id")), None),
        (generic_test("t", ORDERS, "accepted_values", "id"), None),
        (generic_test("t", "model.shop.other", "relationships", "id"), None),
    ],
)
def test_tests_and_rules_make_keys(tmp_path: Path, test: Document, role: str | None) -> None:
    assert _role(tmp_path, "id", test, model("other")) == role


@pytest.mark.parametrize("column", ["id", "ID", '"id"', "`id`", "[id]", "day, id", "id,day"])
def test_a_column_is_found_however_it_is_written(tmp_path: Path, column: str) -> None:
    assert _role(tmp_path, column, primary_key=["id"]) == "primary key (dbt)"


def test_no_column_is_no_key(tmp_path: Path) -> None:
    assert _role(tmp_path, None, primary_key=["id"]) is None


def test_a_suite_that_cannot_be_read_makes_no_key(tmp_path: Path) -> None:
    assert _role(tmp_path, "id", suite("aegis_orders", ORDERS, {"id": "r"})) is None


def test_a_recorded_contract_makes_a_key() -> None:
    for engine in ("dbt-1.10", "dbt-1.12", "dbt-2"):
        keys = KeyColumns(recorded(engine).manifest)
        assert keys.role("model.corner.dim_customers", "customer_id") == "primary key (constraint)", engine
