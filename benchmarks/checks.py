"""The ten checks of a table, written for each contender."""

from __future__ import annotations

from typing import Any

from benchmarks.data import STATUSES

PATTERN = "^[^@]+@[^@]+$"

AEGIS: tuple[dict[str, Any], ...] = (
    {"not_null": "order_id"},
    {"unique": "order_id"},
    {"composite_unique": ["customer_id", "line_no"]},
    {"foreign_key": {"column": "customer_id", "reference_table": "customer", "reference_column": "customer_id"}},
    {"accepted_values": {"column": "status", "values": list(STATUSES)}},
    {"not_null": "email"},
    {"regex_match": {"column": "email", "pattern": PATTERN}},
    {"between": {"column": "quantity", "min_value": 1, "max_value": 100}},
    {"sql_expression": {"expression": "net <= gross"}},
    {"row_count": 1},
)

# dbt's own four tests, and for the rest what a project writes or takes from a package: one query each.
DBT_MACROS = """
{% test is_unique_together(model, columns) %}
select {{ columns | join(', ') }} from {{ model }} group by {{ columns | join(', ') }} having count(*) > 1
{% endtest %}
{% test matches(model, column_name, pattern) %}
select * from {{ model }} where not regexp_matches({{ column_name }}, '{{ pattern }}')
{% endtest %}
{% test is_between(model, column_name, low, high) %}
select * from {{ model }} where {{ column_name }} < {{ low }} or {{ column_name }} > {{ high }}
{% endtest %}
{% test holds(model, expression) %}
select * from {{ model }} where not ({{ expression }})
{% endtest %}
{% test has_rows(model, least) %}
select count(*) as n from {{ model }} having count(*) < {{ least }}
{% endtest %}
"""


def dbt_tests(table: str, source: str) -> dict[str, Any]:
    """A table of a sources file with ten generic tests."""
    return {
        "name": table,
        "data_tests": [
            {"is_unique_together": {"arguments": {"columns": ["customer_id", "line_no"]}}},
            {"holds": {"arguments": {"expression": "net <= gross"}}},
            {"has_rows": {"arguments": {"least": 1}}},
        ],
        "columns": [
            {"name": "order_id", "data_tests": ["not_null", "unique"]},
            {"name": "customer_id", "data_tests": [{"relationships": {"arguments": {
                "to": f"source('{source}', 'customer')", "field": "customer_id"}}}]},
            {"name": "status", "data_tests": [{"accepted_values": {"arguments": {"values": list(STATUSES)}}}]},
            {"name": "email", "data_tests": ["not_null", {"matches": {"arguments": {"pattern": PATTERN}}}]},
            {"name": "quantity", "data_tests": [{"is_between": {"arguments": {"low": 1, "high": 100}}}]},
        ],
    }  # fmt: skip


def soda_contract(table: str) -> dict[str, Any]:
    """A contract of soda-core 4."""
    reference = {"dataset": "bench/bench/main/customer", "column": "customer_id"}
    return {
        "dataset": f"bench/bench/main/{table}",
        "columns": [
            {"name": "order_id", "checks": [{"missing": None}, {"duplicate": None}]},
            {"name": "customer_id", "checks": [{"invalid": {"valid_reference_data": reference}}]},
            {"name": "status", "checks": [{"invalid": {"valid_values": list(STATUSES)}}]},
            {"name": "email", "checks": [
                {"missing": None}, {"invalid": {"valid_format": {"name": "email", "regex": PATTERN}}}]},
            {"name": "quantity", "checks": [{"invalid": {"valid_min": 1, "valid_max": 100}}]},
        ],
        "checks": [
            {"duplicate": {"columns": ["customer_id", "line_no"]}},
            {"failed_rows": {"name": "net", "expression": "net > gross"}},
            {"row_count": {"threshold": {"must_be_greater_than_or_equal": 1}}},
        ],
    }  # fmt: skip


def one_query(table: str) -> str:
    """The ten checks as somebody would write them by hand in one query, without tricks."""
    statuses = ", ".join(f"'{status}'" for status in STATUSES)
    return f"""
        SELECT
            count(*) FILTER (WHERE order_id IS NULL),
            count(order_id) - count(DISTINCT order_id),
            count(*) - (SELECT count(*) FROM (SELECT DISTINCT customer_id, line_no FROM {table})),
            count(*) FILTER (WHERE customer_id IS NOT NULL AND c.known IS NULL),
            count(*) FILTER (WHERE status NOT IN ({statuses})),
            count(*) FILTER (WHERE email IS NULL),
            count(*) FILTER (WHERE NOT regexp_matches(email, '{PATTERN}')),
            count(*) FILTER (WHERE quantity < 1 OR quantity > 100),
            count(*) FILTER (WHERE NOT (net <= gross)),
            CASE WHEN count(*) < 1 THEN 1 ELSE 0 END
        FROM {table}
        LEFT JOIN (SELECT DISTINCT customer_id AS known FROM customer) AS c ON c.known = customer_id
    """
