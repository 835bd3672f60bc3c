"""Reading the trail: each question is one transaction, which sees one state of the file, whoever else writes."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from aegis.audit import chain, naming, reading, search, verifying
from aegis.audit.connection import connect_to_read, transaction
from aegis.audit.models import ChainHead, QueryRecord, RunRow, SearchHit, StoredDecision, Verification
from aegis.domain.past import PastBuild
from aegis.domain.report import Finding, Report
from aegis.domain.results import PastResult, Status

if TYPE_CHECKING:
    # A run writes and asks little: what only `aegis audit` asks is imported when it does.
    from aegis.audit.compare import Comparison
    from aegis.audit.cost import Costs
    from aegis.audit.flapping import Flapping, Overview
    from aegis.audit.pages import CallPage, Place, RulePlaces, RunPage


class Reader:
    """An open trail, as far as it is read."""

    def __init__(self, connection: sqlite3.Connection, path: Path, *, read_only: bool) -> None:
        self._connection = connection
        self._lock = threading.RLock()
        self.path = path
        self.read_only = read_only
        self.project: str | None = None
        """Whose last run is meant by ``latest``, where it has one."""

    @classmethod
    def open_to_read(cls, path: Path, *, timeout: float) -> Reader:
        """Open a trail that is only read, while others may write to it: SQLite itself refuses to change it.

        Raises:
            AuditError: it is missing, is not a trail, is of another version, cannot be read, or stays locked.
        """
        return Reader(connect_to_read(path, timeout=timeout), path, read_only=True)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def list_runs(self, limit: int = 20) -> tuple[RunRow, ...]:
        """The newest runs first; those that did not finish too."""
        with self._reading():
            return reading.list_runs(self._connection, self.path, limit)

    def show(self, run: str = naming.LATEST) -> Report:
        """The report of one run: its id, a prefix that fits one run only, ``latest`` or ``previous``.

        Raises:
            UsageError: no run, or more than one, is meant.
            AuditError: the run did not finish, or its rows cannot be read.
        """
        with self._reading():
            return reading.show(self._connection, self.path, self._named(run))

    def compare(self, before: str, after: str = naming.LATEST) -> Comparison:
        """What changed from one run to another; each is called what `naming.named` takes.

        Raises:
            UsageError: no run, or more than one, is meant.
            AuditError: one of them did not finish, or cannot be read.
        """
        from aegis.audit import compare

        with self._reading():
            names = (
                self._named(before, other=after),
                self._named(after, other=before),
            )
            return compare.compare(*(reading.show(self._connection, self.path, run_id) for run_id in names))

    def queries(self, run: str = naming.LATEST) -> tuple[QueryRecord, ...]:
        """What Aegis asked the warehouse in a run, in order.

        Raises:
            AuditError: there is no such run, or the trail cannot be read.
        """
        with self._reading():
            return reading.queries(self._connection, self.path, self._named(run))

    def run_id(self, run: str, *, other: str = naming.LATEST) -> str:
        """The id of a run, which is called what `naming.named` takes; ``previous`` is the one before ``other``.

        Raises:
            UsageError: no run, or more than one, is meant.
            AuditError: no run has finished.
        """
        with self._reading():
            return self._named(run, other=other)

    def findings(self, run_id: str) -> tuple[Finding, ...]:
        """The findings of a run, by its whole id; of one that did not finish, none.

        Raises:
            AuditError: its rows cannot be read.
        """
        with self._reading():
            query = "SELECT 1 FROM run_ends WHERE run_id = ?"
            finished = self._connection.execute(query, (run_id,)).fetchone() is not None
            return reading.findings(self._connection, self.path, run_id) if finished else ()

    def decisions(self, run: str = naming.LATEST) -> tuple[StoredDecision, ...]:
        """All calls of language models in a run, complete, in the order in which they ended.

        Raises:
            UsageError: no run, or more than one, is meant.
            AuditError: no run has finished, or a row holds what none can.
        """
        from aegis.audit import decisions

        with self._reading():
            run_id = self._named(run)
            return decisions.decisions(self._connection, self.path, run_id)

    def decision(self, number: int) -> StoredDecision | None:
        """One call of a language model by its number in the chain; ``None`` where that is not one.

        Raises:
            AuditError: the row holds what none can.
        """
        from aegis.audit import decisions

        with self._reading():
            return decisions.decision(self._connection, self.path, number)

    def call_page(self, limit: int, offset: int, *, run: str | None = None) -> CallPage:
        """Calls of language models without their texts, newest first, of all runs or of one by its whole id."""
        from aegis.audit import pages

        with self._reading():
            return pages.calls(self._connection, self.path, limit, offset, run)

    def run_page(self, limit: int, offset: int, *, project: str | None = None, target: str | None = None) -> RunPage:
        """Some of the runs, newest first, of all projects and targets or of one."""
        from aegis.audit import pages

        with self._reading():
            return pages.runs(self._connection, self.path, limit, offset, project, target)

    def run(self, run_id: str) -> RunRow | None:
        """A run by its whole id, whether it finished or not."""
        with self._reading():
            return reading.run(self._connection, self.path, run_id)

    def places(self) -> tuple[Place, ...]:
        """Projects and targets that runs finished for, the last one first."""
        from aegis.audit import pages

        with self._reading():
            return pages.places(self._connection)

    def rule_places(self, rule_id: str) -> RulePlaces | None:
        """The last result of a rule, and where it ran; ``None`` where no run has it."""
        from aegis.audit import pages

        with self._reading():
            return pages.rule(self._connection, self.path, rule_id)

    def rules(self, project: str | None, target: str | None, *, runs: int = 30, least: int = 2) -> Overview:
        """The rules of a project and target in its last builds; see `flapping.overview`.

        Raises:
            AuditError: a row holds what none can.
        """
        from aegis.audit import flapping

        with self._reading():
            return flapping.overview(self._connection, self.path, project, target, runs=runs, least=least)

    def deciding_runs(self) -> tuple[str, ...]:
        """Runs that asked a language model, in the order in which they began to."""
        from aegis.audit import decisions

        with self._reading():
            return decisions.deciding_runs(self._connection)

    def costs(self, by: str = "run", since: datetime | None = None) -> Costs:
        """What language models cost, summed up by one of `cost.KEYS`; see `cost.costs`.

        Raises:
            AuditError: a row holds what none can.
        """
        from aegis.audit import cost

        with self._reading():
            return cost.costs(self._connection, self.path, by, since)

    def flapping(
        self, *, project: str | None = None, target: str | None = None, runs: int = 30, least: int = 2
    ) -> Flapping:
        """Rules that change between passed and failed; see `flapping`. What is not given is that of the last run.

        Raises:
            AuditError: no run has finished, or a row holds what none can.
        """
        from aegis.audit import flapping

        with self._reading():
            last = flapping.place(self._connection, self.path, self.project)
            chosen = (last[0] if project is None else project, last[1] if target is None else target)
            return flapping.flapping(self._connection, self.path, *chosen, runs=runs, least=least)

    def builds(
        self, *, project: str | None, target: str | None, rules: Collection[str], most: int = 30, but: str | None = None
    ) -> tuple[PastBuild, ...]:
        """What these rules gave in the last builds of this project and target, the oldest first; see `flapping`.

        Raises:
            AuditError: a row holds what none can.
        """
        from aegis.audit import flapping

        with self._reading():
            return flapping.builds(self._connection, self.path, project, target, most=most, rules=rules, but=but)

    def search(self, text: str, *, raw: bool = False, limit: int = 20, run: str | None = None) -> tuple[SearchHit, ...]:
        """Results and decisions that hold all the words, best first, of all runs or of one. ``raw``: the text is an
        FTS5 query.

        Raises:
            UsageError: there is no word in the text, ``raw`` text is not a query, or no run is meant.
        """
        with self._reading():
            return search.search(self._connection, self.path, text, raw=raw, limit=limit, run=run)

    def last_results(
        self, *, project: str | None, target: str | None, dbt_invocation_id: str | None = None
    ) -> dict[str, Status]:
        """Statuses by rule id in the last finished run of this project and target, for the regression check.

        Runs that looked at ``dbt_invocation_id`` are passed over.
        """
        with self._reading():
            return reading.last_results(
                self._connection, self.path, project=project, target=target, dbt_invocation_id=dbt_invocation_id
            )

    def past(
        self,
        rule_ids: Collection[str],
        *,
        project: str | None,
        target: str | None,
        dbt_invocation_id: str | None = None,
    ) -> dict[str, tuple[PastResult, ...]]:
        """By rule, what it gave in the last runs of this project and target; see `past.past`.

        Raises:
            AuditError: a row holds what none can.
        """
        from aegis.audit.past import past

        with self._reading():
            return past(
                self._connection, self.path, rule_ids,
                project=project, target=target, dbt_invocation_id=dbt_invocation_id,
            )  # fmt: skip

    def head(self) -> ChainHead:
        with self._reading():
            return chain.head(self._connection)

    def verify(self, expected: ChainHead | None = None) -> Verification:
        """Whether every row is what was written, in its place; the first that is not. See ``verifying``.

        Args:
            expected: A head noted earlier, against which a missing tail or a rewritten chain shows. A head
                that was pruned since says nothing any more.
        """
        with self._reading():
            return verifying.verify(self._connection, expected)

    def _named(self, run: str, *, other: str = naming.LATEST) -> str:
        return naming.named(self._connection, self.path, run, other=other, project=self.project)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._lock, transaction(self._connection, self.path, "BEGIN"):
            yield
