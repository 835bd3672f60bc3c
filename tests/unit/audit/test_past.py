"""What rules gave before, as the trail has it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from aegis.audit import AuditTrail
from aegis.domain.report import Report
from aegis.domain.results import Status
from tests.unit.report.build import START, a_report, a_result


def run(day: int, status: Status, failed: int | None, **fields: Any) -> Report:
    began = START + timedelta(days=day)
    result = a_result("orders_id", status=status, rows_failed=failed)
    return a_report([result, a_result("other")], run_id=f"r_{day}", started_at=began, finished_at=began, **fields)


def test_the_past_of_a_rule_is_its_results_in_earlier_runs_of_its_project_and_target_oldest_first(
    tmp_path: Path,
) -> None:
    with AuditTrail.open(tmp_path / "audit.db") as trail:
        for report in (
            run(2, Status.FAIL, 7),
            run(1, Status.PASS, 0),
            run(3, Status.ERROR, None),
            run(4, Status.FAIL, 9, dbt_invocation_id="now"),
            run(5, Status.FAIL, 9, project="another"),
            run(6, Status.FAIL, 9, target="prod"),
        ):
            trail.finish_run(report)
        found = trail.past({"orders_id", "unheard_of"}, project="shop", target=None, dbt_invocation_id="now")
    assert [(one.run_id, one.status, one.rows_failed) for one in found["orders_id"]] == [
        ("r_1", Status.PASS, 0), ("r_2", Status.FAIL, 7), ("r_3", Status.ERROR, None),
    ]  # fmt: skip
    assert found["unheard_of"] == ()


def test_no_more_than_the_last_runs_are_read(tmp_path: Path) -> None:
    with AuditTrail.open(tmp_path / "audit.db") as trail:
        for day in range(1, 36):
            trail.finish_run(run(day, Status.PASS, 0))
        found = trail.past({"orders_id"}, project="shop", target=None, dbt_invocation_id=None)
    assert [one.run_id for one in found["orders_id"]] == [f"r_{day}" for day in range(6, 36)]
