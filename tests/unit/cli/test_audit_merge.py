"""What `aegis audit merge` and `verify` print."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aegis.audit import AuditTrail
from aegis.domain.results import Status
from aegis.errors import AuditError, UsageError
from tests.unit.audit.support import tamper
from tests.unit.cli.test_audit import a_run, rule, said, trail, two_runs

__all__ = ["trail", "two_runs"]  # fixtures


def test_a_merge_says_of_each_trail_what_came_in_and_verify_knows_its_head(trail: AuditTrail, tmp_path: Path) -> None:
    trail.finish_run(a_run(1, rule("orders_id_unique", Status.PASS)))
    other = tmp_path / "other.db"
    with AuditTrail.open(other) as another:
        another.finish_run(a_run(2, rule("orders_id_unique", Status.FAIL, 3)))
        head = another.head()
    assert said("merge", str(other)) == f"{other}: 1 run added\nmerged into {trail.path}, head {trail.head()}\n"
    assert said("merge", str(other)).startswith(f"{other}: nothing new, 1 there already\n")
    assert f"a merged trail verified, head {head}" in said("verify")
    assert "rows verified" in said("verify", "--head", str(head))
    with pytest.raises(AuditError, match="it is not the row whose hash was noted"):
        said("verify", "--head", "1:" + "0" * 64)
    with pytest.raises(UsageError, match="--head cannot be 'x'"):
        said("verify", "--head", "x")
    assert [run["run_id"] for run in json.loads(said("list-runs", "--json"))] == ["r_2", "r_1"]


def test_a_merge_into_another_file_is_told_as_json(two_runs: AuditTrail, tmp_path: Path) -> None:
    target = tmp_path / "target.db"
    told = json.loads(said("merge", str(two_runs.path), "--into", str(target), "--json"))
    [source] = told["sources"]
    assert (told["path"], source["added"], source["known"], source["verified"]) == (str(target), 2, 0, True)
    with pytest.raises(UsageError, match="both name the trail to merge into"):
        said("merge", str(two_runs.path), "--into", str(target), "--audit-db", str(target))


def test_a_merge_of_a_changed_trail_is_refused_or_marked(trail: AuditTrail, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with AuditTrail.open(other) as another:
        another.finish_run(a_run(2, rule("orders_id_unique", Status.FAIL, 3)))
    tamper(other, "UPDATE results SET rows_failed = 0")
    with pytest.raises(AuditError, match="does not verify: results row 2"):
        said("merge", str(other))
    assert trail.list_runs() == ()
    told = said("merge", str(other), "--unverified").splitlines()
    assert told[1] == "  it does not verify: results row 2: it was changed after it was written, or moved here"
