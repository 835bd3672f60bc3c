"""What one rule, dbt test, model or source freshness check gave in one run."""

from __future__ import annotations

from enum import StrEnum

from pydantic import JsonValue

from aegis.domain.base import Frozen
from aegis.domain.severity import Level, Severity

_WHOLE_TABLE = """
    column_exists column_sum_between column_type freshness learned_threshold mean_between reconcile_column_sum
    reconcile_row_count row_count row_count_between stddev_below
    equal_rowcount fewer_rows_than recency at_least_one not_constant
    expect_column_to_exist expect_row_values_to_have_recent_data expect_column_mean_to_be_between
    expect_column_median_to_be_between expect_column_max_to_be_between expect_column_min_to_be_between
    expect_column_sum_to_be_between expect_column_stdev_to_be_between expect_column_quantile_values_to_be_between
    expect_column_unique_value_count_to_be_between expect_table_row_count_to_be_between
    expect_table_row_count_to_equal expect_table_row_count_to_equal_other_table expect_table_column_count_to_equal
    expect_table_column_count_to_be_between expect_table_columns_to_match_set
"""
WHOLE_TABLE = frozenset(_WHOLE_TABLE.split())
"""Rule types, and tests of dbt_utils and dbt_expectations, that judge the table as one: they fail once, so a share of
the rows would say nothing true."""


def type_name(rule_type: str) -> str:
    """The name of a rule type or dbt test without its package: ``row_count`` of ``aegis.row_count``."""
    return rule_type.rpartition(".")[2]


class Status(StrEnum):
    """``error`` could not run. It is never a failed rule: different words, colour and exit code."""

    PASS = "pass"
    FAIL = "fail"
    WARN = "warn"
    ERROR = "error"
    SKIPPED = "skipped"


class ResultKind(StrEnum):
    """What gave the result."""

    RULE = "rule"
    TEST = "test"
    UNIT_TEST = "unit_test"
    MODEL = "model"
    SEED = "seed"
    SNAPSHOT = "snapshot"
    FRESHNESS = "freshness"
    OPERATION = "operation"


class Result(Frozen):
    """One outcome.

    ``unique_id`` is the dbt node that ran (for a rule: its suite); ``node`` the node it is about.
    ``rows_checked`` is the denominator of every percentage: the rows inside ``where``, less the NULLs
    that pass. ``failing_keys`` are a few keys of failing rows. ``seconds`` is the wall time of the dbt
    node, shared by all rules of a suite.
    """

    unique_id: str
    rule_id: str
    rule_type: str
    kind: ResultKind
    status: Status
    severity: Severity
    level: Level = Level.ERROR
    node: str | None = None
    table: str | None = None
    column: str | None = None
    rows_checked: int | None = None
    rows_failed: int | None = None
    observed: str | None = None
    expected: str | None = None
    failing_keys: tuple[JsonValue, ...] = ()
    failing_rows_sql: str | None = None
    message: str | None = None
    seconds: float | None = None
    owner: str | None = None
    description: str | None = None
    runbook: str | None = None
    tags: tuple[str, ...] = ()
    path: str | None = None

    @property
    def failed(self) -> bool:
        return self.status in (Status.FAIL, Status.WARN)

    @property
    def counts_rows(self) -> bool:
        """Whether ``rows_failed`` are rows. A type that judges the table as one fails once, and has no failing rows."""
        return self.kind in (ResultKind.RULE, ResultKind.TEST) and type_name(self.rule_type) not in WHOLE_TABLE

    @property
    def failed_share(self) -> float | None:
        """Failed rows by checked rows, 0 to 1; ``None`` where either is unknown, nothing was checked, or what failed is
        not some of the rows that were checked: the whole table, or what a query gave."""
        failed, checked = self.rows_failed, self.rows_checked
        if not checked or failed is None or failed > checked or not self.counts_rows:
            return None
        return None if type_name(self.rule_type) == "custom_sql" else failed / checked
