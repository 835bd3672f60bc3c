"""`aegis audit merge`: the runs of several trails in one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aegis.errors import UsageError

if TYPE_CHECKING:
    from aegis.audit.models import Merged


def merge_trails(
    sources: Sequence[Path], into: Path | None = None, audit_db: Path | None = None, *, unverified: bool = False
) -> Merged:
    """Merge trails into one, ``into`` or the usual one; it is made if it is missing.

    Raises:
        UsageError: Two trails to merge into are named, or a source is missing or the trail itself.
        AuditError: A trail cannot be used, does not verify, or has a run with other content.
    """
    from aegis.analysis.record import trail_path
    from aegis.audit.into import merge_into

    if into is not None and audit_db is not None:
        raise UsageError("--into and --audit-db both name the trail to merge into", hint="Leave one of them out.")
    return merge_into(trail_path(audit_db) if into is None else into, sources, unverified=unverified)
