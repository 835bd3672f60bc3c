"""Generic tests of dbt and of its common packages, as the rule types that ask the same.

One table of data. A test is understood only as a whole: an argument that is not in its row, or has a value that its row
does not take, may change what is asked, and then the test is not understood. Signatures as of dbt 1.12, dbt_utils 1.4,
dbt_expectations 0.10 and elementary 0.25 (their ``macros/`` folders).
"""

from __future__ import annotations

from collections.abc import Mapping

from aegis.rules.foreign_arguments import (
    RANGE,
    REFERENCE,
    ROWS,
    as_,
    compound,
    each,
    expression,
    found_blank,
    ignored,
    listed,
    names,
    only,
    opposite,
    proportion,
    span,
    switch,
    where,
)
from aegis.rules.foreign_kind import ForeignTest
from aegis.rules.foreign_sql import (
    condition,
    each_combination_once,
    each_value_once,
    in_list,
    in_range,
    of_all_rows,
    values_outside,
    without_reference,
)
from aegis.rules.traits import Subject

AS_CONDITION = "sql_expression"
"""The rule type that takes a test as a condition on each row, its ``expression``."""
AS_QUERY = "custom_sql"
"""The rule type that takes a test as a query for its failures, its ``query``."""


def foreign_test(test: str) -> ForeignTest | None:
    """By the name that results give: dbt's own tests without a package, others with theirs."""
    package, _, name = test.rpartition(".")
    return FOREIGN.get(f"{package or 'dbt'}.{name}")


_TABLE = ForeignTest(subject=Subject.TABLE)
_OF_TWO = ForeignTest(subject=Subject.TABLE, beside="it compares two tables")
_NOT_STRICTLY = {"strictly": only(False)}
_IN_SET = {"value_set": listed("value_set", "quote_values"), "quote_values": each, **ROWS}
_REGEX = {"regex": as_("pattern"), "is_raw": only(False), "flags": only(""), **ROWS}
_CONTEXT = {"context_columns": each}
_DISTINCT = "count(distinct {column_name})"
_LISTED = {"values": listed("values", "quote"), "quote": each}

_DBT: Mapping[str, ForeignTest] = {
    "not_null": ForeignTest("not_null", expects="no NULL", condition=condition("({column_name}) is not null")),
    "unique": ForeignTest("unique", expects="no duplicates", query=each_value_once, counts_rows=False),
    "accepted_values": ForeignTest(
        "accepted_values", _LISTED, expects="one of {values}", condition=in_list("values", "quote"),
        query=values_outside(in_list("values", "quote")), counts_rows=False, in_list=("values", "quote"),
    ),
    "relationships": ForeignTest("foreign_key", REFERENCE, expects="a {field} of {to}", query=without_reference),
    "singular": ForeignTest(phrase="{rule} returned rows"),
}  # fmt: skip

_DBT_UTILS: Mapping[str, ForeignTest] = {
    "accepted_range": ForeignTest(
        "between", {**RANGE, "inclusive": opposite("strictly")}, condition=in_range(inclusive="inclusive")
    ),
    "at_least_one": ForeignTest(
        subject=Subject.TABLE, query=of_all_rows("count({column_name})", condition("count({column_name}) > 0"))
    ),
    "cardinality_equality": ForeignTest(beside=_OF_TWO.beside),
    "equal_rowcount": _OF_TWO,
    "equality": ForeignTest(beside=_OF_TWO.beside),
    "expression_is_true": ForeignTest("sql_expression", {"expression": expression("{column_name} {expression}")}),
    "fewer_rows_than": _OF_TWO,
    "not_accepted_values": ForeignTest(
        "not_accepted_values", _LISTED, condition=in_list("values", "quote", negated=True), counts_rows=False,
        in_list=("values", "quote"),
    ),
    "not_constant": ForeignTest(
        subject=Subject.TABLE,
        query=of_all_rows(_DISTINCT, condition(f"{_DISTINCT} <> 1")),
    ),
    "not_empty_string": ForeignTest(
        "not_empty_string", {"trim_whitespace": found_blank}, defaults={"trim_whitespace": True}
    ),
    "not_null_proportion": ForeignTest(
        arguments={"at_least": proportion, "at_most": only(1)}, untraced="not_null", subject=Subject.TABLE,
        counts_rows=False,
    ),
    "not_null_where": ForeignTest("not_null"),
    "recency": ForeignTest(
        arguments={"field": as_("column"), "datepart": span, "interval": each, "ignore_time_component": only(False)},
        untraced="freshness", subject=Subject.TABLE,
    ),
    "relationships_where": ForeignTest(
        "foreign_key", {**REFERENCE, "from_condition": where, "to_condition": only("1=1")}
    ),
    "unique_combination_of_columns": ForeignTest(
        "composite_unique", {"combination_of_columns": names, "quote_columns": each},
        phrase="a combination of columns is not unique", counts_rows=False,
        query=each_combination_once("combination_of_columns"),
    ),
    "unique_where": ForeignTest("unique"),
}  # fmt: skip

_DBT_EXPECTATIONS: Mapping[str, ForeignTest] = {
    **dict.fromkeys(
        (
            "expect_column_distinct_count_to_equal_other_table",
            "expect_column_median_to_be_between",
            "expect_column_most_common_value_to_be_in_set", "expect_column_proportion_of_unique_values_to_be_between",
            "expect_column_quantile_values_to_be_between", "expect_column_stdev_to_be_between",
            "expect_column_unique_value_count_to_be_between", "expect_row_values_to_have_recent_data",
            "expect_table_aggregation_to_equal_other_table", "expect_table_column_count_to_be_between",
            "expect_table_column_count_to_equal", "expect_table_column_count_to_equal_other_table",
            "expect_table_columns_to_contain_set", "expect_table_columns_to_match_ordered_list",
            "expect_table_columns_to_match_set", "expect_table_columns_to_not_contain_set",
            "expect_table_row_count_to_equal_other_table", "expect_table_row_count_to_equal_other_table_times_factor",
        ),
        _TABLE,
    ),
    **{
        f"expect_column_distinct_count_to_{name}": ForeignTest(
            subject=Subject.TABLE,
            query=of_all_rows(_DISTINCT, condition(f"{_DISTINCT} {sign} {{value}}")),
        )
        for name, sign in {"be_greater_than": ">", "be_less_than": "<", "equal": "="}.items()
    },
    **{
        f"expect_column_{name}_to_be_between": ForeignTest(
            subject=Subject.TABLE,
            query=of_all_rows(f"{name}({{column_name}})", in_range(f"{name}({{column_name}})", None, "strictly")),
        )
        for name in ("max", "min")
    },
    "expect_column_mean_to_be_between": ForeignTest(
        "mean_between", {**RANGE, **ROWS, **_NOT_STRICTLY}, always={"on_empty": "pass"}
    ),
    "expect_column_pair_values_A_to_be_greater_than_B": ForeignTest(
        "sql_expression",
        {"column_A": each, "column_B": each, "or_equal": compound({True: ">=", False: ">"}), **ROWS},
        defaults={"or_equal": False},
    ),
    "expect_column_pair_values_to_be_equal": ForeignTest(
        "sql_expression", {"column_A": each, "column_B": expression("{column_A} = {column_B}"), **ROWS}
    ),
    "expect_column_sum_to_be_between": ForeignTest(
        "column_sum_between", {**RANGE, **ROWS, **_NOT_STRICTLY}, always={"on_empty": "pass"}
    ),
    "expect_column_to_exist": ForeignTest("column_exists", {"transform": each}),
    "expect_column_value_lengths_to_equal": ForeignTest(
        "sql_expression", {"value": expression("length({column_name}) = {value}"), **ROWS}
    ),
    "expect_column_value_lengths_to_be_between": ForeignTest(
        condition=in_range("length({column_name})", None, "strictly")
    ),
    "expect_column_values_to_be_between": ForeignTest(
        "between", {**RANGE, **ROWS, "strictly": switch("strictly")},
        condition=in_range(strictly="strictly", inclusive=None),
    ),
    "expect_column_values_to_be_null": ForeignTest(condition=condition("({column_name}) is null")),
    "expect_column_values_to_be_of_type": ForeignTest(
        arguments={"column_type": as_("data_type")}, untraced="column_type", subject=Subject.TABLE
    ),
    "expect_column_values_to_match_like_pattern": ForeignTest(
        condition=condition("({column_name}) like '{like_pattern}'")
    ),
    "expect_column_values_to_not_match_like_pattern": ForeignTest(
        condition=condition("({column_name}) not like '{like_pattern}'")
    ),
    # A NULL is in no set there.
    "expect_column_values_to_be_in_set": ForeignTest("accepted_values", _IN_SET, always={"nulls": "fail"}),
    "expect_column_values_to_be_unique": ForeignTest("unique", ROWS, counts_rows=False),
    "expect_column_values_to_match_regex": ForeignTest("regex_match", _REGEX),
    "expect_column_values_to_not_be_in_set": ForeignTest("not_accepted_values", _IN_SET),
    "expect_column_values_to_not_be_null": ForeignTest("not_null", ROWS),
    "expect_compound_columns_to_be_unique": ForeignTest(
        "composite_unique",
        {"column_list": names, "quote_columns": each, "ignore_row_if": ignored, **ROWS},
        defaults={"ignore_row_if": "all_values_are_missing"}, counts_rows=False,
    ),
    "expect_table_row_count_to_be_between": ForeignTest("row_count_between", {**RANGE, **ROWS, **_NOT_STRICTLY}),
    "expect_table_row_count_to_equal": ForeignTest(
        "row_count_between", {"value": as_("min_value", "max_value"), **ROWS}
    ),
    "expression_is_true": ForeignTest(
        "sql_expression", {"expression": expression("{expression}"), "test_condition": only("= true"), **ROWS}
    ),
}  # fmt: skip

_ELEMENTARY: Mapping[str, ForeignTest] = {
    **dict.fromkeys(
        (
            "all_columns_anomalies", "column_anomalies", "data_freshness_sla", "dimension_anomalies",
            "event_freshness_anomalies", "execution_sla", "freshness_anomalies", "schema_changes",
            "schema_changes_from_baseline", "table_anomalies", "volume_anomalies", "volume_threshold",
        ),
        _TABLE,
    ),
    "accepted_range_with_context": ForeignTest("between", {**RANGE, "inclusive": opposite("strictly"), **_CONTEXT}),
    "expect_column_values_to_be_unique_with_context": ForeignTest("unique", {**ROWS, **_CONTEXT}, counts_rows=False),
    "expect_column_values_to_match_regex_with_context": ForeignTest("regex_match", {**_REGEX, **_CONTEXT}),
    "expect_column_values_to_not_be_null_with_context": ForeignTest("not_null", {**ROWS, **_CONTEXT}),
    "not_null_with_context": ForeignTest("not_null", _CONTEXT),
    "relationships_with_context": ForeignTest("foreign_key", {**REFERENCE, **_CONTEXT}),
}  # fmt: skip

FOREIGN: Mapping[str, ForeignTest] = {
    f"{package}.{name}": test
    for package, tests in {
        "dbt": _DBT, "dbt_utils": _DBT_UTILS, "dbt_expectations": _DBT_EXPECTATIONS, "elementary": _ELEMENTARY,
    }.items()
    for name, test in tests.items()
}  # fmt: skip
"""By package and name."""
