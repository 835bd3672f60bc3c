"""`aegis audit import`: the runs of aegis-dq, taken into the trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aegis.domain.report import Finding, Report, RunInfo, Summary, Usage
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Severity

if TYPE_CHECKING:
    from aegis.audit.models import StoredDecision
    from aegis.audit.predecessor import OldDecision, OldRun
    from aegis.privacy import Redactor

OLD_TOOL = "aegis-dq"
"""What an imported run calls its project and its version: it is no run of any project of today."""
RULE_TYPE = "rule"
"""The old reports do not tell a rule's type."""


@dataclass(frozen=True, slots=True)
class Imported:
    """How many runs and decisions came in, how many runs were there already, and how many rows nobody can read."""

    runs: int
    decisions: int
    known: int
    unread: int
    trail: Path


def import_history(old: Path, audit_db: Path | None) -> Imported:
    """Take a history of aegis-dq into the trail: runs that are there already are passed over, the old file stays as it
    is. Texts are redacted as everything in the trail.

    Raises:
        AuditError: The file is no such history, or the trail cannot be written.
    """
    from aegis.analysis.record import trail_path
    from aegis.audit import AuditTrail
    from aegis.audit.predecessor import read_history
    from aegis.privacy import Redactor

    history, redactor = read_history(old), Redactor()
    by_run: dict[str, list[OldDecision]] = {}
    for decision in history.decisions:
        by_run.setdefault(decision.run_id, []).append(decision)
    runs = decisions = 0
    path = trail_path(audit_db)
    with AuditTrail.open(path) as trail:
        for run in [*history.runs, *_unfinished(by_run, {run.run_id for run in history.runs})]:
            steps = [_decision(step, redactor) for step in by_run.get(run.run_id, ())]
            report = redactor.report(_report(run, steps))
            if trail.import_run(_start(run), report, steps):
                runs, decisions = runs + 1, decisions + len(steps)
    total = len(history.runs) + len(by_run.keys() - {run.run_id for run in history.runs})
    return Imported(runs=runs, decisions=decisions, known=total - runs, unread=history.unread, trail=path)


def _unfinished(by_run: Mapping[str, Sequence[OldDecision]], finished: set[str]) -> list[OldRun]:
    """Runs of which only steps were written down."""
    from aegis.audit.predecessor import OldRun

    return [
        OldRun(run_id, min(step.at for step in steps), None, 0, 0, 0, None, {})
        for run_id, steps in by_run.items()
        if run_id not in finished
    ]


def _start(run: OldRun) -> Any:
    from aegis.audit.models import IMPORTED, RunStart

    return RunStart(run_id=run.run_id, started_at=run.at, command=IMPORTED, aegis_version=OLD_TOOL, project=OLD_TOOL)


def _decision(step: OldDecision, redactor: Redactor) -> StoredDecision:
    from aegis.audit.models import StoredDecision

    return StoredDecision(
        seq=0,
        recorded_at=step.at,
        run_id=step.run_id,
        node=step.step,
        model=step.model or "",
        prompt=redactor.text(step.prompt),
        response=redactor.text(step.response),
        input_tokens=step.input_tokens,
        output_tokens=step.output_tokens,
        cost_usd=step.cost_usd,
        latency_ms=step.latency_ms,
    )


def _report(run: OldRun, steps: Sequence[StoredDecision]) -> Report:
    """The old report in the form of ours: each failure as a result and a finding; of rules that passed, only how many
    is known."""
    results = tuple(_result(failure) for failure in _mappings(run.report.get("failures")))
    told = {str(failure.get("rule_id")): failure for failure in _mappings(run.report.get("failures"))}
    failed = [one for one in results if one.failed]
    findings = tuple(_finding(number, one, told[one.rule_id]) for number, one in enumerate(failed, start=1))
    errors = len(results) - len(failed)
    by_severity = {level: sum(one.effective_severity is level for one in findings) for level in Severity}
    summary = Summary(
        results=max(run.total, len(results)),
        passed=run.passed,
        failed=len(failed) if results else run.failed,
        warned=0,
        errors=errors,
        skipped=0,
        findings=len(findings),
        causes=0,
        by_severity=by_severity,
        fail_on="info",
        exit_code=1 if run.failed else 0,
    )
    asked = [step for step in steps if step.model]
    usage = Usage(
        calls=len(asked),
        input_tokens=sum(step.input_tokens or 0 for step in asked),
        output_tokens=sum(step.output_tokens or 0 for step in asked),
        cost_usd=run.cost_usd,
    )
    info = RunInfo(
        run_id=run.run_id,
        started_at=run.at,
        finished_at=max([run.at, *(step.recorded_at for step in steps)]),
        aegis_version=OLD_TOOL,
        command="imported",
        depth="results",
        project=OLD_TOOL,
        llm=next((step.model for step in asked), None),
    )
    return Report(run=info, summary=summary, findings=findings, results=results, usage=usage)


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _result(failure: Mapping[str, Any]) -> Result:
    error = failure.get("error")
    rule_id = str(failure.get("rule_id") or "(no id)")
    return Result(
        unique_id=f"{OLD_TOOL}.{rule_id}",
        rule_id=rule_id,
        rule_type=RULE_TYPE,
        kind=ResultKind.RULE,
        status=Status.ERROR if isinstance(error, str) and error else Status.FAIL,
        severity=_severity(failure.get("severity")),
        table=_text(failure.get("table")),
        rows_checked=_count(failure.get("rows_checked")),
        rows_failed=_count(failure.get("rows_failed")),
        message=_text(error),
    )


def _finding(number: int, result: Result, failure: Mapping[str, Any]) -> Finding:
    said = failure.get("diagnosis")
    diagnosis = said if isinstance(said, dict) else {}
    words = [_text(diagnosis.get(name)) for name in ("explanation", "likely_cause", "suggested_action")]
    return Finding(
        id=f"F{number}",
        rule_id=result.rule_id,
        result=result,
        severity=result.severity,
        effective_severity=_severity(failure.get("effective_severity") or failure.get("severity")),
        diagnosis=" ".join(word for word in words if word) or None,
        diagnosis_by=OLD_TOOL if any(words) else None,
    )


def _severity(value: Any) -> Severity:
    return Severity(value) if value in set(Severity) else Severity.MEDIUM


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None
