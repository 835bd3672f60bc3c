"""What an analysis found, as a report: what it is of, and what it says."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aegis.analysis.around import lineage_around
from aegis.dbt.results.findings import parse_fail_on, summarize
from aegis.domain.report import Notice, Report, RunInfo
from aegis.domain.version import VERSION

if TYPE_CHECKING:
    from aegis.analysis.causes import InvestigationResult
    from aegis.analysis.context import AnalysisContext
    from aegis.analysis.options import AnalyzeOptions
    from aegis.analysis.started_run import StartedRun
    from aegis.connection.project import ProjectContext
    from aegis.dbt.artifacts.read import Artifacts


def new_run_id() -> str:
    """``r_`` and 8 hex digits."""
    return f"r_{secrets.token_hex(4)}"


def run_info(
    artifacts: Artifacts,
    options: AnalyzeOptions,
    project: ProjectContext | None,
    began: datetime,
    started: StartedRun | None,
) -> RunInfo:
    """What the report is of. The language model is not known here yet. ``began`` counts where no run was started."""
    metadata = artifacts.manifest.metadata
    began = started.started_at if started else began
    return RunInfo(
        run_id=started.run_id if started else new_run_id(),
        started_at=began,
        finished_at=began,
        aegis_version=VERSION,
        command="run" if started else "analyze",
        depth=options.depth,
        target_dir=str(artifacts.target_dir) if started is None or started.keeps_target else None,
        rules_file=started.rules_file if started else None,
        project=started.project if started else _project_name(artifacts, project),
        target=started.target if started else _target_name(artifacts, project),
        adapter=metadata.adapter_type or (project.profile.type if project else None),
        dbt_version=artifacts.dbt_version,
        dbt_invocation_id=artifacts.run_results.metadata.invocation_id,
        dbt_generated_at=artifacts.generated_at,
        dbt_command=artifacts.command,
    )


def _project_name(artifacts: Artifacts, project: ProjectContext | None) -> str | None:
    return artifacts.manifest.metadata.project_name or (project.project.name if project else None)


def _target_name(artifacts: Artifacts, project: ProjectContext | None) -> str | None:
    return artifacts.target_name or (project.profile.target if project else None)


def report_of(
    context: AnalysisContext,
    found: InvestigationResult,
    reservations: tuple[Notice, ...],
    notices: tuple[Notice, ...],
    timings: Mapping[str, float],
) -> Report:
    """The report, not yet redacted.

    Args:
        context: What the analysis is about.
        found: What the investigation found.
        reservations: Doubts about all of it.
        notices: What else must be known.
        timings: Wall seconds by step.
    """
    model, artifacts = context.model, context.artifacts
    summary = summarize(
        context.results,
        found.findings,
        parse_fail_on(context.options.fail_on),
        omitted=context.omitted,
        causes=len(found.causes),
        saw_data=not artifacts.empty,
    )
    code = model.exit_code(summary.exit_code, len(context.findings))
    return Report(
        run=model.run.model_copy(update={"finished_at": datetime.now(UTC)}),
        summary=summary.model_copy(update={"exit_code": code}),
        reservations=reservations,
        causes=found.causes,
        findings=found.findings,
        results=context.results,
        omitted=context.omitted,
        errors=notices,
        usage=model.usage(),
        timings=dict(timings),
        queries=len(found.asked),
        trajectory=found.trajectory,
        lineage=lineage_around(found.causes, context.lineage, artifacts.manifest),
    )
