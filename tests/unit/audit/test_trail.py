from __future__ import annotations

import sqlite3
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from aegis.audit import AuditTrail, default_path
from aegis.audit.schema import TABLES
from aegis.domain.results import Result, Status
from aegis.errors import AuditError, UsageError
from tests.unit.audit.support import MOMENT, a_decision, a_full_result, a_query, a_report, a_result, a_start


def test_a_report_comes_back_as_it_was_given(trail: AuditTrail) -> None:
    report = a_report("r_1")
    trail.start_run(a_start("r_1"))
    trail.finish_run(report)
    assert trail.show("r_1") == report


def test_every_field_of_a_result_has_a_column_and_a_test_value() -> None:
    columns = {{"table_name": "table", "column_name": "column"}.get(c, c) for c in TABLES["results"]}
    assert set(Result.model_fields) <= columns
    plain = a_full_result().model_dump()
    unset = [f for f, v in Result.model_fields.items() if not v.is_required() and plain[f] == v.default]
    assert unset == []


def test_a_run_is_listed_from_its_start_and_complete_at_its_end(trail: AuditTrail) -> None:
    trail.start_run(a_start("r_1", rules_file="rules/", llm="none"))
    (begun,) = trail.list_runs()
    assert (begun.run_id, begun.rules_file, begun.finished_at, begun.summary) == ("r_1", "rules/", None, None)
    report = a_report("r_1")
    trail.finish_run(report)
    (ended,) = trail.list_runs()
    assert ended.finished_at == report.run.finished_at
    assert ended.summary == report.summary
    assert (ended.project, ended.target, ended.warehouse, ended.llm) == ("shop", "dev", "duckdb", "none")
    assert (ended.total_cost_usd, ended.exit_code) == (0.5, 1)


def test_runs_are_listed_newest_first_up_to_the_limit(trail: AuditTrail) -> None:
    for number in range(5):
        trail.start_run(a_start(f"r_{number}"))
    assert [run.run_id for run in trail.list_runs(limit=3)] == ["r_4", "r_3", "r_2"]


def test_the_runs_view_has_the_documented_columns(trail: AuditTrail, path: Path) -> None:
    names = {row[1] for row in sqlite3.connect(path).execute("PRAGMA table_info(runs)")}
    assert names >= {
        "run_id",
        "started_at",
        "finished_at",
        "rules_file",
        "target",
        "warehouse",
        "llm",
        "total_cost_usd",
        "summary_json",
    }


def test_a_report_whose_start_was_not_recorded_is_recorded_whole(trail: AuditTrail) -> None:
    trail.finish_run(a_report("r_1"))
    (run,) = trail.list_runs()
    assert run.started_at == MOMENT
    assert trail.verify().ok


def test_a_run_is_started_once_and_finished_once(trail: AuditTrail) -> None:
    trail.start_run(a_start("r_1"))
    trail.finish_run(a_report("r_1"))
    with pytest.raises(AuditError, match="is there already"):
        trail.start_run(a_start("r_1"))
    with pytest.raises(AuditError, match="finished already"):
        trail.finish_run(a_report("r_1", ()))
    assert len(trail.show("r_1").results) == 2


def test_decisions_and_queries_are_kept_whole(trail: AuditTrail, path: Path) -> None:
    trail.start_run(a_start("r_1"))
    long = "why? \0 é 漢 '\"" * 10_000
    trail.record_decision(a_decision("r_1", prompt=long, system_prompt=long, response=long, cost_usd=0.25, cached=True))
    trail.record_query(a_query("r_1", sql=long), a_query("r_1", error="boom", rows=None))
    connection = sqlite3.connect(path)
    row = connection.execute("SELECT prompt, system_prompt, response, cost_usd, cached FROM decisions").fetchone()
    assert row == (long, long, long, 0.25, 1)
    rows = connection.execute("SELECT sql, rows, error FROM queries ORDER BY seq").fetchall()
    assert rows == [(long, 1, None), ("select 1", None, "boom")]
    assert trail.verify().ok


def test_queries_of_a_run_come_back_in_order(trail: AuditTrail) -> None:
    for run_id in ("r_1", "r_2"):
        trail.start_run(a_start(run_id))
    asked = [a_query("r_1", sql=f"select {number}") for number in range(3)]
    trail.record_query(*asked, a_query("r_2"))
    assert list(trail.queries("r_1")) == asked
    with pytest.raises(UsageError):
        trail.queries("r_9")


def test_a_decision_or_query_of_no_known_run_is_refused(trail: AuditTrail) -> None:
    with pytest.raises(AuditError, match="no run r_9 was started"):
        trail.record_decision(a_decision("r_9"))
    with pytest.raises(AuditError, match="no run r_9 was started"):
        trail.record_query(a_query("r_9"))
    assert trail.verify().rows == 0


def test_a_run_is_shown_by_a_prefix_that_fits_one_run(trail: AuditTrail) -> None:
    for run_id in ("r_ab", "r_ac", "r_a"):
        trail.finish_run(a_report(run_id))
    assert trail.show("r_ab").run.run_id == "r_ab"
    assert trail.show("r_a").run.run_id == "r_a"  # an exact id wins over longer ones
    with pytest.raises(UsageError, match="3 runs have an id that begins with 'r_'") as raised:
        trail.show("r_")
    assert "r_ab" in str(raised.value)


@pytest.mark.parametrize("run", ["", "%", "_", "r_2", "\ud800", "'; drop table results"])
def test_an_unknown_run_is_a_usage_error(trail: AuditTrail, run: str) -> None:
    trail.finish_run(a_report("r_1"))
    with pytest.raises(UsageError, match="no run has an id"):
        trail.show(run)


def test_latest_is_the_run_that_finished_last(trail: AuditTrail) -> None:
    with pytest.raises(AuditError, match="no run has finished"):
        trail.show("latest")
    trail.start_run(a_start("r_1"))
    trail.finish_run(a_report("r_2"))
    trail.start_run(a_start("r_3"))
    assert trail.show().run.run_id == "r_2"
    trail.finish_run(a_report("r_1"))
    assert trail.show("latest").run.run_id == "r_1"


def test_a_run_that_did_not_finish_has_no_report(trail: AuditTrail) -> None:
    trail.start_run(a_start("r_1"))
    with pytest.raises(AuditError, match="did not finish"):
        trail.show("r_1")


def test_last_results_are_those_of_the_same_project_and_target(trail: AuditTrail) -> None:
    assert trail.last_results(project="shop", target="dev") == {}
    trail.finish_run(a_report("r_1", (a_result("a"), a_result("b", status=Status.FAIL))))
    trail.finish_run(a_report("r_2", (a_result("a", status=Status.ERROR),), target="prod"))
    trail.finish_run(a_report("r_3", (a_result("a", status=Status.WARN),), project=None))
    trail.start_run(a_start("r_4", project="shop", target="dev"))
    assert trail.last_results(project="shop", target="dev") == {"a": Status.PASS, "b": Status.FAIL}
    assert trail.last_results(project="shop", target="prod") == {"a": Status.ERROR}
    assert trail.last_results(project=None, target="dev") == {"a": Status.WARN}


def test_last_results_take_the_worse_of_two_with_one_id(trail: AuditTrail) -> None:
    statuses = (Status.PASS, Status.FAIL, Status.WARN)
    trail.finish_run(a_report("r_1", tuple(a_result("a", status=status) for status in statuses)))
    assert trail.last_results(project="shop", target="dev") == {"a": Status.FAIL}


def test_the_same_dbt_build_looked_at_again_is_not_its_own_past(trail: AuditTrail) -> None:
    trail.finish_run(a_report("r_1", (a_result("a"),), dbt_invocation_id="monday"))
    trail.finish_run(a_report("r_2", (a_result("a", status=Status.FAIL),), dbt_invocation_id="tuesday"))
    again = trail.last_results(project="shop", target="dev", dbt_invocation_id="tuesday")
    assert again == {"a": Status.PASS}


def test_times_are_stored_as_utc_text_that_sorts(trail: AuditTrail, path: Path) -> None:
    east = datetime(2026, 11, 20, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    naive = MOMENT.replace(tzinfo=None)
    for number, moment in enumerate((east, naive, MOMENT)):
        trail.start_run(a_start(f"r_{number}", started_at=moment))
    stored = sqlite3.connect(path).execute("SELECT DISTINCT started_at FROM run_starts").fetchall()
    assert stored == [("2026-11-20T12:00:00.000000+00:00",)]


def test_numbers_that_sqlite_changes_still_verify(trail: AuditTrail) -> None:
    seconds = (-0.0, float("nan"), float("inf"), 1e300, 5e-324, 3.0)
    trail.finish_run(a_report("r_1", tuple(a_result(f"a{n}", seconds=s) for n, s in enumerate(seconds))))
    assert trail.verify().ok
    assert [r.seconds for r in trail.show("r_1").results] == [0.0, None, None, 1e300, 5e-324, 3.0]


def test_a_number_too_large_for_sqlite_is_an_error_and_nothing_is_written(trail: AuditTrail) -> None:
    with pytest.raises(AuditError, match="cannot be stored"):
        trail.finish_run(a_report("r_1", (a_result(), a_result("b", rows_failed=2**63))))
    assert trail.list_runs() == ()
    assert trail.verify().ok


def test_threads_share_one_trail(trail: AuditTrail) -> None:
    trail.start_run(a_start("r_1"))
    work = [threading.Thread(target=lambda: [trail.record_query(a_query("r_1")) for _ in range(20)]) for _ in range(4)]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert trail.verify().rows == 81


def test_a_closed_trail_says_so_as_an_audit_error(path: Path) -> None:
    trail = AuditTrail.open(path)
    trail.close()
    with pytest.raises(AuditError, match="closed"):
        trail.list_runs()


def test_the_default_path_is_the_variable_or_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_path({"AEGIS_AUDIT_DB": "/x/y.db"}) == Path("/x/y.db")
    assert default_path({"AEGIS_AUDIT_DB": "~/y.db"}) == tmp_path / "y.db"
    assert default_path({"AEGIS_AUDIT_DB": ""}) == default_path({}) == tmp_path / ".aegis" / "history.db"


def test_a_thousand_results_cost_less_than_a_tenth_of_a_second(trail: AuditTrail) -> None:
    import time

    reports = [a_report(f"r_{n}", tuple(a_result(f"rule_{i}") for i in range(1000))) for n in range(5)]
    costs = []
    for report in reports:
        begin = time.process_time()
        trail.finish_run(report)
        costs.append(time.process_time() - begin)
    assert min(costs) < 0.1
