"""A table as it would be without a fault, as a query: what a fault is taken away with, to look again."""

from __future__ import annotations

from collections.abc import Sequence

from aegis.dbt.graph.column_flow import ColumnRef
from aegis.dbt.suites.render import quoted
from aegis.errors import WarehouseError
from aegis.investigate.checks import CheckRunner
from aegis.investigate.query_budget import to_count
from aegis.investigate.symptoms import Symptom
from aegis.rules.traits import Carry
from aegis.rules.types.completeness import NotNull


def healed(symptom: Symptom, checks: CheckRunner, columns: Sequence[str] = ()) -> str | None:
    """The node's rows without the fault: a NULL has a value of the same column in its place, a value without a partner
    one that has one, of several rows with one key the first is kept, others that fail are left out. None where that
    cannot be told row by row. ``columns`` are the node's, where they are known.

    Raises:
        BudgetExceeded: No more may be asked.
    """
    here = checks.relation(symptom.node)
    if here is None:
        return None
    if not symptom.where and symptom.carry is Carry.UNIQUENESS:
        return _each_key_once(symptom, here, checks.dialect, _columns(symptom.node, checks, columns))
    if not symptom.where and symptom.type == NotNull.type:
        return _filled(symptom, here, checks, _columns(symptom.node, checks, columns))
    if not symptom.where and symptom.reference is not None:
        return _matched(symptom, symptom.reference, here, checks, _columns(symptom.node, checks, columns))
    failing = checks.condition(symptom)
    return None if failing is None else f"select * from {here} where not coalesce(({failing}), false)"


def _each_key_once(symptom: Symptom, here: str, dialect: str, every: list[str]) -> str | None:
    keys = [quoted(dialect, column) for column in symptom.columns]
    names = ", ".join(keys)
    numbered = f"select *, row_number() over (partition by {names} order by {names}) as aegis_copy from {here}"
    # Of one column, NULLs are no duplicates.
    blank = f" or {names} is null" if len(keys) == 1 else ""
    return f"select {', '.join(every)} from ({numbered}) as numbered where aegis_copy = 1{blank}" if every else None


def _filled(symptom: Symptom, here: str, checks: CheckRunner, every: list[str]) -> str | None:
    name = quoted(checks.dialect, symptom.columns[0])
    try:
        some = to_count(checks.row(f"select count({name}) from {here}", "is there a value?")[0])
    except WarehouseError:
        return None
    if not some:  # then there is none to put in their place, and all rows fail
        return f"select * from {here} where {name} is not null"
    value = f"(select {name} from {here} where {name} is not null limit 1)"
    filled = [f"coalesce({one}, {value}) as {one}" if one.lower() == name.lower() else one for one in every]
    return f"select {', '.join(filled)} from {here}" if every else None


def _matched(symptom: Symptom, reference: ColumnRef, here: str, checks: CheckRunner, every: list[str]) -> str | None:
    """A value that has no partner has one that there is in its place: its row stays, as it does in a join."""
    there, name = checks.relation(reference.node), quoted(checks.dialect, symptom.columns[0])
    target = quoted(checks.dialect, reference.column)
    known = f"select {target} from {there} where {target} is not null"
    odd = f"{name} is not null and {name} not in ({known})"
    put = f"case when {odd} then ({known} limit 1) else {name} end as {name}"
    names = [put if one.lower() == name.lower() else one for one in every]
    return f"select {', '.join(names)} from {here}" if every and there is not None else None


def _columns(node: str, checks: CheckRunner, known: Sequence[str]) -> list[str]:
    """None of them if the warehouse does not tell."""
    try:
        return [quoted(checks.dialect, column) for column in known or checks.columns(node)]
    except WarehouseError:
        return []
