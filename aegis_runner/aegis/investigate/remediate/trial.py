"""A fix is tried: gated, run on a copy of its table, and judged by what it did there."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from pydantic import JsonValue

from aegis.domain.kinds import Verdict
from aegis.domain.report import Trial
from aegis.domain.text import plural, plural_of
from aegis.errors import RefusedError, WarehouseError
from aegis.investigate.query_budget import BudgetExceeded
from aegis.investigate.remediate.measure import Measure, Pair
from aegis.investigate.remediate.safety import TrialOutcome, harm
from aegis.investigate.remediate.target import relation_of
from aegis.investigate.remediate.undo import undos
from aegis.rules.traits import Carry
from aegis.sql.change import GatedChange, check_change
from aegis.warehouse.base import Relation, Sandbox

if TYPE_CHECKING:
    from aegis.dbt.artifacts.schema import Node
    from aegis.investigate.remediate.target import FixTarget
    from aegis.sql.tables import TableRef
    from aegis.warehouse.base import SandboxSession


def gate(sql: str, target: FixTarget) -> GatedChange:
    """A proposal as the one change of the table that it must be.

    Raises:
        RefusedError: It is not.
    """
    return check_change(sql, target.dialect, tables=[target.relation], allow=target.bench.allow)


class Trials:
    """Tries fixes of one table, one after another, each on the table as it was. Use it as a context: the copies are
    made when they are first needed, and go at its end."""

    def __init__(self, target: FixTarget) -> None:
        self._target = target
        self._open: dict[frozenset[Relation], tuple[ExitStack, SandboxTrial]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for relations in list(self._open):
            self._close(relations)

    def try_sql(self, sql: str) -> Trial:
        """What a fix does, whoever wrote it. Nothing runs against the user's tables; no failure is raised: a fix that
        cannot be tried says why."""
        target = self._target
        try:
            change = gate(sql, target)
            if change.kind == "delete" and target.removal is not None:
                return _not_tried(f"{target.name} {target.removal}")
            relations = frozenset([*target.needed, *_read(change, target)])
        except RefusedError as refused:
            return Trial(verdict=Verdict.REFUSED, why=f"the SQL {refused.message}")
        if not isinstance(target.bench.budget.warehouse, Sandbox):
            return _not_tried(f"there is no sandbox for {target.adapter}")
        try:
            return self._workbench(relations, target.bench.budget.warehouse).tried(change)
        except WarehouseError as error:
            self._close(relations)
            return _not_tried(str(error))

    def _workbench(self, relations: frozenset[Relation], warehouse: Sandbox) -> SandboxTrial:
        if relations not in self._open:
            try:
                self._copy(relations, relations | set(self._target.wanted), warehouse)
            except WarehouseError:
                # Tables that only other rules read may be missing (never built) or too large: these go unasked.
                fit = {one for one, text in self._target.wanted.items() if self._fits(text)}
                self._copy(relations, relations | fit, warehouse)
        return self._open[relations][1]

    def _fits(self, table: str) -> bool:
        bench = self._target.bench
        try:
            rows = bench.budget.ask(f"select count(*) from {table}", "can it be copied for a trial?", 1).rows
        except (BudgetExceeded, WarehouseError):
            return False
        return int(str(rows[0][0])) <= bench.limits.rows

    def _copy(self, needed: frozenset[Relation], relations: frozenset[Relation], warehouse: Sandbox) -> None:
        with ExitStack() as stack:
            copies = warehouse.sandbox(sorted(relations, key=str), self._target.bench.limits)
            made = SandboxTrial(self._target, stack.enter_context(copies))
            self._open[needed] = (stack.pop_all(), made)

    def _close(self, relations: frozenset[Relation]) -> None:
        stack, _ = self._open.pop(relations, (ExitStack(), None))
        stack.close()


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
    """Copies of the tables, and what they were like before any fix."""

    def __init__(self, target: FixTarget, session: SandboxSession) -> None:
        self._target = target
        self._session = session
        self._measure = Measure(target, session)
        self._before = self._measure.start()

    def tried(self, change: GatedChange) -> Trial:
        target, measure, before = self._target, self._measure, self._before
        if before.failed is None:
            return _not_tried(f"the rule cannot be checked on a copy of {target.name}")
        if before.failed == 0:
            return Trial(verdict=Verdict.USELESS, before=before.told(), why=f"the rule does not fail on {target.name}")
        self._session.begin()
        try:
            seen = self._run(change)
        except _CannotRun as error:
            return Trial(verdict=Verdict.REFUSED, before=before.told(), why=f"the database cannot run it: {error}")
        finally:
            self._session.rollback()
        unseen = tuple(one for one in made_up(seen) if not measure.seen(one.column, one.new))
        seen = replace(seen, unseen=unseen)
        verdict, why = _verdict(seen, measure)
        return Trial(
            verdict=verdict, rows_changed=seen.difference.changed, before=before.told(), after=seen.after.told(),
            why=why, undo=self._undo(change) if verdict.helps else None,
        )  # fmt: skip

    def _run(self, change: GatedChange) -> TrialOutcome:
        try:
            self._session.execute(change.sql)
        except WarehouseError as error:
            raise _CannotRun(error.message) from error
        difference = self._measure.difference()
        pairs = self._measure.pairs(change) if difference.changed else ()
        after = self._measure.now() if difference.changed else self._before
        return TrialOutcome(self._target, change, self._before, after, difference, pairs)

    def _undo(self, change: GatedChange) -> str | None:
        """The first way to take it back that does, on the copy."""
        for undo in undos(change, self._target):
            try:
                self._session.keep(undo.kept, undo.query)
                for statement in (change.sql, *undo.restore):
                    self._session.execute(statement)
                proven = self._measure.restored()
            except WarehouseError:
                proven = False
            self._session.drop(undo.kept)
            if proven:
                return undo.told()
            self._measure.reset()
        return None


class _CannotRun(Exception):
    """The database refuses the statement itself."""


def filled(seen: TrialOutcome) -> list[Pair]:
    """Values put in place of nothing."""
    return [one for one in seen.pairs or () if not _nothing(one.new) and _nothing(one.old)]


def made_up(seen: TrialOutcome) -> list[Pair]:
    """Of these, the ones that come from nowhere: constants, or one value for several rows of which nothing was read."""
    put = filled(seen)
    alone = seen.change.simple and not _others_read(seen)
    values = {column: {str(one.new) for one in put if one.column == column} for column in seen.change.columns}
    several = {one.column for one in put if one.rows > 1 and len(values[one.column]) == 1}
    return [one for one in put if one.column in seen.change.constants or (alone and one.column in several)]


def _others_read(seen: TrialOutcome) -> bool:
    """Whether the change reads another table, which may know what is missing."""
    own = relation_of(seen.target.node).name.lower()
    return any(one.name.lower() != own for one in seen.change.tables)


def _nothing(value: JsonValue) -> bool:
    return value is None or not str(value).strip()


def _verdict(seen: TrialOutcome, measure: Measure) -> tuple[Verdict, str | None]:
    if not seen.difference.changed:
        return Verdict.USELESS, "it changes no row"
    broken = harm(seen)
    if broken is not None:
        return Verdict.HARMFUL, broken
    before, after = seen.before.failed, seen.after.failed
    assert before is not None and after is not None  # the laws have seen to it
    if after == before:
        return Verdict.USELESS, "the rule fails for as many rows as before"
    if after:
        return Verdict.PARTIAL, f"{after:,} of {before:,} still fail"
    return _doubt(seen, measure)


def _doubt(seen: TrialOutcome, measure: Measure) -> tuple[Verdict, str | None]:
    """A rule that passes, by means that a rule cannot see through, is no proof."""
    put = [one for one in filled(seen) if one.column in seen.change.constants or not _others_read(seen)]
    # Of rows that share a key, only exact copies are one row too many.
    lost = seen.difference.lost if seen.change.kind == "delete" and seen.target.symptom.carry is Carry.UNIQUENESS else 0
    doubts = {
        "it is not known which value replaced which": seen.pairs is None,
        f"nothing shows that the values written to {put[0].column if put else ''} are right": bool(put),
        "rows were deleted rather than repaired": seen.change.kind == "delete" and not _fixed_by_delete(seen.target),
        f"it loses data: {plural(lost, 'row')} that {plural_of(lost, 'differs', 'differ')}": lost > 0,
        "the rule does not say which rows were wrong": not measure.failing_known,
        "nothing shows that the added rows are right": seen.change.kind in ("insert", "merge")
        and seen.difference.new > seen.difference.gone,
    }
    doubt = next((said for said, there in doubts.items() if there), None)
    if doubt is not None:
        return Verdict.PARTIAL, f"the rule passes, but {doubt}"
    unasked = [rule for rule, failed in seen.before.others.items() if failed is None]
    return Verdict.VERIFIED, f"not checked, because they cannot run there: {', '.join(unasked)}" if unasked else None


def _fixed_by_delete(target: FixTarget) -> bool:
    """Whether the rule is about rows that should not be there, and not about a value in a row that should."""
    return target.symptom.traits is not None and target.symptom.traits.fixed_by_delete
