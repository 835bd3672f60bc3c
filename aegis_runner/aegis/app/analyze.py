"""`aegis analyze`: a target folder in, a report out. Reading this file is reading the program."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from aegis.app.analysis_context import AnalysisContext
from aegis.app.analyze_options import AnalyzeOptions, check
from aegis.app.project_context import ProjectContext, resolved_or_reason
from aegis.domain.report import Notice, Report, RunInfo
from aegis.errors import AegisError, ConfigError, UsageError

if TYPE_CHECKING:
    from aegis.app.asked import Asked
    from aegis.app.broken import Beside
    from aegis.app.causes import InvestigationResult
    from aegis.app.direct import Direct
    from aegis.app.llm_session import LlmSession
    from aegis.dbt.artifacts.read import Artifacts
    from aegis.privacy import Redactor
    from aegis.warehouse.base import Warehouse


@dataclass(slots=True)
class _Clock:
    """Wall seconds by step, for the report."""

    seconds: dict[str, float] = field(default_factory=dict)

    def step(self, name: str, since: float) -> float:
        now = perf_counter()
        self.seconds[name] = round(now - since, 4)
        return now


def analyze(
    target_dir: Path,
    options: AnalyzeOptions | None = None,
    *,
    run_id: str | None = None,
    started_at: datetime | None = None,
    direct: Direct | None = None,
    asked: Asked | None = None,
    beside: Beside | None = None,
) -> Report:
    """Everything that the artifacts and the warehouse tell about one dbt run, redacted, and written to the audit trail.

    ``run_id`` and ``started_at`` are those of a run that began before, with the build, and ``asked`` what it was asked;
    without it the rules files of the project, if there is one, say what was to be checked. ``direct`` is what a run
    without dbt gave and used, ``beside`` what the rules themselves give to tell.

    Raises:
        ArtifactError: The artifacts cannot be used.
        UsageError: An option is not one.
    """
    from aegis.app.asked import answers_of, look_around
    from aegis.app.llm_session import LlmSession
    from aegis.app.record import previous_statuses, query_records, record
    from aegis.dbt.artifacts.read import read_artifacts
    from aegis.dbt.graph.guidance import with_guidance
    from aegis.dbt.graph.lineage import Lineage
    from aegis.dbt.graph.pii import own_sql
    from aegis.dbt.results.findings import Classifier, find
    from aegis.dbt.suites.batch import unbatch
    from aegis.investigate.diagnosis import in_words

    options = options or AnalyzeOptions()
    check(options)
    started, clock, moment = started_at or datetime.now(UTC), _Clock(), perf_counter()
    model = LlmSession.opened(options)
    artifacts = unbatch(read_artifacts(target_dir))
    moment = clock.step("artifacts", moment)
    found, warehouse = (None, direct.warehouse) if direct else _warehouse(target_dir, options, artifacts)
    lineage = Lineage.of(artifacts.manifest)
    book, doubts = look_around(target_dir, options.connection, artifacts, asked)
    try:
        answers = answers_of(artifacts, warehouse, lineage, asked, book, direct.rows if direct else None)
        moment = clock.step("results", moment)
        info = model.run = _info(artifacts, options, found, started, run_id, model.name)
        previous, audit_notices = previous_statuses(info, options)
        classifier = Classifier.of(artifacts.manifest, lineage=lineage, previous=previous)
        findings = with_guidance(find(answers.results, classifier), artifacts.manifest)
        moment = clock.step("findings", moment)
        redactor = _redactor(artifacts, options, found, direct, own_sql(artifacts.manifest, lineage, answers.results))
        known = (findings, answers.results, answers.omitted)
        context = AnalysisContext(*known, artifacts, lineage, options, redactor, model, found)
        looked = _investigated(context, warehouse)
        clock.step("causes", moment)
    finally:
        _close(model, warehouse)
    told = (*artifacts.notices, *answers.notices, *looked.notices, *model.notices(len(findings)), *audit_notices)
    safe = in_words(redactor.report(_report(context, looked, info, (doubts, told), clock)))
    return record(
        safe if beside is None else beside.added_to(safe), options, query_records(looked.asked, info.run_id, redactor)
    )


def _close(model: LlmSession, warehouse: Warehouse | AegisError) -> None:
    model.close()
    if not isinstance(warehouse, AegisError):
        warehouse.close()


def _warehouse(
    target_dir: Path, options: AnalyzeOptions, artifacts: Artifacts
) -> tuple[ProjectContext | None, Warehouse | AegisError]:
    """The way to the warehouse, and the warehouse or why it cannot be asked: a report without it is still a report."""
    if options.offline:
        return None, UsageError("the warehouse was not queried", hint="Leave --offline out.")
    connection = options.connection
    if connection.target is None:
        connection = replace(connection, target=artifacts.target_name)
    found, refused = resolved_or_reason(target_dir, connection)
    if found is None:
        return None, refused or ConfigError("the warehouse cannot be reached")
    try:
        return found, found.warehouse()
    except AegisError as error:
        return found, error


def _investigated(context: AnalysisContext, warehouse: Warehouse | AegisError) -> InvestigationResult:
    """Failing rows, and what stands behind the findings, as far as the depth goes; nothing failed, nothing is asked."""
    from aegis.app.causes import InvestigationResult, investigated

    if not context.findings or context.options.depth == "results":
        return InvestigationResult(context.findings)
    if isinstance(warehouse, AegisError):
        return InvestigationResult(context.findings, notices=() if context.options.offline else (_unasked(warehouse),))
    try:
        warehouse.connect()
    except AegisError as error:
        return InvestigationResult(context.findings, notices=(_unasked(error),))
    return investigated(context, warehouse)


def _unasked(refused: AegisError) -> Notice:
    what = f"the warehouse was not queried, so no cause was looked for: {refused.message}"
    return Notice(what=what, where=refused.where, hint=refused.hint)


def _report(
    context: AnalysisContext,
    looked: InvestigationResult,
    info: RunInfo,
    told: tuple[tuple[Notice, ...], tuple[Notice, ...]],
    clock: _Clock,
) -> Report:
    """``told`` are the doubts about all of it, and the other notices."""
    from aegis.dbt.results.findings import parse_fail_on, summarize

    fail_on = parse_fail_on(context.options.fail_on)
    saw_data = not context.artifacts.empty
    summary = summarize(
        context.results, looked.findings, fail_on, omitted=context.omitted, causes=len(looked.causes), saw_data=saw_data
    )
    return Report(
        run=info.model_copy(update={"finished_at": datetime.now(UTC)}),
        summary=summary.model_copy(
            update={"exit_code": context.model.exit_code(summary.exit_code, len(context.findings))}
        ),
        reservations=told[0],
        causes=looked.causes,
        findings=looked.findings,
        results=context.results,
        omitted=context.omitted,
        errors=told[1],
        usage=context.model.usage(),
        timings=clock.seconds,
        queries=len(looked.asked),
        trajectory=looked.trajectory,
    )


def _info(
    artifacts: Artifacts,
    options: AnalyzeOptions,
    found: ProjectContext | None,
    started: datetime,
    run_id: str | None,
    llm: str | None,
) -> RunInfo:
    from aegis import __version__

    metadata = artifacts.manifest.metadata
    return RunInfo(
        run_id=run_id or new_run_id(),
        started_at=started,
        finished_at=started,
        aegis_version=__version__,
        command=options.command,
        depth=options.depth,
        target_dir=str(artifacts.target_dir) if options.show_target_dir else None,
        rules_file=options.rules_file,
        project=options.project or metadata.project_name or (found.project.name if found else None),
        target=_target_name(artifacts, options, found),
        adapter=metadata.adapter_type or (found.profile.type if found else None),
        dbt_version=artifacts.dbt_version,
        dbt_invocation_id=artifacts.run_results.metadata.invocation_id,
        dbt_generated_at=artifacts.generated_at,
        dbt_command=artifacts.command,
        llm=llm,
    )


def _target_name(artifacts: Artifacts, options: AnalyzeOptions, found: ProjectContext | None) -> str | None:
    if options.target_name is not None:
        return options.target_name or None
    return artifacts.target_name or (found.profile.target if found else None)


def new_run_id() -> str:
    """``r_`` and 8 hex digits."""
    return f"r_{secrets.token_hex(4)}"


def _redactor(
    artifacts: Artifacts,
    options: AnalyzeOptions,
    found: ProjectContext | None,
    direct: Direct | None,
    own: tuple[str, ...],
) -> Redactor:
    import os

    from aegis.dbt.graph.pii import key_columns, pii_columns, public_columns
    from aegis.privacy import Mode, PrivacyConfig, Redactor, secret_values

    # The working folder is no password, whatever its variable is called.
    environment = {name: value for name, value in os.environ.items() if name not in ("PWD", "OLDPWD")}
    return Redactor(
        PrivacyConfig(
            mode=Mode(options.privacy),
            pii_columns=pii_columns(artifacts.manifest),
            public_columns=public_columns(artifacts.manifest),
            key_columns=key_columns(artifacts.manifest),
            own_sql=own,
            secrets=(direct.secrets if direct else frozenset())
            | secret_values(environment)
            | (secret_values(found.profile.settings) if found else frozenset()),
        )
    )
