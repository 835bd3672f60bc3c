"""A fix is tried: gated, run on a copy of its table, and judged by what it did there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Self

from aegis.domain.kinds import Verdict
from aegis.domain.proposals import Trial
from aegis.errors import RefusedError, WarehouseError
from aegis.investigate.query_budget import MOST_KEPT, BudgetExceeded
from aegis.investigate.remediate.below import effects
from aegis.investigate.remediate.changed_rows import is_foreseen, kept_rows
from aegis.investigate.remediate.copies import Copies, CopyPool
from aegis.investigate.remediate.measure import Measure, some_rows_tell
from aegis.investigate.remediate.safety import MOST_LOST, TrialOutcome, harm
from aegis.investigate.remediate.target import failing_rows, relation_of
from aegis.investigate.remediate.undo import Undo, undos
from aegis.investigate.remediate.verdict import made_up, verdict_on
from aegis.sql.change import GatedChange, check_change
from aegis.warehouse.base import Relation, Sandbox

if TYPE_CHECKING:
    from aegis.dbt.artifacts.schema import Node
    from aegis.investigate.remediate.target import FixTarget
    from aegis.sql.tables import TableRef


def gate(sql: str, target: FixTarget) -> GatedChange:
    """A proposal as the one change of the table that it must be.

    Raises:
        RefusedError: It is not.
    """
    return _gated(sql, target.dialect, target.relation, target.bench.allow)


@lru_cache(maxsize=256)
def _gated(sql: str, dialect: str, relation: str, allow: frozenset[str]) -> GatedChange:
    """A proposal is looked into when it is tried, and again when it is shown."""
    return check_change(sql, dialect, tables=[relation], allow=allow)


class Trials:
    """Tries fixes of one table, one after another, each on the table as it was. Use it as a context: copies that are
    not shared go at its end."""

    def __init__(self, target: FixTarget) -> None:
        self._target = target
        self._own = ExitStack()
        self._pool = target.bench.copies
        self._open: dict[frozenset[Relation], SandboxTrial] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._own.close()

    def try_sql(self, sql: str, *, failing_only: bool = False) -> Trial:
        """What a fix does, whoever wrote it. Nothing runs against the user's tables; no failure is raised: a fix that
        cannot be tried says why.

        Args:
            sql: The fix.
            failing_only: Whether it is known to change none but failing rows: then they alone are copied, where that
                is enough.
        """
        target = self._target
        try:
            change = gate(sql, target)
            if change.kind == "delete" and target.fixable.removal is not None:
                return _not_tried(f"{target.name} {target.fixable.removal}")
            relations = frozenset([*target.needed, *_read(change, target)])
        except RefusedError as refused:
            return Trial(verdict=Verdict.REFUSED, why=f"the SQL {refused.message}")
        warehouse = target.bench.budget.warehouse
        if not isinstance(warehouse, Sandbox):
            return _not_tried(f"there is no sandbox for {target.adapter}")
        if self._pool is None:
            self._pool = self._own.enter_context(CopyPool(warehouse, target.bench.manifest, target.bench.limits))
        try:
            rows = self._rows(change, relations) if failing_only else None
            if rows is not None:
                return self._on_some_rows(change, rows, self._pool)
            return self._sandbox(relations, self._pool).tried(change)
        except WarehouseError as error:
            self._pool.close()
            return _not_tried(str(error))

    def _rows(self, change: GatedChange, relations: frozenset[Relation]) -> dict[Relation, str] | None:
        """What is to be copied of each table for a trial on the failing rows alone; None where they do not tell."""
        target, reference = self._target, self._target.symptom.reference
        count = failing_rows(target)
        failing = count.rows_sql
        # They stay in memory, unlike a copy of the whole table.
        if failing is None or (count.failed or 0) > MOST_KEPT or not some_rows_tell(change, target):
            return None
        rows = {relation_of(target.node): failing}
        there = target.bench.manifest.find(reference.node) if reference is not None else None
        if reference is not None and there is not None and relation_of(there) not in rows:
            value, partner = target.quoted(target.symptom.columns[0]), target.quoted(reference.column)
            wanted = f"{partner} in (select {value} from ({failing}) as failing)"
            rows[relation_of(there)] = f"select * from {there.relation_name} where {wanted}"
        return rows if relations == rows.keys() else None

    def _on_some_rows(self, change: GatedChange, rows: Mapping[Relation, str], pool: CopyPool) -> Trial:
        target = self._target
        whole = target.bench.checks.rows(target.symptom.node)
        with pool.some_rows(rows, whole, target.relation) as copies:
            return SandboxTrial(target, copies).tried(change)

    def _sandbox(self, relations: frozenset[Relation], pool: CopyPool) -> SandboxTrial:
        copies = pool.copies(relations, self._target.wanted, self._fits)
        if relations not in self._open or self._open[relations].copies is not copies:
            self._open[relations] = SandboxTrial(self._target, copies)
        return self._open[relations]

    def _fits(self, table: str) -> bool:
        bench = self._target.bench
        try:
            rows = bench.budget.ask(f"select count(*) from {table}", "can it be copied for a trial?", 1).rows
        except (BudgetExceeded, WarehouseError):
            return False
        return int(str(rows[0][0])) <= bench.limits.rows


def try_sql(sql: str, target: FixTarget) -> Trial:
    """One fix, as `Trials.try_sql`."""
    with Trials(target) as trials:
        return trials.try_sql(sql)


def _not_tried(why: str) -> Trial:
    return Trial(verdict=Verdict.NOT_TRIED, why=why)


def _read(change: GatedChange, target: FixTarget) -> list[Relation]:
    """The tables that the fix reads, as dbt knows them.

    Raises:
        RefusedError: dbt knows none of that name: it may be anything.
    """
    return [_known(one, target) for one in change.tables]


def _known(table: TableRef, target: FixTarget) -> Relation:
    manifest = target.bench.manifest
    nodes = [*manifest.nodes.values(), *(manifest.sources or {}).values()]
    fitting = {relation_of(node) for node in nodes if node.resource_type in _TABLES and _fits(table, node)}
    if len(fitting) != 1:
        found = "several tables" if fitting else "no table"
        raise RefusedError(f"reads {table}; dbt knows {found} of that name")
    return fitting.pop()


_TABLES = frozenset({"model", "seed", "snapshot", "source"})


def _fits(table: TableRef, node: Node) -> bool:
    place = relation_of(node)
    pairs = ((table.name, place.name), (table.schema, place.schema), (table.database, place.database))
    return all(given is None or (known or "").lower() == given.lower() for given, known in pairs)


class SandboxTrial:
    """Fixes of a table for one rule, on copies."""

    def __init__(self, target: FixTarget, copies: Copies) -> None:
        self.copies = copies
        self._target = target
        self._session = copies.session
        self._measure = Measure(target, copies)

    def tried(self, change: GatedChange) -> Trial:
        target, before = self._target, self._measure.before
        if before.failed is None:
            return _not_tried(f"the rule cannot be checked on a copy of {target.name}")
        if before.failed == 0:
            return Trial(verdict=Verdict.USELESS, before=before.told(), why=f"the rule does not fail on {target.name}")
        try:
            foreseen = self._outcome(change, whole=False) if is_foreseen(change, target) else None
            seen = foreseen or self._outcome(change, whole=True)
        except _CannotRun as error:
            return Trial(verdict=Verdict.REFUSED, before=before.told(), why=f"the database cannot run it: {error}")
        assert seen is not None  # compared with the whole table, there is always one
        outcome, undo = seen
        unseen = tuple(one for one in made_up(outcome) if not self._measure.seen(one.column, one.new))
        outcome = replace(outcome, unseen=unseen)
        verdict, why = verdict_on(outcome, failing_known=self._measure.failing_known)
        return Trial(
            verdict=verdict, rows_changed=outcome.difference.changed, before=outcome.before.told(),
            after=outcome.after.told(), why=why,
            undo=(undo.told() if undo is not None else self._undo(change)) if verdict.helps else None,
            below=effects(change, target, foreseen=foreseen is not None) if verdict.helps else (),
        )  # fmt: skip

    def _outcome(self, change: GatedChange, *, whole: bool) -> tuple[TrialOutcome, Undo | None] | None:
        """What the change does, and what took it back, if that was tried with it; None where its rows cannot be told
        from its condition, or others changed."""
        measure = self._measure
        before = measure.before_of(change)
        with ExitStack() as stack:
            try:
                kept = stack.enter_context(kept_rows(change, self._target, self.copies, whole=whole))
            except WarehouseError:
                if whole:
                    raise
                return None
            undo = None if whole else next(undos(change, self._target))
            undo = undo if undo is not None and undo.of_rows else None
            if undo is not None:
                stack.callback(self._session.drop, undo.kept)
                self._session.keep(undo.kept, kept.old)
            different = measure.different(kept.rows() / MOST_LOST) if change.kind == "delete" else before.sums.rows
            stack.enter_context(self._changed(change.sql))
            sums = measure.sums()
            difference = measure.difference(kept, sums)
            if difference is None:
                return None
            pairs = kept.pairs() if difference.changed else ()
            after = measure.after(before, sums) if difference.changed else before
            outcome = TrialOutcome(self._target, change, before, after, difference, different, pairs)
            done = undo is not None and difference.changed and harm(outcome) is None and self._restores(undo)
            return outcome, undo if done else None

    def _restores(self, undo: Undo) -> bool:
        """Whether the changed table is as before then. What fails ends the transaction, which is rolled back anyway."""
        try:
            for statement in undo.restore:
                self._session.execute(statement)
            return self._measure.is_restored()
        except WarehouseError:
            return False

    @contextmanager
    def _changed(self, *statements: str) -> Iterator[None]:
        """The table with these run, until the block ends."""
        self._session.begin()
        try:
            for statement in statements:
                try:
                    self._session.execute(statement)
                except WarehouseError as error:
                    raise _CannotRun(error.message) from error
            yield
        finally:
            self._session.rollback()

    def _undo(self, change: GatedChange) -> str | None:
        """The first way to take it back that does, on the copy."""
        return next((undo.told() for undo in undos(change, self._target) if self._undoes(undo, change)), None)

    def _undoes(self, undo: Undo, change: GatedChange) -> bool:
        try:
            self._session.keep(undo.kept, undo.query)
            with self._changed(change.sql):
                return self._restores(undo)
        except (WarehouseError, _CannotRun):
            return False
        finally:
            self._session.drop(undo.kept)


class _CannotRun(Exception):
    """The database refuses the statement itself."""
