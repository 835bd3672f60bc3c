"""What rule types ask, as far as it decides how a symptom travels."""

from __future__ import annotations

UNIQUENESS = frozenset({"unique", "composite_unique", "duplicate_percentage_below"})
NULLS = frozenset({"not_null", "null_percentage_below"})
# What a rule type asks of values, so that it can be asked of the values they come from.
CARRIED = UNIQUENESS | NULLS | {
    "accepted_values", "not_accepted_values", "between", "min_value_check", "max_value_check", "regex_match",
    "not_empty_string", "no_future_dates", "date_order", "sql_expression",
}  # fmt: skip
VOLUME = frozenset({"row_count", "row_count_between"})
ASKED = CARRIED | VOLUME | {"foreign_key"}
