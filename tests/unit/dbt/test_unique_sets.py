"""What a project promises to be unique."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aegis.dbt.artifacts.read import read_artifacts
from aegis.dbt.graph.unique_sets import unique_sets
from tests.unit.dbt.targets import generic_test, model, rule, suite, write_target

ORDERS = "model.shop.orders"


def promised(folder: Path, *nodes: dict[str, Any], **fields: Any) -> set[tuple[str, ...]]:
    artifacts = read_artifacts(write_target(folder, [model("orders", **fields), *nodes]))
    return {tuple(sorted(names)) for names in unique_sets(artifacts.manifest).get(ORDERS, frozenset())}


def test_rules_tests_and_constraints_promise_for_all_rows(tmp_path: Path) -> None:
    combination = {"name": "unique_combination_of_columns", "namespace": "dbt_utils"}
    told = {"combination_of_columns": ["line", "Order_id"]}
    found = promised(
        tmp_path,
        suite("s", ORDERS, rule("r", "unique", column="id"), rule("c", "composite_unique", columns=["a", "B"])),
        generic_test("u", ORDERS, "unique", '"Code"'),
        generic_test("g", ORDERS, "x", test_metadata={**combination, "kwargs": told}),
        columns={"k": {"name": "k", "constraints": [{"type": "primary_key"}]}},
        constraints=[{"type": "unique", "columns": ["x", "y"]}],
    )
    assert found == {("id",), ("a", "b"), ("code",), ("line", "order_id"), ("k",), ("x", "y")}


@pytest.mark.parametrize(
    "node",
    [
        suite("s", ORDERS, rule("r", "unique", column="id", where="state = 'new'")),
        suite("s", ORDERS, rule("r", "unique", column="id", since="7 days", time_column="made")),
        suite("s", ORDERS, rule("r", "not_null", column="id")),
        generic_test("u", ORDERS, "unique", "id", config={"where": "state = 'new'"}),
        generic_test("u", ORDERS, "not_null", "id"),
    ],
)
def test_what_looks_at_some_rows_or_at_another_thing_promises_nothing(tmp_path: Path, node: dict[str, Any]) -> None:
    assert promised(tmp_path, node) == set()
