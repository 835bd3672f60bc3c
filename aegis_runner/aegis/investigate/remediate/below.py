"""What a fix does to the tables below: how many rows they would have, and what their numbers would add up to.

Computed from the compiled SQL of the tables between, once with the table as it is and once as it would be, in one
query. What was built from it earlier is no measure: it may be older.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from aegis.dbt.graph.nodes import table_name
from aegis.domain.proposals import Effect
from aegis.errors import WarehouseError
from aegis.investigate.query_budget import BudgetExceeded, to_count

if TYPE_CHECKING:
    from aegis.dbt.artifacts.schema import Node
    from aegis.investigate.made import Recipes
    from aegis.investigate.remediate.target import FixTarget
    from aegis.sql.change import GatedChange

MOST_BELOW = 8
"""So many tables, the nearest, are measured."""
_MOST_SUMS = 12
_NUMBER = re.compile(
    r"(u?(tiny|small|medium|big|huge)?int(eger)?\d*|(big)?numeric|(big)?decimal|number|float\d*|double|real)\b"
)
# The sum of a key says nothing.
_KEY = re.compile(r"(.*_)?(id|key|sk|pk|fk|hash)", re.IGNORECASE)
_SAME = 1e-9


def effects(change: GatedChange, target: FixTarget, *, foreseen: bool) -> tuple[Effect, ...]:
    """The nearest tables below that of a change, with what it does there.

    Args:
        change: An UPDATE or DELETE that was tried.
        target: Its table.
        foreseen: Whether the trial showed that the change does to rows what its condition and its values say.
    """
    recipes = target.bench.recipes
    if recipes is None:
        return ()
    found = list(_below(target, recipes))[:MOST_BELOW]
    if not foreseen:
        return tuple(_not_told(node, "what the fix changes cannot be told by a query") for node in found)
    every = [target.quoted(name) for name in target.columns]
    now, then = f"select {', '.join(every)} from {target.relation}", _changed(change, target)
    return tuple(_effect(node, now, then, target, recipes) for node in found)


def _below(target: FixTarget, recipes: Recipes) -> Iterator[Node]:
    """Tables and views; what an ephemeral model does stands in their SQL."""
    for uid in recipes.lineage.downstream(target.node.unique_id):
        node = target.bench.manifest.find(uid)
        if node is not None and node.resource_type in ("model", "snapshot") and node.relation_name:
            yield node


def _changed(change: GatedChange, target: FixTarget) -> str:
    """The table with the change, as a query."""
    called = change.alias or target.called
    hit = f"coalesce(({change.predicate}), false)"
    new = {column.lower(): value for column, value in change.assigned.items()}
    columns = []
    for name, kind in target.columns.items():
        column, value = target.quoted(name), new.get(name.lower())
        old = f"{called}.{column}"
        columns.append(
            f"{old} as {column}"
            if value is None
            else f"case when {hit} then cast({value} as {kind}) else {old} end as {column}"
        )
    alias = f" as {change.alias}" if change.alias else ""
    left = f" where not {hit}" if change.kind == "delete" else ""
    return f"select {', '.join(columns)} from {target.relation}{alias}{left}"


def _effect(node: Node, now: str, then: str, target: FixTarget, recipes: Recipes) -> Effect:
    at = target.node.unique_id
    made = [recipes.made_with(node.unique_id, at, rows) for rows in (now, then)]
    if None in made:
        return _not_told(node, "no query gives all rows there")
    try:
        numbers = _numbers(node, target)
        sums = "".join(f", sum({target.quoted(name)})" for name in numbers)
        sql = " union all ".join(
            f"select {place} as aegis_place, count(*) as aegis_rows{sums} from ({query}) as aegis_made"
            for place, query in enumerate(made)
        )
        question = f"what does the fix do to {table_name(node) or node.unique_id}?"
        rows = sorted(target.bench.budget.ask(sql, question, 2).rows, key=lambda row: to_count(row[0]))
    except (WarehouseError, BudgetExceeded) as error:
        return _not_told(node, str(error))
    before, after = ([_number(value) for value in row[2:]] for row in rows)
    different = {name: pair for name, *pair in zip(numbers, before, after, strict=True) if not _same(pair[0], pair[1])}
    return Effect(
        node=node.unique_id, table=table_name(node) or node.unique_id, rows_before=to_count(rows[0][1]),
        rows_after=to_count(rows[1][1]), sums={name: (one, other) for name, (one, other) in different.items()},
    )  # fmt: skip


def _not_told(node: Node, why: str) -> Effect:
    return Effect(node=node.unique_id, table=table_name(node) or node.unique_id, why=why)


def _numbers(node: Node, target: FixTarget) -> list[str]:
    """The columns of numbers that are no keys, nor personal."""
    types, table = target.bench.checks.types(node.unique_id), table_name(node)
    found = [name for name, kind in types.items() if _NUMBER.match(kind) and not kind.endswith("]")]
    return [name for name in found if not _KEY.fullmatch(name) and not target.bench.personal(name, table)][:_MOST_SUMS]


def _number(value: object) -> float | None:
    """As JSON has numbers: a sum may be a decimal."""
    number = None if value is None else float(str(value))
    if number is None or not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number


def _same(one: float | None, other: float | None) -> bool:
    """The order of rows is not the same in both, and floats add up a little differently then."""
    return one == other or (one is not None and other is not None and math.isclose(one, other, rel_tol=_SAME))
