from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aegis.dbt.artifacts.read import read_artifacts
from aegis.dbt.results.freshness import duration
from aegis.dbt.results.read import Outcome, read_results
from aegis.domain.results import Status
from aegis.domain.severity import Level, Severity
from tests.unit.dbt.targets import model, node, recorded, result, write_target

UID = "source.shop.raw.orders"
LIMITS = {"warn_after": {"count": 1, "period": "day"}, "error_after": {"count": None, "period": None}}


def _outcome(tmp_path: Path, **check: Any) -> Outcome:
    source = node(UID, source_name="raw", meta={"owner": "ingest"}, freshness=LIMITS)
    checks = [{"unique_id": UID, "criteria": LIMITS, **check}] if check else []
    target = write_target(
        tmp_path, [model("a")], [result("model.shop.a", "success")], sources=[source], freshness=checks
    )
    return read_results(read_artifacts(target))


@pytest.mark.parametrize(
    ("said", "meant", "severity", "level"),
    [
        ("pass", Status.PASS, Severity.HIGH, Level.ERROR),
        ("Pass", Status.PASS, Severity.HIGH, Level.ERROR),
        ("warn", Status.WARN, Severity.MEDIUM, Level.WARN),
        ("error", Status.FAIL, Severity.HIGH, Level.ERROR),
        ("Error", Status.FAIL, Severity.HIGH, Level.ERROR),
        ("runtime error", Status.ERROR, Severity.HIGH, Level.ERROR),
        ("exploded", Status.ERROR, Severity.HIGH, Level.ERROR),
    ],
)
def test_a_source_that_is_too_old_failed_and_one_of_unknown_age_could_not_run(
    tmp_path: Path, said: str, meant: Status, severity: Severity, level: Level
) -> None:
    check = next(item for item in _outcome(tmp_path, status=said).results if item.unique_id == UID)
    assert (check.status, check.severity, check.level) == (meant, severity, level)
    assert (check.table, check.owner, check.node) == ("raw.orders", "ingest", UID)


def test_the_database_says_why_an_age_is_unknown(tmp_path: Path) -> None:
    outcome = _outcome(
        tmp_path, status="runtime error", error="Database Error in source orders (x.yml)\n  no such column"
    )
    assert next(item for item in outcome.results if item.unique_id == UID).message == "no such column"


def test_age_and_limits_are_in_words() -> None:
    check = next(
        item for item in read_results(recorded("dbt-1.12")).results if item.rule_id == "source_freshness.raw.raw_orders"
    )
    assert str(check.observed).startswith("319 d 17 h old, newest row 2026-01-05")
    assert check.expected == "warn after 1 day, error after 2 days"


def test_a_table_without_rows_has_no_age(tmp_path: Path) -> None:
    never = {"max_loaded_at": "0001-01-01T00:00:00Z", "max_loaded_at_time_ago_in_s": 63931507200.0}
    check = next(item for item in _outcome(tmp_path, status="error", **never).results if item.unique_id == UID)
    assert check.observed == "no rows, or none with a time"
    assert check.message == "it has no rows, or none with a time"


def test_a_source_with_limits_that_nobody_measured_is_told(tmp_path: Path) -> None:
    assert _outcome(tmp_path / "measured", status="pass").notices == ()
    (notice,) = _outcome(tmp_path / "not measured").notices
    assert "raw.orders" in notice.what


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.9, "59 s"), (60, "1 min"), (3_661, "1 h 1 min"), (86_400, "1 d"), (27_623_221, "319 d 17 h")],
)
def test_a_duration_has_its_two_largest_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words
