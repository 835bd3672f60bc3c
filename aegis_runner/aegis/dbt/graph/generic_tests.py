"""Generic tests as the rule that asks the same: ours by their arguments, others by the table `aegis.rules.foreign`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aegis.dbt.artifacts.schema import Node
from aegis.dbt.graph.nodes import arguments_of, type_of_test
from aegis.rules.foreign_arguments import exact
from aegis.rules.model import TOLERANCES, registry

# Arguments of ours that say who the rule is, what is tolerated and what people read, not what it asks.
_NOT_ASKED = frozenset(
    {"id", "severity", "level", "owner", "domain", "tags", "description", "runbook", "version", "status", "keys",
     "since", "time_column", "model", "column_name", *TOLERANCES}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class EquivalentRule:
    """A generic test as a rule.

    Attributes:
        type: The rule type.
        columns: Its columns, as the test names them.
        parameters: What else it is told.
        where: The rows that it looks at.
        reference: For a foreign key, the table as the test writes it and the column.
        newest: Whether it looks only at the newest rows.
    """

    type: str
    columns: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    where: str | None = None
    reference: tuple[str, str] | None = None
    newest: bool = False


def equivalent_rule(test: Node) -> EquivalentRule | None:
    """The rule that asks the same; None unless every argument of the test is understood."""
    package, _, name = type_of_test(test).rpartition(".")
    given = {key: value for key, value in arguments_of(test).items() if key != "name" and value is not None}
    column = tested_column(test)
    if column is not None:
        given["column_name"] = column
    like, meant = _ours(name, given) if package == "aegis" else _theirs(type_of_test(test), given)
    if like is None or meant is None:
        return None
    filters = [one for one in (test.config.where if test.config else None, meant.pop("where", None)) if one]
    newest = meant.pop("since", None) is not None
    columns = tuple(meant.pop("columns", ())) or ((column,) if column else ())
    table, named = meant.pop("reference_table", None), meant.pop("reference_column", None)
    if (table is None) != (named is None):
        return None
    return EquivalentRule(
        type=like,
        columns=columns,
        parameters=meant,
        where=filters[0] if len(filters) == 1 else " and ".join(f"({one})" for one in filters) or None,
        reference=None if table is None else (str(table), str(named).strip('"`').lower()),
        newest=newest,
    )


def _ours(name: str, given: Mapping[str, Any]) -> tuple[str | None, dict[str, Any] | None]:
    rule_type = registry().get(name)
    if rule_type is None or not given.keys() <= _NOT_ASKED | set(rule_type.takes()):
        return None, None
    kept = {key: exact(value) for key, value in given.items() if key not in _NOT_ASKED or key == "since"}
    return name, {key: value for key, value in kept.items() if key != "column"}


def _theirs(test: str, given: Mapping[str, Any]) -> tuple[str | None, dict[str, Any] | None]:
    from aegis.rules.foreign import foreign_test

    known = foreign_test(test)
    if known is None or known.like is None:
        return None, None
    meant = known.parameters(given)
    if meant is not None and "to" in meant:
        meant["reference_table"], meant["reference_column"] = meant.pop("to"), meant.pop("field", None)
    return known.like, meant


def tested_column(test: Node) -> str | None:
    """The one column that a test is about."""
    found = arguments_of(test).get("column_name") or test.column_name
    return found.strip('"`') if isinstance(found, str) else None


def tested_columns(test: Node) -> tuple[str, ...]:
    """The columns that a test is about, as far as it tells; an argument that is not understood does not hide them."""
    found, column = equivalent_rule(test), tested_column(test)
    return found.columns if found is not None else (column,) if column else ()
