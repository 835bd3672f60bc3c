"""The runs of aegis-dq, taken into the trail: once, whole, marked, and never in the way of our own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from aegis.app.history import import_history
from aegis.audit import AuditTrail
from aegis.domain.results import Status
from aegis.domain.severity import Severity
from aegis.errors import AuditError
from tests.unit.audit.old_history import DECISIONS, RUNS, write_history
from tests.unit.audit.support import a_report


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "history.db"
    write_history(path)
    return path


@pytest.fixture
def trail(tmp_path: Path) -> Path:
    return tmp_path / "trail.db"


def test_runs_results_and_decisions_come_in_and_the_chain_holds(old: Path, trail: Path) -> None:
    before = (old.read_bytes(), old.stat().st_mode, old.stat().st_mtime_ns)
    done = import_history(old, trail)
    assert (done.runs, done.decisions, done.known, done.unread) == (3, 6, 0, 0)
    with AuditTrail.open(trail) as opened:
        assert opened.verify().ok
        assert [(run.run_id, run.command) for run in opened.list_runs()] == [
            (f"run-{number}-of-old", "imported") for number in (2, 1, 0)
        ]
        report = opened.show("run-1")
        assert (report.run.started_at.isoformat(), report.usage.cost_usd) == ("2025-02-02T03:04:05+00:00", 0.0002)
        assert [(one.rule_id, one.status, one.rows_failed) for one in report.results] == [
            ("orders_order_id_present", Status.FAIL, 47),
            ("orders_broken", Status.ERROR, None),
        ]
        [finding] = report.findings
        assert finding.effective_severity is Severity.CRITICAL and "mobile loader" in str(finding.diagnosis)
        assert (report.summary.passed, report.summary.failed, report.summary.errors) == (3, 1, 1)
        decisions = opened.decisions("run-1")
        assert [(one.node, one.model) for one in decisions] == [("plan", ""), ("diagnose", "some-model")]
        assert {one.recorded_at for one in decisions} == {report.run.started_at}
        assert opened.costs().total.calls == 3
    assert (old.read_bytes(), old.stat().st_mode, old.stat().st_mtime_ns) == before


def test_a_second_time_nothing_comes_in_and_what_is_new_does(old: Path, trail: Path) -> None:
    import_history(old, trail)
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute("INSERT INTO runs (run_id, timestamp) VALUES ('later', '2025-09-01')")
    done = import_history(old, trail)
    assert (done.runs, done.decisions, done.known) == (1, 0, 3)
    with AuditTrail.open(trail) as opened:
        assert opened.verify().ok and len(opened.list_runs()) == 4


def test_an_imported_run_is_no_past_of_ours_and_is_found_by_a_search(old: Path, trail: Path) -> None:
    with AuditTrail.open(trail) as opened:
        opened.finish_run(a_report("r_1"))
    import_history(old, trail)
    with AuditTrail.open(trail) as opened:
        assert opened.show("latest").run.run_id == "r_1"
        assert opened.list_runs(1)[0].run_id == "r_1"
        assert opened.flapping().project == "shop"
        assert {hit.run_id for hit in opened.search("null order_id")} == {f"run-{n}-of-old" for n in range(3)}


LENIENT: dict[str, tuple[Callable[[sqlite3.Connection], object], tuple[int, int]]] = {
    "a version without steps": (lambda c: c.execute("DROP TABLE decisions"), (3, 0)),
    "steps of a run that never ended": (lambda c: c.execute("DELETE FROM runs WHERE run_id LIKE 'run-0%'"), (3, 0)),
    "a column more": (lambda c: c.execute("ALTER TABLE runs ADD COLUMN extra TEXT DEFAULT 'x'"), (3, 0)),
    "a column less": (lambda c: c.execute("ALTER TABLE decisions DROP COLUMN duration_ms"), (3, 0)),
    "a report that is no JSON": (lambda c: c.execute("UPDATE runs SET report_json = '{'"), (3, 0)),
    "a report of another form": (lambda c: c.execute("UPDATE runs SET report_json = '[{\"failures\": 3}]'"), (3, 0)),
    "no report": (lambda c: c.execute("UPDATE runs SET report_json = NULL"), (3, 0)),
    "a moment that is none": (
        lambda c: c.execute("UPDATE runs SET timestamp = 'x' WHERE run_id LIKE 'run-0%'"),
        (3, 1),
    ),
    "numbers that are none": (lambda c: c.execute("UPDATE runs SET failed = 'many', cost_usd = 'x'"), (3, 0)),
    "bytes that are no text": (lambda c: c.execute("UPDATE decisions SET output_summary = x'ff00'"), (3, 0)),
}


@pytest.mark.parametrize("name", LENIENT)
def test_what_another_version_wrote_is_read_as_far_as_it_goes(old: Path, trail: Path, name: str) -> None:
    change, expected = LENIENT[name]
    with closing(sqlite3.connect(old)) as connection, connection:
        change(connection)
    done = import_history(old, trail)
    assert (done.runs, done.unread) == expected
    with AuditTrail.open(trail) as opened:
        assert opened.verify().ok
        assert all(opened.show(run.run_id).run.command == "imported" for run in opened.list_runs())


def test_personal_data_of_the_old_texts_does_not_come_in(old: Path, trail: Path) -> None:
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute("UPDATE decisions SET input_summary = 'rows of jane.doe@corp.example'")
    import_history(old, trail)
    with AuditTrail.open(trail) as opened:
        assert all("jane.doe" not in one.prompt for one in opened.decisions("run-1"))


@pytest.mark.parametrize("what", ["nothing", "text", "another", "ours", "folder", "cut"])
def test_what_is_no_such_history_is_refused_by_name(old: Path, trail: Path, tmp_path: Path, what: str) -> None:
    path = tmp_path / "x.db"
    if what == "text":
        path.write_text("no database\n" * 90)
    elif what == "another":
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("create table t (a)")
    elif what == "ours":
        AuditTrail.open(path).close()
    elif what == "folder":
        path.mkdir()
    elif what == "cut":
        path.write_bytes(old.read_bytes()[:5000])
    with pytest.raises(AuditError) as raised:
        import_history(path, trail)
    assert raised.value.where == str(path) and raised.value.hint
    assert not trail.exists()


def test_an_empty_history_of_either_table_is_one(tmp_path: Path, trail: Path) -> None:
    for number, statement in enumerate((RUNS, DECISIONS)):
        path = tmp_path / f"{number}.db"
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(statement)
        assert import_history(path, trail).runs == 0
