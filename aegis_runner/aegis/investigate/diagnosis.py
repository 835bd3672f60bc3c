"""A diagnosis without a model: what the evidence says, one sentence after the other."""

from __future__ import annotations

from aegis.domain.kinds import EvidenceKind
from aegis.domain.report import Finding, Report

# What explains most comes first; of each kind the first item.
_TOLD = (EvidenceKind.SEGMENTS, EvidenceKind.ONSET, EvidenceKind.SHAPE)


def in_words(report: Report) -> Report:
    """``report``, which has passed the redactor, with a diagnosis where there is evidence and none yet. It
    repeats the evidence: there, values were judged by their column, which prose no longer tells."""
    return report.model_copy(update={"findings": tuple(map(_diagnosed, report.findings))})


def _diagnosed(finding: Finding) -> Finding:
    items = [found[0] for kind in _TOLD if (found := [item for item in finding.evidence if item.kind is kind])]
    if finding.diagnosis is not None or not items:
        return finding
    text = ". ".join(item.text[:1].upper() + item.text[1:] for item in items) + "."
    return finding.model_copy(update={"diagnosis": text, "cites": tuple(item.id for item in items)})
