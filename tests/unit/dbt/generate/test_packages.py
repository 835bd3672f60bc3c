"""Tests of dbt_utils and dbt_expectations as the rules that ask the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aegis.dbt.generate.model import Generated
from aegis.rules import Rule
from tests.unit.dbt.generate.manifests import generated, manifest, model, test_on

ORDERS = model("orders", "id", "customer_id", "status", "qty")


def only(found: Generated) -> Rule:
    assert [entry.reason for entry in found.not_carried] == []
    [entry] = found.rules
    return entry.rule


def test_the_package_of_a_test_stands_in_the_rule(tmp_path: Path) -> None:
    test = test_on(ORDERS, "dbt_utils.accepted_range", "qty", min_value="0", max_value="9.50")
    rule = only(generated(tmp_path, manifest(ORDERS, test)))
    assert rule.generated_by == "aegis dbt generate, from dbt_utils.accepted_range"


@pytest.mark.parametrize(
    ("kind", "column", "more", "wanted"),
    [
        ("dbt_utils.accepted_range", "qty", {"min_value": "0", "inclusive": False}, {"min_value": 0, "strictly": True}),
        ("dbt_utils.accepted_range", "qty", {"min_value": "id"}, {"expression": "qty >= id"}),
        ("dbt_utils.not_null_proportion", "qty", {"at_least": 0.95}, {"column": "qty"}),
        ("dbt_utils.recency", None, {"field": "at", "datepart": "day", "interval": 2}, {"threshold": 2}),
        ("dbt_utils.not_constant", "qty", {}, {"returns": "rows"}),
        ("dbt_utils.expression_is_true", None, {"expression": "qty > id"}, {"expression": "qty > id"}),
        (
            "dbt_utils.unique_combination_of_columns", None, {"combination_of_columns": ["id", '"Qty"']},
            {"columns": ("id", "Qty")},
        ),
        (
            "dbt_expectations.expect_column_values_to_be_in_set", "qty",
            {"value_set": ["a"], "row_condition": "id > 1"}, {"where": "id > 1", "nulls": "fail"},
        ),
        (
            "dbt_expectations.expect_column_max_to_be_between", "qty", {"min_value": 1},
            {"query": "select max(qty) as found from orders having not (max(qty) >= 1)"},
        ),
        (
            "dbt_expectations.expect_column_value_lengths_to_be_between", "status",
            {"max_value": 3, "row_condition": "id > 1"}, {"expression": "length(status) <= 3", "where": "id > 1"},
        ),
    ],
)  # fmt: skip
def test_tests_of_packages_have_their_counterparts(
    tmp_path: Path, kind: str, column: str | None, more: Any, wanted: Any
) -> None:
    rule = only(generated(tmp_path, manifest(ORDERS, test_on(ORDERS, kind, column, **more))))
    assert {name: getattr(rule, name) for name in wanted} == wanted
