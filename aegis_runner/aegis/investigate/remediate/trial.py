"""A fix is tried: gated, run on a copy of its table, and judged by what it did there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aegis.domain.report import Trial
from aegis.errors import RefusedError, WarehouseError
from aegis.investigate.remediate.case import relation_of
from aegis.investigate.remediate.laws import Seen, harm
from aegis.investigate.remediate.measure import Measure, Pair, State
from aegis.investigate.remediate.undo import undos
from aegis.sql.change import GatedChange, check_change
from aegis.warehouse.base import Relation, Sandbox

if TYPE_CHECKING:
    from aegis.dbt.shapes import Node
    from aegis.investigate.remediate.case import Case
    from aegis.sql.tables import TableRef
    from aegis.warehouse.base import SandboxSession


def gate(sql: str, case: Case) -> GatedChange:
    """A proposal as the one change of the case's table that it must be.

    Raises:
        RefusedError: It is not.
    """
    return check_change(sql, case.dialect, tables=[case.relation], allow=case.bench.allow)


def try_sql(sql: str, case: Case) -> Trial:
    """What a fix does, whoever wrote it. Nothing runs against the user's tables; no failure is raised: a fix that
    cannot be tried says why."""
    try:
        change = gate(sql, case)
    except RefusedError as refused:
        return Trial(verdict="refused", why=f"the SQL {refused.message}")
    warehouse = case.bench.meter.warehouse
    if not isinstance(warehouse, Sandbox):
        return _not_tried(f"there is no sandbox for {case.adapter}")
    try:
        relations = [*case.needed, *_read(change, case)]
    except RefusedError as refused:
        return Trial(verdict="refused", why=f"the SQL {refused.message}")
    try:
        with warehouse.sandbox(relations, case.bench.limits) as session:
            return _tried(change, case, session)
    except WarehouseError as error:
        return _not_tried(str(error))


def _not_tried(why: str) -> Trial:
    return Trial(verdict="not tried", why=why)


def _read(change: GatedChange, case: Case) -> list[Relation]:
    """The tables that the fix reads, as dbt knows them.

    Raises:
        RefusedError: dbt knows none of that name: it may be anything.
    """
    return [_known(one, case) for one in change.tables]


def _known(table: TableRef, case: Case) -> Relation:
    manifest = case.bench.manifest
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


def _tried(change: GatedChange, case: Case, session: SandboxSession) -> Trial:
    measure = Measure(case, session)
    before = measure.start()
    if before.failed is None:
        return _not_tried(f"the rule cannot be asked of a copy of {case.name}")
    if before.failed == 0:
        return Trial(verdict="useless", before=before.told(), why=f"the rule does not fail on {case.name}")
    session.begin()
    try:
        pairs = measure.pairs(change)
        session.execute(change.sql)
    except WarehouseError as error:
        session.rollback()
        return Trial(verdict="refused", before=before.told(), why=f"the database cannot run it: {error.message}")
    try:
        difference = measure.difference()
        after = measure.now()
    finally:
        session.rollback()
    unseen = tuple(one for one in _filled(pairs) if not measure.seen(one.column, one.new))
    seen = Seen(case, change, before, after, difference, pairs, unseen)
    verdict, why = _verdict(seen, measure)
    told = Trial(verdict=verdict, rows_changed=difference.changed, before=before.told(), after=after.told(), why=why)  # type: ignore[arg-type]
    return told.model_copy(update={"undo": _undo(change, case, session, measure)}) if difference.changed else told


def _filled(pairs: Sequence[Pair]) -> list[Pair]:
    """Values put in place of nothing."""
    return [one for one in pairs if one.new is not None and (one.old is None or not str(one.old).strip())]


def _verdict(seen: Seen, measure: Measure) -> tuple[str, str | None]:
    if not seen.difference.changed:
        return "useless", "it changes no row"
    broken = harm(seen)
    if broken is not None:
        return "harmful", broken
    before, after = seen.before.failed, seen.after.failed
    assert before is not None and after is not None  # the laws have seen to it
    if after == before:
        return "useless", "the rule fails for as many rows as before"
    if after:
        return "partial", f"{after:,} of {before:,} still fail"
    return _doubt(seen, measure)


def _doubt(seen: Seen, measure: Measure) -> tuple[str, str | None]:
    """A rule that passes, by means that a rule cannot see through, is no proof."""
    filled = _filled(seen.pairs)
    if filled:
        column = filled[0].column
        return "partial", f"the rule passes, but nothing tells whether what was put into {column} is right"
    if not measure.failing_known:
        return "partial", "the rule passes, but it does not tell which rows were wrong"
    if seen.change.kind == "insert":
        return "partial", "the rule passes, but nothing tells whether the rows that were added are right"
    return "verified", None


def _undo(change: GatedChange, case: Case, session: SandboxSession, measure: Measure) -> str | None:
    """The first way to take it back that does, on the copy."""
    for undo in undos(change, case):
        try:
            session.execute(undo.keep)
            session.execute(change.sql)
            for statement in undo.restore:
                session.execute(statement)
            proven = measure.restored()
        except WarehouseError:
            proven = False
        if proven:
            return undo.told()
        _reset(case, session, measure, undo.keep)
    return None


def _reset(case: Case, session: SandboxSession, measure: Measure, keep: str) -> None:
    """The copy as it was, after an undo that was none."""
    kept = keep.removeprefix("create table ").partition(" as select ")[0]
    session.execute(f"drop table if exists {kept}")
    session.execute(f"delete from {case.relation} where 1 = 1")
    session.execute(f"insert into {case.relation} select * from {measure.before}")


__all__ = ["State", "gate", "try_sql"]
