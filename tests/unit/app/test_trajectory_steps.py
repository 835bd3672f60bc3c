"""Which step of a run asked what."""

from __future__ import annotations

from typing import Any

from aegis.app.trajectory import stages
from aegis.audit import StoredDecision
from aegis.domain.report import Finding, Report, Step
from aegis.domain.severity import Severity
from tests.unit.audit.support import MOMENT, a_decision, a_query, a_report, a_result


def decision(seq: int, **fields: Any) -> StoredDecision:
    return StoredDecision(seq=seq, recorded_at=MOMENT, **a_decision("r_1", **fields).model_dump())


def a_run(*steps: Step) -> Report:
    findings = tuple(
        Finding(
            id=f"F{number}",
            rule_id=f"{table}_rule",
            result=a_result(f"{table}_rule", table=table),
            severity=Severity.HIGH,
            effective_severity=Severity.HIGH,
        )
        for number, table in enumerate(("orders", "customers"))
    )
    return a_report("r_1").model_copy(update={"trajectory": steps, "findings": findings})


def step(node: str, table: str | None = None, queries: int = 0) -> Step:
    return Step(node=node, table=table, started=0.0, seconds=0.1, queries=queries)


def test_a_call_belongs_to_the_step_of_its_node_for_the_table_of_its_rule() -> None:
    report = a_run(step("plan"), step("diagnose", "orders"), step("diagnose", "customers"), step("remediate"))
    decisions = (
        decision(1, node="diagnose", rule_id="customers_rule"),
        decision(2, node="diagnose", rule_id="orders_rule"),
        decision(3, node="remediate", rule_id="customers_rule"),
        decision(4, node="diagnose", rule_id="customers_rule"),
    )
    found = [[one.seq for one in stage.decisions] for stage in stages(report, (), decisions)]
    assert found == [[], [2], [1, 4], [3]]


def test_a_call_that_no_step_asked_is_shown_all_the_same() -> None:
    report = a_run(step("diagnose", "orders"))
    found = stages(report, (), (decision(1, node="elsewhere"), decision(2, node="diagnose", rule_id="unknown")))
    assert [(stage.step is None, [one.seq for one in stage.decisions]) for stage in found] == [
        (True, [1, 2]),
        (False, []),
    ]


def test_queries_stand_below_the_step_that_asked_them_those_of_none_first() -> None:
    queries = tuple(a_query("r_1", purpose=str(number)) for number in range(4))
    found = stages(a_run(step("plan", queries=1), step("rca", queries=2)), queries, ())
    assert [[one.purpose for one in stage.queries] for stage in found] == [["0"], ["1"], ["2", "3"]]


def test_a_run_that_asked_nothing_has_no_stages() -> None:
    assert stages(a_run(), (), ()) == ()
