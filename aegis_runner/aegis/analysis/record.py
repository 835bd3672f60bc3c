"""Writing a report to the audit trail. The trail never costs a report."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from aegis.domain.report import Notice, Report
from aegis.errors import AuditError, ConfigError

if TYPE_CHECKING:
    from aegis.analysis.options import AnalyzeOptions
    from aegis.audit import AuditTrail
    from aegis.audit.models import QueryRecord
    from aegis.investigate.query_budget import QueryLogEntry
    from aegis.privacy import Redactor


def trail_path(given: Path | None) -> Path:
    """--audit-db, AEGIS_AUDIT_DB, ~/.aegis/history.db."""
    from aegis.audit import default_path

    return given if given is not None else default_path()


def begin(
    options: AnalyzeOptions,
    *,
    run_id: str,
    started_at: datetime,
    aegis_version: str,
    project: str,
    target: str | None,
    rules_file: str | None,
) -> tuple[Notice, ...]:
    """Write down that a run begins. Where that fails the run goes on; its end will say what is wrong with the trail.

    What is handed back is to be said of the trail once, when it is made.
    """
    if not options.audit:
        return ()
    from aegis.audit import AuditTrail
    from aegis.audit.models import RunStart

    start = RunStart(
        run_id=run_id,
        started_at=started_at,
        command="run",
        aegis_version=aegis_version,
        project=project,
        target=target,
        rules_file=rules_file,
    )
    notices: tuple[Notice, ...] = ()
    with suppress(AuditError):
        notices = left_alone(options.audit_db)
        with AuditTrail.open(trail_path(options.audit_db)) as trail:
            trail.start_run(start)
    return notices


def left_alone(given: Path | None) -> tuple[Notice, ...]:
    """That the usual file is somebody else's, said by the run that makes another beside it."""
    from aegis.audit import default_path
    from aegis.audit.identity import Writer
    from aegis.audit.trail import displaced

    found = displaced() if given is None else None
    if found is None:
        return ()
    usual, kind = found
    hint = f"`aegis audit import {usual}` takes its runs in." if kind is Writer.AEGIS_DQ else None
    what = f"this is {kind.value} and was left alone; the audit trail is {default_path()}"
    return (Notice(what=what, where=str(usual), hint=hint),)


def query_records(asked: Sequence[QueryLogEntry], run_id: str, redactor: Redactor) -> tuple[QueryRecord, ...]:
    """What an investigation asked, as the trail keeps it: with nothing personal or secret in it."""
    from aegis.audit.models import QueryRecord

    return tuple(
        QueryRecord(
            run_id=run_id,
            purpose=redactor.text(one.purpose),
            sql=redactor.statement(one.sql),
            seconds=one.seconds,
            rows=one.rows,
            error=None if one.error is None else redactor.text(one.error),
        )
        for one in asked
    )


def record(report: Report, options: AnalyzeOptions, queries: Sequence[QueryRecord] = ()) -> Report:
    """The report, written down with the queries that were asked for it; with a notice when it could not be."""
    if not options.audit:
        return report
    from aegis.audit import AuditTrail

    try:
        with AuditTrail.open(trail_path(options.audit_db)) as trail:
            trail.finish_run(report)
            if queries:
                trail.record_query(*queries)
    except AuditError as error:
        return report.model_copy(
            update={"errors": (*report.errors, notice("the run is not in the audit trail", error))}
        )
    return report


def notice(what: str, error: AuditError) -> Notice:
    return Notice(what=f"{what}: {error.message}", where=error.where, hint=error.hint)


def open_trail(given: Path | None) -> AuditTrail:
    """The trail, for reading; ``latest`` is the last run of the project around the working folder, if it has one.

    Raises:
        AuditError: There is none yet, or it cannot be read.
    """
    from aegis.audit import AuditTrail

    path = trail_path(given)
    if not path.exists():
        raise AuditError(
            "there is no audit trail yet", where=str(path), hint="`aegis run` and `aegis analyze` write it."
        )
    trail = AuditTrail.open(path, create=False)
    trail.project = _project_here()
    return trail


def _project_here() -> str | None:
    """The name of the project around the working folder. One that cannot be read is none: a trail is of many."""
    from aegis.dbt.project.settings import find_project, load_project

    folder = find_project(Path.cwd())
    try:
        return load_project(folder).name if folder is not None else None
    except ConfigError:
        return None
