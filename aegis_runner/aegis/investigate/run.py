"""An investigation: findings in, findings with their evidence and origins and the causes behind them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aegis.domain.report import Cause, Finding, Step
from aegis.investigate.inquiry import Inquiry


@dataclass(frozen=True, slots=True)
class Investigation:
    """Findings with evidence and origin, the causes, what could not be had, in words, and the steps that were taken."""

    findings: tuple[Finding, ...]
    causes: tuple[Cause, ...]
    missing: tuple[str, ...] = ()
    trajectory: tuple[Step, ...] = ()


def investigate(findings: Sequence[Finding], inquiry: Inquiry) -> Investigation:
    """Gather evidence for the worst findings, trace every one, then put together those of one origin."""
    from aegis.investigate.graph import run

    state = run(findings, inquiry)
    return Investigation(state["told"], state["causes"], state["missing"], inquiry.trail.told(inquiry.meter))
