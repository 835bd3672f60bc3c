"""Made data: tables of ten columns, the same for every contender, in a DuckDB file that DuckDB 1.5 reads too.

About one row in two thousand breaks each row check, so that nobody's short cut for clean data wins alone.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path


class Faults(StrEnum):
    """Which of the ten checks of a table find something: those of rows; all but the count of rows, since keys are
    missing and there twice, too; or one check of one table."""

    ROWS = "faults in rows"
    KEYS = "faults in keys too"
    ONE = "one check fails"


CUSTOMERS = 5_000
STATUSES = ("placed", "paid", "packed", "shipped", "returned")


def make_database(path: Path, tables: int, rows: int, faults: Faults) -> None:
    """``order_0`` … ``order_<tables-1>`` with ``rows`` rows each, and ``customer``. An existing file is kept."""
    if path.exists():
        return
    import duckdb

    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    connection = duckdb.connect()
    connection.execute(f"ATTACH '{partial}' AS bench (STORAGE_VERSION 'v1.0.0'); USE bench")
    connection.execute(f"CREATE TABLE customer AS SELECT range AS customer_id FROM range({CUSTOMERS})")
    for number in range(tables):
        connection.execute(f"CREATE TABLE order_{number} AS {_orders(number, rows, faults)}")
    connection.execute("USE memory; DETACH bench")
    connection.close()
    partial.rename(path)


def _orders(number: int, rows: int, faults: Faults) -> str:
    statuses = ", ".join(f"'{status}'" for status in STATUSES)
    faulty = f"(hash(range * 31 + {number}) % 2000)"
    if faults is Faults.ONE:
        faulty = f"(CASE WHEN {number} = 0 AND {faulty} = 5 THEN 5 ELSE 0 END)"
    order_id, line_no = "range", f"range // {CUSTOMERS}"
    if faults is Faults.KEYS:
        order_id = f"CASE {faulty} WHEN 7 THEN NULL WHEN 8 THEN range - 1 ELSE range END"
        line_no = f"{line_no} - CASE WHEN {faulty} = 9 THEN 1 ELSE 0 END"
    return f"""
        SELECT
            {order_id} AS order_id,
            CASE WHEN {faulty} = 1 THEN {CUSTOMERS} + 7 ELSE range % {CUSTOMERS} END AS customer_id,
            {line_no} AS line_no,
            CASE WHEN {faulty} = 2 THEN 'lost' ELSE [{statuses}][1 + range % {len(STATUSES)}] END AS status,
            CASE {faulty} WHEN 3 THEN NULL WHEN 4 THEN 'nobody' ELSE 'user' || range || '@example.com' END AS email,
            CASE WHEN {faulty} = 5 THEN -1 ELSE 1 + (range % 90) END::INTEGER AS quantity,
            (range % 10000 / 100.0)::DECIMAL(12, 2) AS gross,
            CASE WHEN {faulty} = 6 THEN 1000 ELSE (range % 10000 / 125.0) END::DECIMAL(12, 2) AS net,
            TIMESTAMP '2024-01-01' + INTERVAL (range % 500000) MINUTE AS ordered_at,
            ['NL', 'DE', 'FR', 'IN', 'BR'][1 + range % 5] AS country
        FROM range({rows})
    """
