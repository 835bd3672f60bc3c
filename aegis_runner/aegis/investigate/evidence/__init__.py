"""What is known of a finding beyond its count: one file per gatherer, each a function from a scene to evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aegis.domain.report import Evidence, Finding
from aegis.errors import WarehouseError
from aegis.investigate.evidence.change import change
from aegis.investigate.evidence.context import EvidenceContext
from aegis.investigate.evidence.differences import differences
from aegis.investigate.evidence.neighbours import neighbours
from aegis.investigate.evidence.onset import onset
from aegis.investigate.evidence.proofs import proofs_of
from aegis.investigate.evidence.segments import segments
from aegis.investigate.evidence.shape import shape
from aegis.investigate.query_budget import BudgetExceeded

GATHERERS: dict[str, Callable[[EvidenceContext], list[Evidence]]] = {
    "segments": segments,
    "shape": shape,
    "differences": differences,
    "onset": onset,
    "change": change,
    "neighbours": neighbours,
}
"""By kind, in the order in which they are asked."""


def gather(scene: EvidenceContext) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
    """All evidence on a finding, numbered, and why some could not be had."""
    found: list[Evidence] = []
    refused: list[str] = []
    for kind, gatherer in GATHERERS.items():
        try:
            found += gatherer(scene)
        except WarehouseError as error:
            refused.append(f"{kind}: {error.message}")
        except BudgetExceeded as spent:
            refused.append(f"{kind} and what follows: {spent}")
            break
    return numbered(scene.finding, found), tuple(refused)


def numbered(finding: Finding, more: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The finding's evidence with ``more`` behind it, each with its number."""
    first = len(finding.evidence) + 1
    named = (one.model_copy(update={"id": f"{finding.id}.E{number}"}) for number, one in enumerate(more, first))
    return (*finding.evidence, *named)


__all__ = ["GATHERERS", "EvidenceContext", "gather", "numbered", "proofs_of"]
