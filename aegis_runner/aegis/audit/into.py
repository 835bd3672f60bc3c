"""Merging into a file that may not be there yet: it appears when it is whole."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from aegis.audit.models import Merged
from aegis.audit.trail import AuditTrail
from aegis.errors import AuditError, UsageError


def merge_into(path: Path, sources: Sequence[Path], *, unverified: bool = False) -> Merged:
    """Merge trails into the one at ``path``, which is made if it is missing; see `AuditTrail.merge`.

    Raises:
        UsageError: one is missing, or is the one to merge into.
        AuditError: as of `AuditTrail.merge`; or the file cannot be made.
    """
    if path.exists():
        for source in sources:
            if source.exists() and source.samefile(path):
                hint = "Name the other trails only, and this one with --into or --audit-db."
                raise UsageError("a trail cannot be merged into itself", where=str(source), hint=hint)
        with AuditTrail.open(path) as trail:
            return trail.merge(sources, unverified=unverified)
    return _made(path, sources, unverified)


def _made(path: Path, sources: Sequence[Path], unverified: bool) -> Merged:
    """A new trail under another name first: whoever is killed here leaves none under this one."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with AuditTrail.open(beside) as trail:
            done = trail.merge(sources, unverified=unverified)
        if _appears(beside, path):
            return done.model_copy(update={"path": str(path)})
    finally:
        for name in (beside, *(beside.with_name(f"{beside.name}-{end}") for end in ("wal", "shm"))):
            name.unlink(missing_ok=True)
    return merge_into(path, sources, unverified=unverified)


def _appears(beside: Path, path: Path) -> bool:
    """Give the file its name; False where another process has made one of that name meanwhile."""
    try:
        os.link(beside, path)
    except FileExistsError:
        return False
    except OSError:  # a disk without hard links
        if path.exists():
            return False
        try:
            beside.rename(path)
        except OSError as error:
            reason = error.strerror or str(error)
            raise AuditError(f"the audit trail cannot be made here ({reason})", where=str(path)) from error
    return True
