"""What the warehouse tells of one table: its columns, and whether its rows may be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aegis.dbt.suites.columns import columns_of
from aegis.dbt.suites.fixable import Fixable, fixable
from aegis.dbt.suites.render import RenderedRelation
from aegis.investigate.query_budget import QueryBudget

if TYPE_CHECKING:
    from aegis.dbt.artifacts.schema import Node


def column_types(node: Node, budget: QueryBudget) -> dict[str, str]:
    """The columns of a node's table, name to type in lower case.

    Raises:
        BudgetExceeded: No more may be asked.
        WarehouseError: There is no such table.
    """
    found = columns_of(budget.dialect, _place(node), lambda sql, most: budget.ask(sql, "the table's columns", most))
    return {one["name"]: one["type"].lower() for one in found}


def is_fixable(node: Node, budget: QueryBudget) -> Fixable:
    """Whether the rows of a node's table may be changed by a fix that was tried on a copy; errors as of
    `column_types`."""
    return fixable(budget.dialect, _place(node), lambda sql, most: budget.ask(sql, "is it a plain table?", most))


def _place(node: Node) -> RenderedRelation:
    name = node.identifier or node.alias or node.name or ""
    return RenderedRelation(node.database, node.schema_, name, str(node.relation_name))
