"""Faults put into a project at known nodes are traced to these nodes (`make faultlab` does so at length)."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from faultlab.bench import Bench, Fault
from faultlab.generated import dag, layered
from integration_tests.command import aegis

pytestmark = pytest.mark.slow

KINDS = (
    "null_ids", "dropped_rows", "unknown_category", "blanked_text", "partial_load", "lost_filter", "missing_dedupe",
    "fan_out", "wrong_default", "time_shift",
)  # fmt: skip
DECOYS = 3


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(dag(layered(6, (8, 8))), tmp_path_factory.mktemp("faultlab") / "lab", "third", seed=3)


@pytest.mark.long  # every day `test_laboratory` does so, in projects as people write them
def test_faults_are_traced_to_where_they_were_put(bench: Bench) -> None:
    chance = random.Random(8)
    detected, right, told = 0, 0, []
    for kind in KINDS:
        fault = chance.choice([one for one in bench.faults() if one.kind == kind])
        report = bench.run([fault], DECOYS, with_state=True)
        if not report.findings:
            continue
        detected += 1
        hit = report.causes[0].origin == bench.lab.uid(fault.node)
        right += hit
        told.append((kind, fault.node, hit, [cause.origin for cause in report.causes[:2]]))
        # Every finding belongs to a cause, and says how it was traced.
        assert {name for cause in report.causes for name in cause.finding_ids} == {one.id for one in report.findings}
        assert all(one.rca is not None and one.cause_id for one in report.findings)
        assert 0 < report.queries <= 400
    assert detected >= 6, told
    assert right / detected >= 0.9, told


def test_what_was_asked_on_the_way_is_in_the_audit_trail(bench: Bench, tmp_path: Path) -> None:
    everywhere = [one for one in bench.faults() if one.kind == "partial_load"]
    report = bench.run(everywhere, 0, with_state=True, audit_db=tmp_path / "audit.db")
    done = aegis("audit", "trajectory", "--json", cwd=tmp_path)
    told = json.loads(done.out)
    asked = told["queries"]
    assert [step["node"] for step in told["steps"]][0 :: len(told["steps"]) - 1] == ["plan", "report"]
    assert sum(step["queries"] for step in told["steps"]) == report.queries
    assert done.code == 0 and len(asked) == report.queries > 0
    assert all(query["sql"] and query["purpose"] and query["run_id"] == report.run.run_id for query in asked)
    shown = aegis("audit", "trajectory", "latest", "--sql", cwd=tmp_path).out
    assert shown.count("is the fault in") >= 1 and "select" in shown
    assert all(
        f" {node} " in shown for node in ("plan", "execute", "classify", "diagnose", "rca", "reconcile", "remediate")
    )


def test_without_a_fault_no_cause_is_named(bench: Bench) -> None:
    report = bench.run([Fault("none", bench.lab.models[0].name, "", on_source=False)], DECOYS, with_state=True)
    assert report.findings == () and report.causes == () and report.queries == 0
