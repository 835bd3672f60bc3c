"""A diagnosis without a model: what the evidence says, one sentence after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aegis.domain.report import Finding

if TYPE_CHECKING:
    from aegis.privacy import Redactor

# What explains most comes first; of each kind the first item.
_TOLD = ("segments", "onset", "shape")


def in_words(finding: Finding, redactor: Redactor) -> Finding:
    """With a diagnosis that repeats its evidence, if it has none and there is something to say. What is repeated has
    passed the redactor: there, values are judged by their column, which prose no longer tells."""
    if finding.diagnosis is not None or not finding.evidence:
        return finding
    safe = redactor.finding(finding).evidence
    items = [items[0] for kind in _TOLD if (items := [item for item in safe if item.kind == kind])]
    if not items:
        return finding
    text = ". ".join(item.text[:1].upper() + item.text[1:] for item in items) + "."
    return finding.model_copy(update={"diagnosis": text, "cites": tuple(item.id for item in items)})
