"""`aegis analyze`: a target folder in, a report out. Reading this file is reading the program."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from aegis.analysis.asked import answers_of, look_around
from aegis.analysis.causes import investigated
from aegis.analysis.context import AnalysisContext
from aegis.analysis.llm_session import LlmSession
from aegis.analysis.options import AnalyzeOptions, check
from aegis.analysis.past import with_history
from aegis.analysis.pasts import past_of
from aegis.analysis.record import query_records, record
from aegis.analysis.redactor import redactor_of
from aegis.analysis.report import report_of, run_info
from aegis.connection.access import WarehouseAccess
from aegis.dbt.artifacts.read import read_artifacts
from aegis.dbt.graph.guidance import with_guidance
from aegis.dbt.graph.lineage import Lineage
from aegis.dbt.results.findings import Classifier, find, find_unbuilt
from aegis.dbt.suites.batch import unbatch
from aegis.domain.report import Report
from aegis.errors import UsageError
from aegis.investigate.diagnosis import in_words

if TYPE_CHECKING:
    from aegis.analysis.started_run import Direct, StartedRun
    from aegis.dbt.artifacts.read import Artifacts


@dataclass(slots=True)
class _Clock:
    """Wall seconds by step, for the report."""

    seconds: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=perf_counter)

    def step(self, name: str) -> None:
        """The step that ends now."""
        now = perf_counter()
        self.seconds[name], self._since = round(now - self._since, 4), now


def analyze(
    target_dir: Path,
    options: AnalyzeOptions | None = None,
    *,
    started: StartedRun | None = None,
) -> Report:
    """Everything that the artifacts and the warehouse tell about one dbt run, redacted, and written to the audit trail.

    ``started`` is a run that Aegis itself started, with the build. Without one somebody else ran dbt, and the rules
    files of the project, if there is one, say what was to be checked.

    Raises:
        ArtifactError: The artifacts cannot be used.
        UsageError: An option is not one.
    """
    options = options or AnalyzeOptions()
    check(options)
    began, clock = datetime.now(UTC), _Clock()
    asked, direct = (started.asked, started.direct) if started else (None, None)
    artifacts = unbatch(read_artifacts(target_dir))
    clock.step("artifacts")
    access = _access(target_dir, options, artifacts, direct)
    info = run_info(artifacts, options, access.project, began, started)
    with closing(access), closing(LlmSession.opened(options, info)) as model:
        lineage = Lineage.of(artifacts.manifest)
        book, doubts = look_around(target_dir, options.connection, artifacts, asked)
        answers = answers_of(artifacts, access, lineage, asked, book, direct.rows if direct else None)
        clock.step("results")
        past = past_of(info, options, access, artifacts)
        told = past.last()
        classifier = Classifier.of(artifacts.manifest, lineage=lineage, previous=told.statuses)
        findings = with_guidance(find(answers.results, classifier), artifacts.manifest)
        findings = with_history(findings, past, artifacts.generated_at or began)
        clock.step("findings")
        secrets = direct.secrets if direct else frozenset()
        redactor = redactor_of(artifacts, lineage, answers.results, options.privacy, access.project, secrets)
        known = (findings, find_unbuilt(answers.results, classifier), answers.results, answers.omitted)
        context = AnalysisContext(*known, artifacts, lineage, options, redactor, model, access)
        found = investigated(context)
        clock.step("causes")
    notices = (*artifacts.notices, *answers.notices, *found.notices, *model.notices(len(findings)), *told.notices)
    report = in_words(redactor.report(report_of(context, found, doubts, notices, clock.seconds)))
    report = report if started is None else started.beside.added_to(report)
    return record(report, options, query_records(found.asked, info.run_id, redactor))


def _access(target_dir: Path, options: AnalyzeOptions, artifacts: Artifacts, direct: Direct | None) -> WarehouseAccess:
    if direct is not None:
        return WarehouseAccess(direct.warehouse)
    if options.offline:
        return WarehouseAccess(refused=UsageError("the warehouse was not queried", hint="Leave --offline out."))
    return WarehouseAccess.of_target(target_dir, options.connection, artifacts.target_name)
