"""A history as aegis-dq wrote it: two tables, one row a run with its report as JSON, one row a step."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

RUNS = """CREATE TABLE runs (run_id TEXT PRIMARY KEY, timestamp TEXT NOT NULL, triggered_by TEXT, total_rules INTEGER,
    passed INTEGER, failed INTEGER, cost_usd REAL, report_json TEXT)"""
DECISIONS = """CREATE TABLE decisions (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL,
    timestamp TEXT NOT NULL, step TEXT NOT NULL, input_summary TEXT, output_summary TEXT, model TEXT,
    input_tokens INTEGER DEFAULT 0, output_tokens INTEGER DEFAULT 0, cost_usd REAL DEFAULT 0.0,
    duration_ms REAL DEFAULT 0.0)"""


def a_report(run_id: str, **more: Any) -> dict[str, Any]:
    failure = {
        "rule_id": "orders_order_id_present", "table": "orders", "severity": "high", "effective_severity": "critical",
        "rows_failed": 47, "rows_checked": 10_000,
        "diagnosis": {
            "failure_id": "orders_order_id_present", "explanation": "47 rows have a NULL order_id.",
            "likely_cause": "The mobile loader drops it.", "suggested_action": "Run the loader again.",
        },
    }  # fmt: skip
    broken = {"rule_id": "orders_broken", "table": "orders", "severity": "low", "error": "no such column"}
    summary = {"total_rules": 5, "passed": 3, "failed": 2}
    return {"run_id": run_id, "summary": summary, "failures": [failure, broken], "cost_usd": 0.0002, **more}


def write_history(path: Path, runs: int = 3, *, decisions: bool = True) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(RUNS)
        if decisions:
            connection.execute(DECISIONS)
        for number in range(runs):
            run_id, at = f"run-{number}-of-old", f"2025-0{number + 1}-02T03:04:05+00:00"
            values = (run_id, at, "cli", 5, 3, 2, 0.0002, json.dumps(a_report(run_id)))
            connection.execute("INSERT INTO runs VALUES (?,?,?,?,?,?,?,?)", values)
            for step, model in (("plan", None), ("diagnose", "some-model")) if decisions else ():
                connection.execute(
                    "INSERT INTO decisions (run_id, timestamp, step, input_summary, output_summary, model, "
                    "input_tokens, output_tokens, cost_usd, duration_ms) VALUES (?,?,?,?,?,?,?,?,?,?)",
                    (run_id, at, step, "Rule: orders_order_id_present", "It is NULL.", model, 100, 20, 0.0001, 12.5),
                )
