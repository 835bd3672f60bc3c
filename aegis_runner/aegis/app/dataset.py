"""Decisions as training data, with the verdicts that what they proposed got when it was tried."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aegis.domain.proposals import Proposal
from aegis.domain.report import Finding

if TYPE_CHECKING:
    from aegis.audit import AuditTrail
    from aegis.audit.dataset import Exported, Wanted
    from aegis.audit.models import StoredDecision
    from aegis.investigate.explain.forms import ProposedFix

PROPOSING = "remediate"

_LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")


def export_dataset(trail: AuditTrail, path: Path, wanted: Wanted, *, format: str, force: bool) -> Exported:
    """Write the wanted decisions as conversations.

    Raises:
        UsageError: A file is there and ``force`` is off, or it cannot be written.
        AuditError: The trail cannot be read.
    """
    from aegis.audit.dataset import export

    def verdicts_of(run_id: str, decisions: Sequence[StoredDecision]) -> Mapping[int, tuple[str, ...]]:
        proposing = [one for one in decisions if one.node == PROPOSING and one.error is None and one.response]
        findings = trail.findings(run_id) if proposing else ()
        return {one.seq: verdicts(one, findings) for one in proposing}

    return export(trail, path, wanted, verdicts_of, format=format, force=force)


def verdicts(decision: StoredDecision, findings: Sequence[Finding]) -> tuple[str, ...]:
    """The verdict of each proposal of a decision, in its order; one that is not among those of the findings has none.

    A finding holds what a model proposed beside what was computed, and masked: proposals are the same if their text is
    the same but for spaces, else if it is but for values, and only one such stands there.
    """
    from aegis.investigate.explain.forms import Remedy
    from aegis.llm.repair import Invalid, read

    try:
        remedy = read(Remedy, decision.response or "")
    except Invalid:
        return ()
    tried = [
        proposal
        for finding in findings
        if finding.rule_id == decision.rule_id
        for proposal in (*finding.proposals, *finding.rejected)
    ]
    found = (_verdict(fix, tried) for fix in remedy.proposals)
    return tuple(verdict for verdict in found if verdict is not None)


def _verdict(fix: ProposedFix, tried: Sequence[Proposal]) -> str | None:
    # Its SQL is printed again and a file becomes a diff: what it does stands first in the caveat, else is the action.
    for form in (_spaced, _without_values):
        what = form(fix.what)
        same = {one.trial.verdict for one in tried if form(one.caveat or "").startswith(what) or form(one.sql) == what}
        if len(same) == 1:
            return same.pop()
    return None


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _without_values(text: str) -> str:
    return _spaced(_LITERAL.sub("?", text))
