"""A fault in raw data behind two models and a join: other packages' tests say where it began, with each argument."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aegis.rules.foreign import FOREIGN
from tests.unit.investigate.lab import Lab
from tests.unit.investigate.test_symptoms import symptom

RAW = ("source.shop.raw.raw_orders", "bad_source_data")
ORDERS = """select
  case when i = 50 then 49 else i end as id,
  case when i = 50 then 49 else i end as line,
  case when i = 7 then 99 else 1 + i % 20 end as customer,
  case when i = 11 then null else 10 + i % 5 end as price,
  case when i = 12 then 'nope' else 'open' end as state,
  case when i = 13 then '  ' when i = 14 then '' else 'a' || i end as mail,
  case when i = 15 then 'x-1' else 'A' || i end as code,
  case when i = 16 then 5000 else i % 7 end as rank,
  case when i = 17 then 90000 else i % 4 end as weight,
  timestamp '2020-02-01' + interval (i) hour as due,
  case when i = 19 then timestamp '2021-01-01' else timestamp '2020-01-02' + interval (i) hour end as sent
from range(1, 61) as t(i)"""
MODELS = {
    "stg_orders": "select id as order_id, line, customer as customer_id, price, state, mail, code, rank, weight, due,"
    " sent from lab.raw.raw_orders",
    "customers": "select id as customer_id, name from lab.raw.raw_customers",
    "int_orders": "select o.order_id, o.line, o.customer_id, o.price, o.state, o.mail, o.code, o.rank, o.weight, o.due,"
    " o.sent, c.name from lab.main.stg_orders as o left join lab.main.customers as c"
    " on o.customer_id = c.customer_id",
    "orders": "select order_id, line, customer_id, price as amount, state as status, mail as email, code, rank, weight,"
    " due as due_at, sent as sent_at, name from lab.main.int_orders",
}
Case = tuple[str | None, dict[str, Any]]
"""The column, if the test is of one, and arguments with which it fails."""
_KEY: Case = (None, {"column_list": ["order_id", "line"]})
_REFERENCE: Case = ("customer_id", {"to": "ref('customers')", "field": "customer_id"})
FAILING: Mapping[str, Case] = {
    "dbt.not_null": ("amount", {}),
    "dbt.unique": ("order_id", {}),
    "dbt.accepted_values": ("status", {"values": ["open"]}),
    "dbt.relationships": _REFERENCE,
    "dbt_utils.accepted_range": ("rank", {"max_value": 100}),
    "dbt_utils.expression_is_true": ("rank", {"expression": "< 1000"}),
    "dbt_utils.not_accepted_values": ("status", {"values": ["nope"]}),
    "dbt_utils.not_empty_string": ("email", {}),
    "dbt_utils.not_null_where": ("amount", {}),
    "dbt_utils.relationships_where": _REFERENCE,
    "dbt_utils.unique_combination_of_columns": (None, {"combination_of_columns": ["order_id", "line"]}),
    "dbt_utils.unique_where": ("order_id", {}),
    "dbt_expectations.expect_column_mean_to_be_between": ("weight", {"max_value": 3}),
    "dbt_expectations.expect_column_pair_values_A_to_be_greater_than_B": (
        None, {"column_A": "due_at", "column_B": "sent_at"},
    ),
    "dbt_expectations.expect_column_pair_values_to_be_equal": (None, {"column_A": "rank", "column_B": "weight"}),
    "dbt_expectations.expect_column_sum_to_be_between": ("weight", {"max_value": 600}),
    "dbt_expectations.expect_column_to_exist": ("missing", {}),
    "dbt_expectations.expect_column_value_lengths_to_equal": ("code", {"value": 3}),
    "dbt_expectations.expect_column_values_to_be_between": ("rank", {"max_value": 100}),
    "dbt_expectations.expect_column_values_to_be_in_set": ("status", {"value_set": ["open"]}),
    "dbt_expectations.expect_column_values_to_be_unique": ("order_id", {}),
    "dbt_expectations.expect_column_values_to_match_regex": ("code", {"regex": "^A[0-9]+$"}),
    "dbt_expectations.expect_column_values_to_not_be_in_set": ("status", {"value_set": ["nope"]}),
    "dbt_expectations.expect_column_values_to_not_be_null": ("amount", {}),
    "dbt_expectations.expect_compound_columns_to_be_unique": _KEY,
    "dbt_expectations.expect_table_row_count_to_be_between": (None, {"max_value": 20}),
    "dbt_expectations.expect_table_row_count_to_equal": (None, {"value": 500}),
    "dbt_expectations.expression_is_true": (None, {"expression": "rank < 1000"}),
    "elementary.accepted_range_with_context": ("rank", {"max_value": 100}),
    "elementary.expect_column_values_to_be_unique_with_context": ("order_id", {}),
    "elementary.expect_column_values_to_match_regex_with_context": ("code", {"regex": "^A[0-9]+$"}),
    "elementary.expect_column_values_to_not_be_null_with_context": ("amount", {}),
    "elementary.not_null_with_context": ("amount", {}),
    "elementary.relationships_with_context": _REFERENCE,
}  # fmt: skip
VALUES: Mapping[str, tuple[Any, ...]] = {
    "min_value": (0,), "max_value": (100,), "row_condition": ("order_id > 0",), "from_condition": ("order_id > 0",),
    "to_condition": ("1=1", "name is not null"), "strictly": (True, False), "inclusive": (True, False),
    "quote": (True,), "quote_values": (True,), "quote_columns": (True, False), "is_raw": (False, True),
    "flags": ("", "i"), "context_columns": (["line"],), "or_equal": (True, False), "transform": ("upper",),
    "ignore_row_if": ("any_value_is_missing", "all_values_are_missing"), "trim_whitespace": (True, False),
    "test_condition": ("= true", "is not null"),
}  # fmt: skip
"""Values of an argument that a test may be given beside those with which it fails."""
NOT_UNDERSTOOD = {
    ("expect_column_mean_to_be_between", "strictly", True),
    ("expect_column_sum_to_be_between", "strictly", True),
    ("expect_table_row_count_to_be_between", "strictly", True),
    ("relationships_where", "to_condition", "name is not null"),
    ("expression_is_true", "test_condition", "is not null"),
    ("expect_column_values_to_match_regex", "is_raw", True),
    ("expect_column_values_to_match_regex", "flags", "i"),
    ("expect_column_values_to_match_regex_with_context", "is_raw", True),
    ("expect_column_values_to_match_regex_with_context", "flags", "i"),
}
NUMBERS: Mapping[str, Any] = {"accepted_values": [0, 1, 2, 3], "not_accepted_values": [90000]}
"""What is no text needs no quotes."""


def _variants(name: str) -> Iterator[Any]:
    column, given = FAILING[name]
    kind = name.rpartition(".")[2]
    yield pytest.param(name, column, given, None, id=name)
    for argument in sorted(set(FOREIGN[name].arguments) - set(given)):
        for value in VALUES[argument]:
            more = (kind, argument, value) if not isinstance(value, list) else None
            yield pytest.param(name, column, {**given, argument: value}, more, id=f"{name}-{argument}-{value}")
    for argument in ("quote", "quote_values"):
        if argument in FOREIGN[name].arguments:
            like = str(FOREIGN[name].like)
            told = {argument: False, "values" if argument == "quote" else "value_set": NUMBERS[like]}
            yield pytest.param(name, "weight", told, None, id=f"{name}-{argument}-False")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    customers = "select i as id, 'c' || i as name from range(1, 21) as t(i)"
    return Lab(tmp_path_factory.mktemp("lab"), {"raw_orders": ORDERS, "raw_customers": customers}, MODELS)


def test_every_test_that_asks_what_a_rule_type_asks_has_its_failing_case() -> None:
    assert set(FAILING) == {name for name, test in FOREIGN.items() if test.like is not None}


@pytest.mark.parametrize(
    ("name", "column", "given", "more"), [variant for name in FAILING for variant in _variants(name)]
)
def test_a_fault_in_raw_data_began_there_or_nobody_knows_where(
    lab: Lab, tmp_path: Path, name: str, column: str | None, given: dict[str, Any], more: tuple[str, str, Any] | None
) -> None:
    test = name.removeprefix("dbt.")
    found = symptom(tmp_path, test, given if column is None else {**given, "column_name": column}, column)
    if more in NOT_UNDERSTOOD:
        assert found is None
        return
    assert found is not None, "the test is understood"
    origin = lab.origin(replace(found, count=None))
    expected = ("model.shop.orders", "unknown") if name.endswith("column_to_exist") else RAW
    assert (origin.node, origin.kind) == expected, origin
