"""Decisions as training data."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aegis.app.dataset import export_dataset
from aegis.audit import AuditTrail
from aegis.audit.dataset import Exported, Wanted
from aegis.domain.kinds import ProposalKind
from aegis.domain.proposals import Proposal, Trial
from aegis.domain.report import Finding
from aegis.domain.results import Status
from aegis.domain.severity import Severity
from aegis.errors import UsageError
from tests.unit.audit.support import a_decision, a_report, a_result, a_start, tamper


@pytest.fixture
def trail(tmp_path: Path) -> Iterator[AuditTrail]:
    with AuditTrail.open(tmp_path / "home" / "history.db") as opened:
        yield opened


def remedy(*proposals: tuple[str, str]) -> str:
    """A model's answer: SQL, or words for people upstream."""
    told = [
        {"kind": kind, "sql": text if kind == "data_fix" else "", "what": text, "caveat": ""}
        for kind, text in proposals
    ]
    return json.dumps({"explanation": "Because.", "proposals": told})


def proposal(sql: str, verdict: Any) -> Proposal:
    return Proposal(sql=sql, kind=ProposalKind.DATA_FIX, trial=Trial(verdict=verdict))


def finish(
    trail: AuditTrail, run_id: str, proposals: tuple[Proposal, ...], rejected: tuple[Proposal, ...] = ()
) -> None:
    bad = a_result("r", status=Status.FAIL)
    finding = Finding(
        id="F1", rule_id="r", result=bad, severity=Severity.HIGH, effective_severity=Severity.HIGH,
        proposals=proposals, rejected=rejected,
    )  # fmt: skip
    trail.finish_run(a_report(run_id, (bad,)).model_copy(update={"findings": (finding,)}))


def export(
    trail: AuditTrail, path: Path, *, force: bool = False, **wanted: Any
) -> tuple[Exported, list[dict[str, Any]]]:
    exported = export_dataset(trail, path, Wanted(**wanted), format="sharegpt", force=force)
    return exported, [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_conversation_has_the_real_prompts_and_the_real_answer(trail: AuditTrail, tmp_path: Path) -> None:
    trail.start_run(a_start("r_1"))
    told = {"system_prompt": "Be\nbrief. \u2028 \0", "prompt": "Why «x»?", "response": '{"a": "漢"}'}
    figures = {"rule_id": "r", "provider": "anthropic", "input_tokens": 5, "output_tokens": 2, "cost_usd": 0.01}
    trail.record_decision(a_decision("r_1", **told, **figures))
    _, (one,) = export(trail, tmp_path / "out.jsonl")
    assert one["id"] == f"r_1-{trail.decisions('r_1')[0].seq}"
    assert one["conversations"] == [
        {"from": "system", "value": told["system_prompt"]},
        {"from": "human", "value": told["prompt"]},
        {"from": "gpt", "value": told["response"]},
    ]
    expected = {**figures, "run_id": "r_1", "node": "diagnose", "model": "some-model", "cached": False, "verdicts": []}
    assert expected.items() <= one["metadata"].items()


def test_what_cannot_be_used_is_left_out_and_told(trail: AuditTrail, tmp_path: Path) -> None:
    trail.start_run(a_start("r_1"))
    for fields in (
        {}, {"error": "the answer does not have the form"}, {"response": None, "error": "HTTP 500"}, {"cached": True},
        {"response": ""},
    ):  # fmt: skip
        trail.record_decision(a_decision("r_1", **fields))
    exported, lines = export(trail, tmp_path / "out.jsonl")
    assert (exported.written, len(lines)) == (1, 1)
    assert exported.left_out == {"without a usable answer": 3, "answered from the cache (--cached takes them)": 1}
    again, lines = export(trail, tmp_path / "out.jsonl", force=True, cached=True)
    assert (again.written, len(lines), again.left_out) == (2, 2, {"without a usable answer": 3})


def test_node_and_time_choose(trail: AuditTrail, tmp_path: Path) -> None:
    for run_id, node in (("r_1", "diagnose"), ("r_2", "diagnose"), ("r_2", "remediate")):
        trail.ensure_run(a_start(run_id))
        trail.record_decision(a_decision(run_id, node=node))
    then = datetime(2026, 1, 31, 12, tzinfo=UTC)
    tamper(
        trail.path,
        f"UPDATE decisions SET recorded_at = '{then.isoformat(timespec='microseconds')}' WHERE run_id = 'r_1'",
    )
    file = tmp_path / "out.jsonl"
    day = timedelta(days=1)
    for wanted, ids in (
        ({"node": "remediate"}, ["r_2"]),
        ({"since": then}, ["r_1", "r_2", "r_2"]),
        ({"since": then + day}, ["r_2", "r_2"]),
        ({"until": then}, []),
        ({"until": then + day, "node": "diagnose"}, ["r_1"]),
    ):
        exported, lines = export(trail, file, force=True, **wanted)
        assert [line["metadata"]["run_id"] for line in lines] == ids
        assert exported.written + sum(exported.left_out.values()) == 3


def test_a_verdict_is_that_of_what_the_answer_proposed(trail: AuditTrail, tmp_path: Path) -> None:
    def decide(run_id: str, *proposals: tuple[str, str]) -> None:
        trail.ensure_run(a_start(run_id))
        trail.record_decision(a_decision(run_id, node="remediate", rule_id="r", response=remedy(*proposals)))

    fix = "update orders set status = 'open'\nwhere id = 7"
    decide("r_1", ("data_fix", fix))
    decide("r_2", ("data_fix", fix), ("upstream_action", "Load it again."))
    decide("r_3", ("data_fix", fix))
    trail.record_decision(a_decision("r_3", node="diagnose", rule_id="r"))
    decide("r_4", ("data_fix", "delete from orders"))
    decide("r_5", ("data_fix", fix))  # did not finish
    finish(trail, "r_1", (proposal(fix, "verified"), proposal("computed", "partial")))
    finish(trail, "r_2", (proposal("Load it again.", "not tried"),), (proposal(fix.replace("\n", "  "), "harmful"),))
    finish(trail, "r_3", (proposal(fix.replace("'open'", "'***'"), "verified"),))
    finish(trail, "r_4", (proposal("something else", "verified"),))
    for verdicts, ids in (
        (("verified",), ["r_1", "r_3"]),
        (("harmful",), ["r_2"]),
        (("not tried", "partial"), ["r_2"]),
        ((), ["r_1", "r_2", "r_3", "r_3", "r_4", "r_5"]),
    ):
        exported, lines = export(trail, tmp_path / "out.jsonl", force=True, verdicts=verdicts)
        assert [line["metadata"]["run_id"] for line in lines] == ids
        assert exported.written + sum(exported.left_out.values()) == 6
    told = {
        line["metadata"]["run_id"]: line["metadata"]["verdicts"]
        for line in lines
        if line["metadata"]["node"] != "diagnose"
    }
    assert told == {"r_1": ["verified"], "r_2": ["harmful", "not tried"], "r_3": ["verified"], "r_4": [], "r_5": []}


def test_a_fix_whose_values_are_masked_has_no_verdict_where_it_could_have_two(
    trail: AuditTrail, tmp_path: Path
) -> None:
    trail.start_run(a_start("r_1"))
    fix = "delete from orders where id = 7"
    trail.record_decision(a_decision("r_1", node="remediate", rule_id="r", response=remedy(("data_fix", fix))))
    finish(trail, "r_1", (proposal(fix.replace("7", "8"), "verified"),), (proposal(fix.replace("7", "9"), "harmful"),))
    _, (line,) = export(trail, tmp_path / "out.jsonl")
    assert line["metadata"]["verdicts"] == []


def test_a_file_is_whole_or_not_there_and_for_its_owner_only(
    trail: AuditTrail, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trail.start_run(a_start("r_1"))
    trail.record_decision(a_decision("r_1"))
    folder = tmp_path / "out"
    folder.mkdir()
    file = folder / "set.jsonl"
    export(trail, file)
    assert file.stat().st_mode & 0o777 == 0o600
    kept = file.read_bytes()
    with pytest.raises(UsageError, match="was left alone"):
        export(trail, file)
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(UsageError, match="cannot be written: No space left"):
            export(trail, file, force=True)
    assert file.read_bytes() == kept
    assert list(folder.iterdir()) == [file]


def full(_: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_place_that_takes_no_file_is_told_before_the_work(trail: AuditTrail, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be overwritten"):
        export(trail, tmp_path, force=True)
    with pytest.raises(UsageError, match="no such folder"):
        export(trail, tmp_path / "no" / "out.jsonl")
    link = tmp_path / "link.jsonl"
    link.symlink_to("/dev/null")
    with pytest.raises(UsageError, match="cannot be overwritten"):
        export(trail, link, force=True)


def test_an_empty_trail_gives_an_empty_file(trail: AuditTrail, tmp_path: Path) -> None:
    exported, lines = export(trail, tmp_path / "out.jsonl")
    assert (exported.written, exported.left_out, lines) == (0, {}, [])


def test_text_that_is_no_text_costs_signs_and_not_the_file(trail: AuditTrail, tmp_path: Path) -> None:
    trail.start_run(a_start("r_1"))
    trail.record_decision(a_decision("r_1"))
    tamper(trail.path, "UPDATE decisions SET response = CAST(X'61ff62' AS TEXT)")
    with sqlite3.connect(trail.path) as connection:
        connection.text_factory = bytes
        assert connection.execute("SELECT response FROM decisions").fetchone() == (b"a\xffb",)
    _, (line,) = export(trail, tmp_path / "out.jsonl")
    assert line["conversations"][-1]["value"] == "a?b"
