"""Reports with something to hide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from aegis.domain.kinds import EvidenceKind, OriginKind, ProposalKind, Verdict
from aegis.domain.proposals import Proposal, Trial
from aegis.domain.report import (
    BlastRadius,
    Cause,
    Evidence,
    Exposure,
    Finding,
    Hop,
    Notice,
    Quoted,
    Rca,
    Reason,
    Report,
    RunInfo,
    Sample,
    Summary,
)
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Severity


def a_result(**fields: Any) -> Result:
    base: dict[str, Any] = {
        "unique_id": "test.shop.customers",
        "rule_id": "customers_rule",
        "rule_type": "regex_match",
        "kind": ResultKind.RULE,
        "status": Status.FAIL,
        "severity": Severity.HIGH,
        "node": "model.shop.customers",
        "table": "customers",
    }
    return Result(**{**base, **fields})


def a_finding(result: Result, **fields: Any) -> Finding:
    base: dict[str, Any] = {"id": "F1", "severity": result.severity, "effective_severity": result.severity}
    return Finding(rule_id=result.rule_id, result=result, **{**base, **fields})


def a_report(*findings: Finding, **fields: Any) -> Report:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    run = RunInfo(
        run_id="r_1",
        started_at=now,
        finished_at=now,
        aegis_version="0.1.0",
        command="analyze",
        depth="results",
        adapter="postgres",
    )
    summary = Summary(
        results=len(findings),
        passed=0,
        failed=len(findings),
        warned=0,
        errors=0,
        skipped=0,
        findings=len(findings),
        causes=0,
        by_severity={Severity.HIGH: len(findings)},
        fail_on="high",
        exit_code=1,
    )
    results = tuple(finding.result for finding in findings)
    return Report(**{"run": run, "summary": summary, "findings": findings, "results": results, **fields})


def full_of(text: str) -> Report:
    """A report that holds ``text`` in every field that can hold a text."""
    everywhere = dict.fromkeys(
        ["unique_id", "rule_id", "node", "table", "column", "observed", "expected", "message", "owner",
         "description", "runbook", "path", "failing_rows_sql"], text
    )  # fmt: skip
    result = a_result(**everywhere, failing_keys=(text, [text, 1], {text: text}), tags=(text,))
    finding = a_finding(
        result,
        reasons=(Reason(what=text, value={"a": [text]}, raised_by=1, text=text),),
        blast_radius=BlastRadius(models=(text,), exposures=(Exposure(name=text, owner=text),), tests=(text,)),
        sample=Sample(columns=(text, "b"), rows=((text, {"a": text}),), query=text, redacted=(text,)),
        evidence=(
            Evidence(
                id=text,
                kind=EvidenceKind.SHAPE,
                text=text,
                query=text,
                artifact=text,
                data=[{text: text}],
                values=(Quoted(column=text, value=text),),
            ),
        ),
        diagnosis=text,
        rca=Rca(
            origin=text,
            kind=OriginKind.LOGIC,
            path=(Hop(node=text, table=text, column=text, asked=text),),
            confidence=0.5,
            unchecked=(text,),
        ),
        proposals=(
            Proposal(
                sql=text,
                kind=ProposalKind.DATA_FIX,
                table=text,
                caveat=text,
                trial=Trial(verdict=Verdict.PARTIAL, before=text, after=[text], undo=text, why=text),
            ),
        ),
    )
    hop = Hop(node=text, table=text, column=text, asked=text)
    cause = Cause(
        id=text, title=text, severity=Severity.LOW, finding_ids=("F1",), origin=text, table=text, kind=OriginKind.LOGIC,
        kind_text=text, path=(hop, hop), confidence=0.5, unchecked=(text,), others=(text,),
    )  # fmt: skip
    notice = Notice(what=text, where=text, hint=text)
    report = a_report(finding, causes=(cause,), errors=(notice,), timings={text: 1.0})
    run = dict.fromkeys(["run_id", "target_dir", "rules_file", "project", "llm", "command"], text)
    return report.model_copy(update={"run": report.run.model_copy(update=run)})


@pytest.fixture(scope="session")
def result_of() -> Callable[..., Result]:
    return a_result


@pytest.fixture(scope="session")
def finding_of() -> Callable[..., Finding]:
    return a_finding


@pytest.fixture(scope="session")
def report_of() -> Callable[..., Report]:
    return a_report


@pytest.fixture(scope="session")
def report_full_of() -> Callable[[str], Report]:
    return full_of
