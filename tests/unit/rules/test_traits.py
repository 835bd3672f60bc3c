"""What is known of a rule type, and of other people's tests by the rule type that asks the same."""

from __future__ import annotations

import string
from typing import Any

import pytest

from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Severity
from aegis.report.words import how_many
from aegis.rules.foreign import FOREIGN
from aegis.rules.lookup import counts_rows, failed_share, traits_of
from aegis.rules.model import registry
from aegis.rules.traits import Carry, FixKind, Key, Subject

WHOLE_TABLE = (
    "column_exists", "column_sum_between", "column_type", "freshness", "learned_threshold", "mean_between",
    "reconcile_column_sum", "reconcile_row_count", "row_count", "row_count_between", "stddev_below",
    "dbt_utils.equal_rowcount", "dbt_utils.fewer_rows_than", "dbt_utils.recency", "dbt_utils.at_least_one",
    "dbt_utils.not_constant", *(f"dbt_expectations.{name}" for name in (
        "expect_column_to_exist", "expect_row_values_to_have_recent_data", "expect_column_mean_to_be_between",
        "expect_column_median_to_be_between", "expect_column_max_to_be_between", "expect_column_min_to_be_between",
        "expect_column_sum_to_be_between", "expect_column_stdev_to_be_between",
        "expect_column_quantile_values_to_be_between", "expect_column_unique_value_count_to_be_between",
        "expect_table_row_count_to_be_between", "expect_table_row_count_to_equal",
        "expect_table_row_count_to_equal_other_table", "expect_table_column_count_to_equal",
        "expect_table_column_count_to_be_between", "expect_table_columns_to_match_set",
    )),
)  # fmt: skip


def result(rule_type: str, kind: ResultKind = ResultKind.TEST, **fields: Any) -> Result:
    given = {"rows_checked": 10, "rows_failed": 1, **fields}
    return Result(
        unique_id="t", rule_id="r", rule_type=rule_type, kind=kind, status=Status.FAIL, severity=Severity.LOW, **given
    )


@pytest.mark.parametrize("rule_type", [*WHOLE_TABLE, "aegis.row_count", "aegis.freshness"])
def test_what_judges_the_table_as_one_has_no_rows_and_no_share(rule_type: str) -> None:
    assert not counts_rows(result(rule_type))
    assert failed_share(result(rule_type)) is None
    assert how_many(result(rule_type)) == ""


def test_a_query_has_rows_and_no_share() -> None:
    assert how_many(result("custom_sql")) == "1 row"
    assert failed_share(result("custom_sql")) is None


@pytest.mark.parametrize("rule_type", ["not_null", "dbt_utils.accepted_range", "shop.own_test", "singular"])
def test_any_other_test_counts_rows(rule_type: str) -> None:
    assert failed_share(result(rule_type)) == 0.1


@pytest.mark.parametrize(("checked", "failed"), [(None, 1), (0, 0), (5, None), (5, 6)])
def test_a_share_that_is_not_known_is_none(checked: int | None, failed: int | None) -> None:
    assert failed_share(result("not_null", rows_checked=checked, rows_failed=failed)) is None


def test_a_result_of_a_model_counts_no_rows() -> None:
    assert not counts_rows(result("model", ResultKind.MODEL))


@pytest.mark.parametrize("name", registry())
def test_a_type_says_who_it_is_in_one_phrase_and_one_noun(name: str) -> None:
    traits = registry()[name].traits
    fields = {field for _, field, _, _ in string.Formatter().parse(traits.phrase) if field}
    assert fields <= {"column", "rule"} and not traits.phrase.endswith(".")
    if traits.title is None:
        assert traits.phrase == "{rule} does not hold"
    else:
        assert {field for _, field, _, _ in string.Formatter().parse(traits.title) if field} <= {"columns"}


@pytest.mark.parametrize("name", registry())
def test_the_traits_of_a_type_do_not_contradict_each_other(name: str) -> None:
    traits = registry()[name].traits
    assert not (traits.subject is Subject.QUERY and traits.carry is not Carry.NEVER)
    assert (traits.carry is Carry.UNIQUENESS) == (traits.subject is Subject.GROUP)
    assert traits.key is not Key.IDENTIFIES or traits.carry is Carry.UNIQUENESS
    assert (traits.key is Key.REFERS) == (traits.carry is Carry.REFERENCE)
    assert not traits.fixes or traits.subject in (Subject.ROW, Subject.GROUP)
    assert FixKind.ONE_PER_KEY not in traits.fixes or traits.fixed_by_delete


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_test_means_what_its_rule_type_takes(name: str) -> None:
    test = FOREIGN[name]
    if test.like is None:
        return
    given = {
        "column_name": "a", "column_list": ["a", "b"], "combination_of_columns": ["a", "b"], "column_A": "a",
        "column_B": "b",
        "to": "ref('x')", "field": "id", "values": [1], "value_set": [1], "min_value": 1, "regex": "x", "value": 3,
        "expression": "a > 1", "row_condition": "a > 2", "from_condition": "a > 3", "column_index": None,
        "strictly": False, "quote_values": True, "or_equal": True,
    }  # fmt: skip
    meant = test.parameters({key: value for key, value in given.items() if key in {*test.arguments, "column_name"}})
    assert meant is not None
    assert meant.keys() <= {*registry()[test.like].takes(), "to", "field"}
    assert test.parameters({"column_name": "a", "made_up": 1}) is None


def test_a_name_is_taken_as_its_package_says() -> None:
    assert traits_of("not_null") is registry()["not_null"].traits
    assert traits_of("aegis.not_null") is registry()["not_null"].traits
    assert traits_of("dbt_utils.accepted_range") is registry()["between"].traits
    assert traits_of("accepted_range") is None
    assert traits_of("shop.not_null") is None
    assert traits_of("dbt_expectations.expect_column_values_to_be_null") is None
