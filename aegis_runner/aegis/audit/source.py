"""A trail that is merged into another: read as it is, whatever version wrote it, and never written to."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from aegis.audit import chain, verifying
from aegis.audit.connection import connect_reading, explained, lenient_text, pending_migrations, refuse_foreign
from aegis.audit.identity import waits_in_log
from aegis.audit.models import ChainHead, Verification
from aegis.errors import AuditError, UsageError


@dataclass(frozen=True, slots=True)
class Source:
    """An open trail, of which one state is seen, and whether it verifies."""

    connection: sqlite3.Connection
    path: Path
    verification: Verification

    @property
    def head(self) -> ChainHead:
        return chain.head(self.connection)


@contextmanager
def opened(path: Path, timeout: float, *, unverified: bool) -> Iterator[Source]:
    """The trail of this file, verified.

    Raises:
        UsageError: there is no such file.
        AuditError: it is not a trail, is of a newer version, cannot be read, or does not verify and must.
    """
    if not path.exists():
        raise UsageError("there is no such file", where=str(path), hint="Name the audit trails to merge.")
    refuse_foreign(path)
    if path.stat().st_size == 0 and not waits_in_log(path):
        raise AuditError("the file is empty", where=str(path), hint="Nothing was merged. Leave it out.")
    with explained(path), closing(_connect(path, timeout)) as connection:
        pending_migrations(connection, path)  # refuses a newer version
        connection.execute("BEGIN")
        verification = verifying.verify(connection)
        if verification.broken is not None and not unverified:
            raise AuditError(
                f"does not verify: {verification.broken}",
                where=str(path),
                hint="Nothing was merged. --unverified takes its runs all the same, and writes down that they are not.",
            )
        yield Source(connection, path, verification)


def _connect(path: Path, timeout: float) -> sqlite3.Connection:
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return connect_reading(path, timeout)
    # Not opened for reading only: whoever closes a trail last clears its write-ahead log away, and has to be able to.
    connection = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA query_only = ON")
    connection.text_factory = lenient_text
    return connection
