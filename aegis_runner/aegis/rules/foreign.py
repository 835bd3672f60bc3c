"""Generic tests of dbt and of its common packages, as the rule types that ask the same.

One table of data. A test is understood only as a whole: an argument that is not in its row, or has a value that its row
does not take, may change what is asked, and then the test is not understood. Signatures as of dbt 1.12, dbt_utils 1.4,
dbt_expectations 0.10 and elementary 0.25 (their ``macros/`` folders).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aegis.rules.foreign_arguments import (
    RANGE,
    REFERENCE,
    ROWS,
    Converter,
    NotUnderstoodError,
    Parameters,
    as_,
    compound,
    each,
    expression,
    found_blank,
    ignored,
    names,
    only,
    opposite,
    switch,
    where,
)
from aegis.rules.traits import Subject, Traits


@dataclass(frozen=True, slots=True)
class ForeignTest:
    """A test of somebody else.

    Attributes:
        like: The rule type that asks the same; None where there is none.
        arguments: What each of its arguments means, by name.
        defaults: Arguments that mean something where they are not given.
        always: Parameters of ``like`` that the test has by itself.
        expects: What it expects, with its arguments in braces.
        phrase: What failed, where the words of ``like`` do not say it.
        subject: What fails, where there is no ``like``.
    """

    like: str | None = None
    arguments: Mapping[str, Converter] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    always: Mapping[str, Any] = field(default_factory=dict)
    expects: str | None = None
    phrase: str | None = None
    subject: Subject = Subject.ROW

    @property
    def traits(self) -> Traits | None:
        """Those of ``like``, else what can be said without it."""
        from aegis.rules.declared import registry

        if self.like is not None:
            return registry()[self.like].traits
        if self.phrase is None and self.subject is Subject.ROW:
            return None
        return Traits(phrase=self.phrase or "{rule} does not hold", title=None, subject=self.subject)

    def parameters(self, given: Mapping[str, Any]) -> Parameters | None:
        """The parameters of ``like``, and ``where`` (a condition on rows), ``to`` and ``field`` (a reference); None if
        not every argument is understood."""
        known = {**self.defaults, **{name: value for name, value in given.items() if value is not None}}
        found: Parameters = dict(self.always)
        conditions: list[str] = []
        try:
            for name in known.keys() - {"model", "column_name"}:
                meant = self.arguments[name](known[name], known)
                conditions += [meant.pop("where")] if "where" in meant else []
                found |= meant
        except (KeyError, NotUnderstoodError):
            return None
        if conditions:
            found["where"] = (
                conditions[0] if len(conditions) == 1 else " and ".join(f"({one})" for one in sorted(conditions))
            )
        return found


def foreign_test(test: str) -> ForeignTest | None:
    """By the name that results give: dbt's own tests without a package, others with theirs."""
    package, _, name = test.rpartition(".")
    return FOREIGN.get(f"{package or 'dbt'}.{name}")


_TABLE = ForeignTest(subject=Subject.TABLE)
_NOT_STRICTLY = {"strictly": only(False)}
_IN_SET = {"value_set": as_("values"), "quote_values": as_("quote"), **ROWS}
_REGEX = {"regex": as_("pattern"), "is_raw": only(False), "flags": only(""), **ROWS}
_CONTEXT = {"context_columns": each}

_DBT: Mapping[str, ForeignTest] = {
    "not_null": ForeignTest("not_null", expects="no NULL"),
    "unique": ForeignTest("unique", expects="no duplicates"),
    "accepted_values": ForeignTest(
        "accepted_values", {"values": as_("values"), "quote": as_("quote")}, expects="one of {values}"
    ),
    "relationships": ForeignTest("foreign_key", REFERENCE, expects="a {field} of {to}"),
    "singular": ForeignTest(phrase="{rule} returned rows"),
}

_DBT_UTILS: Mapping[str, ForeignTest] = {
    "accepted_range": ForeignTest("between", {**RANGE, "inclusive": opposite("strictly")}),
    "at_least_one": _TABLE,
    "equal_rowcount": _TABLE,
    "expression_is_true": ForeignTest("sql_expression", {"expression": expression("{column_name} {expression}")}),
    "fewer_rows_than": _TABLE,
    "not_accepted_values": ForeignTest("not_accepted_values", {"values": as_("values"), "quote": as_("quote")}),
    "not_constant": _TABLE,
    "not_empty_string": ForeignTest(
        "not_empty_string", {"trim_whitespace": found_blank}, defaults={"trim_whitespace": True}
    ),
    "not_null_where": ForeignTest("not_null"),
    "recency": _TABLE,
    "relationships_where": ForeignTest(
        "foreign_key", {**REFERENCE, "from_condition": where, "to_condition": only("1=1")}
    ),
    "unique_combination_of_columns": ForeignTest(
        "composite_unique", {"combination_of_columns": names, "quote_columns": each},
        phrase="a combination of columns is not unique",
    ),
    "unique_where": ForeignTest("unique"),
}  # fmt: skip

_DBT_EXPECTATIONS: Mapping[str, ForeignTest] = {
    **dict.fromkeys(
        (
            "expect_column_distinct_count_to_be_greater_than", "expect_column_distinct_count_to_be_less_than",
            "expect_column_distinct_count_to_equal", "expect_column_distinct_count_to_equal_other_table",
            "expect_column_max_to_be_between", "expect_column_median_to_be_between", "expect_column_min_to_be_between",
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
    "expect_column_values_to_be_between": ForeignTest("between", {**RANGE, **ROWS, "strictly": switch("strictly")}),
    # A NULL is in no set there.
    "expect_column_values_to_be_in_set": ForeignTest("accepted_values", _IN_SET, always={"nulls": "fail"}),
    "expect_column_values_to_be_unique": ForeignTest("unique", ROWS),
    "expect_column_values_to_match_regex": ForeignTest("regex_match", _REGEX),
    "expect_column_values_to_not_be_in_set": ForeignTest("not_accepted_values", _IN_SET),
    "expect_column_values_to_not_be_null": ForeignTest("not_null", ROWS),
    "expect_compound_columns_to_be_unique": ForeignTest(
        "composite_unique",
        {"column_list": names, "quote_columns": each, "ignore_row_if": ignored, **ROWS},
        defaults={"ignore_row_if": "all_values_are_missing"},
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
    "expect_column_values_to_be_unique_with_context": ForeignTest("unique", {**ROWS, **_CONTEXT}),
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
