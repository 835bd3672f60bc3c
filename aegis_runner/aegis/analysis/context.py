"""What an analysis is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aegis.analysis.llm_session import LlmSession
    from aegis.analysis.options import AnalyzeOptions
    from aegis.connection.access import WarehouseAccess
    from aegis.dbt.artifacts.read import Artifacts
    from aegis.dbt.graph.lineage import Lineage
    from aegis.domain.asked import Omission
    from aegis.domain.report import Finding
    from aegis.domain.results import Result
    from aegis.privacy import Redactor


@dataclass(frozen=True, slots=True)
class AnalysisContext:
    """What an investigation is about, and what it may use. ``unbuilt`` are models that a value kept from being built:
    findings of the report if the rows are found."""

    findings: tuple[Finding, ...]
    unbuilt: tuple[Finding, ...]
    results: tuple[Result, ...]
    omitted: tuple[Omission, ...]
    artifacts: Artifacts
    lineage: Lineage
    options: AnalyzeOptions
    redactor: Redactor
    model: LlmSession
    access: WarehouseAccess
