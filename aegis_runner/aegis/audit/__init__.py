"""The audit trail: migrations, append-only hash chain, full-text search. Knows nothing of dbt or of models."""

from __future__ import annotations

from aegis.audit.models import (
    Break,
    ChainHead,
    DecisionRecord,
    Pruned,
    QueryRecord,
    RunRow,
    RunStart,
    SearchHit,
    StoredDecision,
    Verification,
)
from aegis.audit.trail import AuditTrail, default_path

__all__ = [
    "AuditTrail",
    "Break",
    "ChainHead",
    "DecisionRecord",
    "Pruned",
    "QueryRecord",
    "RunRow",
    "RunStart",
    "SearchHit",
    "StoredDecision",
    "Verification",
    "default_path",
]
