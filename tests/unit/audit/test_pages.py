"""The trail a page at a time, and opened to be read alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aegis.audit import AuditTrail
from aegis.audit.reader import Reader
from aegis.domain.results import Status
from aegis.errors import AuditError
from tests.unit.audit.support import MOMENT, a_decision, a_report, a_result, a_start


def test_a_trail_opened_to_be_read_cannot_be_written_and_sees_what_others_write(trail: AuditTrail, path: Path) -> None:
    trail.finish_run(a_report("r_1"))
    with Reader.open_to_read(path, timeout=1) as reader:
        trail.finish_run(a_report("r_2"))
        assert {run.run_id for run in reader.list_runs()} == {"r_1", "r_2"}
        writer = AuditTrail(reader._connection, path, read_only=True)
        with pytest.raises(AuditError, match="read-only"):
            writer.finish_run(a_report("r_3"))


def test_a_trail_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="no audit trail here yet"):
        Reader.open_to_read(tmp_path / "none" / "t.db", timeout=1)
    empty = tmp_path / "empty.db"
    empty.touch()
    with pytest.raises(AuditError, match="no tables of this version"):
        Reader.open_to_read(empty, timeout=1)
    assert (list(tmp_path.iterdir()), empty.stat().st_size) == ([empty], 0)


def test_runs_come_by_time_whatever_the_order_in_which_they_were_written(trail: AuditTrail) -> None:
    for number in (2, 0, 1):
        trail.finish_run(a_report(f"r_{number}", started_at=MOMENT + timedelta(hours=number)))
    trail.start_run(a_start("r_dead", started_at=MOMENT + timedelta(hours=9), project="other"))
    assert [run.run_id for run in trail.run_page(10, 0).rows] == ["r_dead", "r_2", "r_1", "r_0"]
    page = trail.run_page(2, 1, project="shop", target="dev")
    assert ([run.run_id for run in page.rows], page.total) == (["r_1", "r_0"], 3)
    assert [(one.project, one.target, one.runs) for one in trail.places()] == [("shop", "dev", 3)]


def test_the_overview_has_every_rule_and_tells_the_same_as_flapping(trail: AuditTrail) -> None:
    for number in range(4):
        status = Status.FAIL if number % 2 else Status.PASS
        trail.finish_run(a_report(f"r_{number}", (a_result("steady"), a_result("flaps", status=status))))
    found = trail.rules("shop", "dev")
    assert [(one.rule_id, one.flips) for one in found.strips] == [("flaps", 3), ("steady", 0)]
    assert found.flapping == trail.flapping(project="shop", target="dev")


def test_calls_are_listed_without_their_texts_and_one_is_read_by_its_number(trail: AuditTrail) -> None:
    trail.finish_run(a_report("r_1"))
    for number in range(3):
        trail.record_decision(a_decision("r_1", prompt=f"question {number}"))
    page = trail.call_page(2, 0)
    assert (len(page.rows), page.total, trail.call_page(9, 0, run="r_2").total) == (2, 3, 0)
    newest = trail.decision(page.rows[0].seq)
    assert newest is not None and newest.prompt == "question 2"
    assert trail.decision(1) is None, "a number of another row"


def test_a_rule_is_found_where_it_ran(trail: AuditTrail) -> None:
    trail.finish_run(a_report("r_1", (a_result("a", message="old"),)))
    trail.finish_run(a_report("r_2", (a_result("a", message="new"),), target="prod"))
    found = trail.rule_places("a")
    assert found is not None and (found.last.message, found.run_id) == ("new", "r_2")
    assert [one.target for one in found.places] == ["prod", "dev"]
    assert trail.rule_places("b") is None
