"""What was seen with suspected rows left out, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import JsonValue

from aegis.dbt.graph.nodes import table_name
from aegis.domain.kinds import EvidenceKind
from aegis.domain.report import Evidence
from aegis.domain.text import count, plural
from aegis.investigate.evidence.context import make_evidence

if TYPE_CHECKING:
    from aegis.dbt.artifacts.schema import Manifest
    from aegis.investigate.localise import Proof


def proofs_of(proofs: Sequence[Proof], manifest: Manifest) -> list[Evidence]:
    """One item for each look, in the order of the way up."""
    return [make_evidence(EvidenceKind.PROOF, _text(one, manifest), one.query, _data(one)) for one in proofs]


def _text(proof: Proof, manifest: Manifest) -> str:
    here, above = (table_name(manifest.find(node)) or node for node in (proof.node, proof.above))
    if proof.before:
        return f"with {above} made by its SQL of before, {here} has {_still(proof)}"
    rows = "failing rows" if proof.taken is None else plural(proof.taken, "failing row")
    if proof.shows_innocence:
        return f"without the {rows} of {above}, {here} is as it was: {_still(proof)}"
    return f"without the {rows} of {above}, {here} has {_still(proof)}"


def _still(proof: Proof) -> str:
    return f"{plural(proof.left, 'failing row')} instead of {count(proof.now)}"


def _data(proof: Proof) -> JsonValue:
    return {
        "node": proof.node,
        "above": proof.above,
        "rows_left_out": proof.taken,
        "failing_before": proof.now,
        "failing_after": proof.left,
    }
