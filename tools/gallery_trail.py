"""An audit trail of a few weeks, for pictures of `aegis ui`: one report on other days, with fewer faults on some."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aegis.domain.report import Report

DAYS = 24


@contextmanager
def served(trail: Path) -> Iterator[str]:
    """The address of the pages of a trail, as long as they are looked at."""
    command = [sys.executable, "-m", "aegis", "ui", "--port", "0", "--audit-db", str(trail)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().split()[0]
        finally:
            server.terminate()


def write_trail(path: Path, report: Report) -> None:
    """A run of ``report`` for each of the last `DAYS` days, the last one whole."""
    from aegis.audit import AuditTrail

    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    causes = [cause.id for cause in report.causes]
    with AuditTrail.open(path) as trail:
        for day in range(DAYS):
            trail.finish_run(on_day(report, day, [one for place, one in enumerate(causes) if _there(place, day)]))


def _there(place: int, day: int) -> bool:
    """Whether a cause is in the run of a day: the worst came one after another, some of the others come and go."""
    if day == DAYS - 1:
        return True
    if place < 7:
        return day >= 7 + 2 * place
    return place % 3 != 1 or day % (place - 4) == 0


def on_day(report: Report, day: int, causes: Collection[str]) -> Report:
    """The report as it would have been some days before its own, with these causes alone."""
    from aegis.domain.results import Status
    from aegis.domain.severity import Severity

    back = timedelta(days=DAYS - 1 - day)
    kept = [cause for cause in report.causes if cause.id in causes]
    failing = {one for cause in kept for one in cause.finding_ids}
    findings = tuple(one for one in report.findings if one.id in failing)
    told = {one for cause in report.causes for one in cause.finding_ids} - failing
    fine = {(one.result.rule_id, one.result.unique_id) for one in report.findings if one.id in told}
    results = tuple(
        one.model_copy(update={"status": Status.PASS, "rows_failed": 0, "failing_keys": (), "observed": None})
        if (one.rule_id, one.unique_id) in fine
        else one
        for one in report.results
    )
    name = hashlib.sha256(f"{report.run.run_id} {day}".encode()).hexdigest()[:8]
    run = report.run.model_copy(
        update={
            "run_id": report.run.run_id if not back else f"r_{name}",
            "started_at": report.run.started_at - back,
            "finished_at": report.run.finished_at - back,
            "dbt_invocation_id": name,
        }
    )
    by_severity = {level: sum(one.effective_severity is level for one in findings) for level in Severity}
    numbers = {
        "passed": sum(one.status is Status.PASS for one in results),
        "failed": sum(one.status is Status.FAIL for one in results),
        "warned": sum(one.status is Status.WARN for one in results),
        "findings": len(findings), "causes": len(kept), "by_severity": by_severity,
        "exit_code": int(any(one.effective_severity.rank >= Severity.HIGH.rank for one in findings)),
    }  # fmt: skip
    return report.model_copy(
        update={
            "run": run, "causes": tuple(kept), "findings": findings, "results": results,
            "summary": report.summary.model_copy(update=numbers),
        }
    )  # fmt: skip
