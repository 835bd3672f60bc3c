"""Rules about time in every dialect: what is rendered parses there, and asks nothing of the session."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlglot

from aegis.dbt.suites.render import RenderedRelation, statement

TYPES = {
    "bigquery": ("TIMESTAMP", "DATETIME"),
    "spark": ("timestamp", "timestamp_ntz"),
    "databricks": ("timestamp", "timestamp_ntz"),
    "athena": ("timestamp(3) with time zone", "timestamp(3)"),
    "postgres": ("timestamp(3) with time zone", "timestamp without time zone"),
    "duckdb": ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP"),
}
OF_THE_SESSION = re.compile(
    r"current_date\b(?!\(')|current_datetime\b(?!\(')|localtimestamp|current_timezone|to_utc_timestamp|unix_timestamp|"
    r"cast\(`?\"?tz`?\"? as (date|timestamp|datetime)\b|"
    r"'2024-01-0\d( \d\d:\d\d:\d\d)?' as (timestamp with|timestamptz)",
    re.IGNORECASE,
)
"""What would take its answer from the session's clock."""


def rules(zone: dict[str, str]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for column in ("tz", "at", "day"):
        made += [
            {"type": "no_future_dates", "column": column},
            {"type": "freshness", "column": column, "threshold": {"decimal": "1.5"}},
            {"type": "between", "column": column, "min_value": "2024-01-01", "max_value": "2024-01-02 10:00:00"},
            {"type": "accepted_values", "column": column, "values": ["2024-01-01", "2024-01-01T10:00:00+02:00"]},
            {"type": "not_null", "column": "id", "time_column": column, "since": "1 day", "keys": [column, "id"],
             "cutoff": "2024-01-01 10:00:00+00:00"},
            *({"type": "date_order", "column": column, "column_b": other} for other in ("tz", "at", "day")),
        ]  # fmt: skip
    return [{"id": f"r{n}", "severity": "high", "level": "error", **rule, **zone} for n, rule in enumerate(made)]


@pytest.mark.parametrize("zone", [{}, {"time_zone": "Asia/Tokyo"}], ids=["UTC", "Tokyo"])
@pytest.mark.parametrize("dialect", TYPES)
def test_what_reads_time_parses_in_its_dialect_and_asks_nothing_of_the_session(
    dialect: str, zone: dict[str, str]
) -> None:
    names = zip(("tz", "at", "day", "id"), (*TYPES[dialect], "date", "int64"), strict=True)
    columns = [{"name": name, "type": kind} for name, kind in names]
    sql = statement(dialect, RenderedRelation(None, None, "t", "t"), rules(zone), columns)
    assert "cannot be compared" not in sql and "works on" not in sql
    assert sqlglot.parse_one(sql, dialect=dialect)
    shown = sql if dialect != "duckdb" else re.sub(r"else cast\(\W*\w+\W* as timestamp\) end", "", sql)
    assert OF_THE_SESSION.findall(shown) == []
