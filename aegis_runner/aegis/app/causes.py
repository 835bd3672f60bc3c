"""What stands behind the findings: the bridge from an analysis to the investigation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aegis.domain.report import Cause, Finding, Notice
from aegis.errors import ArtifactError

if TYPE_CHECKING:
    from aegis.dbt.artifacts import Artifacts
    from aegis.dbt.lineage import Lineage
    from aegis.domain.results import Result
    from aegis.investigate.meter import Asked
    from aegis.warehouse.base import Warehouse


@dataclass(frozen=True, slots=True)
class Investigated:
    """Findings with their root cause, the causes, what must be known of the search, and the queries that it asked."""

    findings: tuple[Finding, ...]
    causes: tuple[Cause, ...] = ()
    notices: tuple[Notice, ...] = ()
    asked: tuple[Asked, ...] = ()


def investigated(
    findings: Sequence[Finding],
    results: Sequence[Result],
    artifacts: Artifacts,
    lineage: Lineage,
    warehouse: Warehouse,
    state: Path | None,
    depth: str,
    personal: Callable[[str, str | None], bool],
) -> Investigated:
    """Look for the causes of the findings. A state that cannot be used is left out, and said to be."""
    from aegis.dbt.artifacts import read_manifest
    from aegis.investigate.meter import Meter
    from aegis.investigate.run import investigate

    notices: tuple[Notice, ...] = ()
    earlier = None
    if state is not None:
        try:
            earlier, notices = read_manifest(state)
        except ArtifactError as error:
            what = f"the state was left out, so nothing is known of changes: {error.message}"
            notices = (Notice(what=what, where=error.where, hint=error.hint),)
    meter = Meter(warehouse)
    found = investigate(findings, results, artifacts, lineage, meter, earlier, depth, personal)
    notices += tuple(Notice(what=f"some evidence could not be had: {why}") for why in found.refused[:3])
    return Investigated(found.findings, found.causes, notices, tuple(meter.asked))
