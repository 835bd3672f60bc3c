"""The audit trail: one SQLite file that every run of Aegis adds to and none can change.

Several processes and threads may use one file. Each call is one transaction; a process killed at any moment
loses at most the call it was in, and the next one is not held up. Text is stored as it is given: redact before.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from aegis.audit import chain, notifications, pruning, records, search, verifying
from aegis.audit.connection import connect, explained, transaction
from aegis.audit.identity import USUAL, Writer, usual_path, what_is
from aegis.audit.indexing import Findings, findings_of
from aegis.audit.models import (
    ChainHead,
    DecisionRecord,
    Merged,
    NotificationRecord,
    Pruned,
    QueryRecord,
    RunStart,
    StoredDecision,
)
from aegis.audit.reader import Reader
from aegis.domain.notified import Told
from aegis.domain.report import Report
from aegis.errors import AuditError

TIMEOUT = 30.0
"""Seconds to wait for another process that is writing."""


def default_path(environment: Mapping[str, str] | None = None) -> Path:
    """``AEGIS_AUDIT_DB``, else ``~/.aegis/history.db``, or ``trail.db`` beside a file of that name that is not ours.

    Raises:
        AuditError: there is neither the variable nor a home folder.
    """
    chosen = (os.environ if environment is None else environment).get("AEGIS_AUDIT_DB")
    try:
        return Path(chosen).expanduser() if chosen else usual_path(Path.home() / ".aegis")
    except RuntimeError as error:
        raise AuditError("there is no home folder for the audit trail", hint="Set AEGIS_AUDIT_DB to a file.") from error


def displaced(environment: Mapping[str, str] | None = None) -> tuple[Path, Writer] | None:
    """The file that has the trail's usual name, and whose it is, where the next run makes a trail beside it."""
    if (os.environ if environment is None else environment).get("AEGIS_AUDIT_DB"):
        return None
    path = default_path(environment)
    usual = path.with_name(USUAL)
    return None if path == usual or path.exists() or not usual.exists() else (usual, what_is(usual))


class AuditTrail(Reader):
    """An open trail. Get one from ``AuditTrail.open``; use it as a context manager, or ``close`` it."""

    @classmethod
    def open(cls, path: Path, *, create: bool = True, timeout: float = TIMEOUT) -> Self:
        """Open the trail, making folder (0700) and file (0600) unless ``create`` is off.

        A file that may not be written to opens too, for reading.

        Raises:
            AuditError: it is not a trail, is of a newer version, cannot be made or read, or stays locked.
        """
        connection, read_only = connect(path, create=create, timeout=timeout)
        return cls(connection, path, read_only=read_only)

    def start_run(self, start: RunStart) -> ChainHead:
        """Write down that a run began.

        Raises:
            AuditError: a run with this id is there, or the trail cannot be written to.
        """
        with self._writing():
            self._start(start)
            return chain.head(self._connection)

    def ensure_run(self, start: RunStart) -> None:
        """Write down that a run began, unless that stands there.

        Raises:
            AuditError: the trail cannot be written to.
        """
        with self._writing():
            if not self._has("run_starts", start.run_id):
                self._start(start)

    def finish_run(self, report: Report) -> ChainHead:
        """Store the report and every result, all or nothing; the beginning too if it was not recorded.

        Returns:
            The head of the chain: noted elsewhere, it lets ``verify`` notice a missing tail.

        Raises:
            AuditError: the run has finished already, or the trail cannot be written to.
        """
        run_id, moment = report.run.run_id, records.now()
        end = records.end_cells(report)
        results = [records.result_cells(result, run_id, moment) for result in report.results]
        with self._writing():
            if not self._has("run_starts", run_id):
                self._start(records.start_of(report.run))
            if self._has("run_ends", run_id):
                raise AuditError(
                    f"run {run_id} has finished already", where=str(self.path), hint="It was left as it is."
                )
            self._append("results", results, findings_of(report.model_dump(include={"findings", "causes"})))
            chain.append(self._connection, "run_ends", [end])
            return chain.head(self._connection)

    def import_run(self, start: RunStart, report: Report, decisions: Sequence[StoredDecision]) -> bool:
        """Store a whole run that another tool made, all or nothing; whether it was not there yet. Its times stay those
        of then, and its command is ``imported``.

        Raises:
            AuditError: the trail cannot be written to.
        """
        with self._writing():
            if self._has("run_starts", start.run_id):
                return False
            self._start(start)
            moment = records.utc(report.run.finished_at)
            results = [records.result_cells(one, start.run_id, moment) for one in report.results]
            self._append("results", results, findings_of(report.model_dump(include={"findings", "causes"})))
            self._append("decisions", [records.stored_cells(one) for one in decisions])
            chain.append(self._connection, "run_ends", [records.end_cells(report)])
        return True

    def record_decision(self, decision: DecisionRecord) -> ChainHead:
        """Store one call of a model, complete, and index it.

        Raises:
            AuditError: no such run was started, or the trail cannot be written to.
        """
        with self._writing():
            self._require(decision.run_id)
            self._append("decisions", [records.decision_cells(decision)])
            return chain.head(self._connection)

    def record_query(self, *queries: QueryRecord) -> ChainHead:
        """Store queries that Aegis ran, several in one transaction.

        Raises:
            AuditError: no such run was started, or the trail cannot be written to.
        """
        with self._writing():
            for run_id in {query.run_id for query in queries}:
                self._require(run_id)
            chain.append(self._connection, "queries", [records.query_cells(query) for query in queries])
            return chain.head(self._connection)

    def record_notification(self, notification: NotificationRecord) -> ChainHead:
        """Store what was told of a run, and whom it reached.

        Raises:
            AuditError: no such run was started, or the trail cannot be written to.
        """
        with self._writing():
            self._require(notification.run_id)
            chain.append(self._connection, "notifications", [notifications.cells(notification)])
            return chain.head(self._connection)

    def told_since(
        self, moment: datetime, address: str, *, project: str | None, target: str | None
    ) -> tuple[Told, ...]:
        """What messages about this project and target told an address since ``moment``; see `notifications.told_since`.

        Raises:
            AuditError: A row holds what none can.
        """
        with self._reading():
            return notifications.told_since(
                self._connection, self.path, moment, address, project=project, target=target
            )

    def prune(self, keep: timedelta, *, moment: datetime | None = None) -> Pruned:
        """Remove runs that finished more than ``keep`` before ``moment`` (now), and write a checkpoint.

        Raises:
            AuditError: the chain does not hold (pruning would hide where), or it cannot be written to.
        """
        with self._writing():
            broken = verifying.verify(self._connection).broken
            if broken is not None:
                hint = "Nothing was pruned. Copy the file first, then find out who changed it."
                raise AuditError(f"the chain does not hold: {broken}", where=str(self.path), hint=hint)
            # What is removed is overwritten, not only unlinked.
            self._connection.execute("PRAGMA secure_delete = ON")
            pruned = pruning.prune(self._connection, keep, datetime.now(UTC) if moment is None else moment)
        with self._lock, explained(self.path):
            # A script, because `execute` takes one step and this pragma frees one page a step.
            self._connection.executescript("PRAGMA incremental_vacuum")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the WAL holds old pages too
        return pruned

    def merge(self, sources: Sequence[Path], *, unverified: bool = False) -> Merged:
        """Take in the runs of other trails, each once, all or nothing; see `merging`. They stay as they are.

        Args:
            sources: The files.
            unverified: Whether a trail that does not verify is taken in, marked as such.

        Raises:
            UsageError: one is not there.
            AuditError: one is not a trail, cannot be read or does not verify, or a run has other content than here;
                or this trail does not verify, or cannot be written to.
        """
        from aegis.audit import merging, source

        broken = self.verify().broken
        if broken is not None:
            hint = "Nothing was merged. Move it away, and merge into a new one: `--into`, `--unverified`."
            raise AuditError(f"the chain does not hold: {broken}", where=str(self.path), hint=hint)
        with ExitStack() as stack:
            others = [stack.enter_context(source.opened(path, TIMEOUT, unverified=unverified)) for path in sources]
            with self._writing():
                done = tuple(merging.merged(self._connection, self.path, other) for other in others)
                return Merged(path=str(self.path), sources=done, head=chain.head(self._connection))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if self.read_only:
            raise AuditError("the audit trail is read-only", where=str(self.path), hint="Nothing was recorded.")
        try:
            with self._lock, transaction(self._connection, self.path):
                yield
        except (OverflowError, UnicodeEncodeError) as error:
            hint = "Nothing was recorded."
            raise AuditError(f"a value cannot be stored ({error})", where=str(self.path), hint=hint) from error

    def _start(self, start: RunStart) -> None:
        if self._has("run_starts", start.run_id):
            raise AuditError(f"a run {start.run_id} is there already", where=str(self.path), hint="Use a new id.")
        chain.append(self._connection, "run_starts", [records.start_cells(start)])

    def _append(self, table: str, rows: Sequence[chain.Row], findings: Findings | None = None) -> None:
        search.index(self._connection, table, chain.append(self._connection, table, rows), rows, findings)

    def _has(self, table: str, run_id: str) -> bool:
        found = self._connection.execute(f"SELECT 1 FROM {table} WHERE run_id = ?", (run_id,)).fetchone()
        return found is not None

    def _require(self, run_id: str) -> None:
        if not self._has("run_starts", run_id):
            hint = "Its beginning may not have been recorded: see the notices of the run."
            raise AuditError(f"no run {run_id} was started", where=str(self.path), hint=hint)
