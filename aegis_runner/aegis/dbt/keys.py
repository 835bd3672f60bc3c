"""Which columns identify rows or point at others: a fault there breaks joins, not just a value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from aegis.dbt.nodes import node_under_test
from aegis.dbt.shapes import Manifest, Node
from aegis.dbt.suites import RowError, rules_of

# By test name, in any package, and by Aegis rule type.
_UNIQUE_TOGETHER = {"unique_combination_of_columns": "combination_of_columns", "composite_unique": "columns"}
_FOREIGN = frozenset({"relationships", "relationships_where", "foreign_key"})
_CONSTRAINTS = {"primary_key": "primary key", "foreign_key": "foreign key"}


class KeyColumns:
    """The key columns of every node, and how each is known to be one."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._tested: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self._plain: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._roles: dict[str, dict[str, str]] = {}
        for node in manifest.nodes.values():
            if node.resource_type == "test":
                self._learn(node)

    def role(self, node_id: str | None, column: str | None) -> str | None:
        """For example ``primary key (constraint)``; of several columns (``a, b``) the first that is a key."""
        if node_id is None or not column:
            return None
        if node_id not in self._roles:
            self._roles[node_id] = self._roles_of(node_id)
        roles = self._roles[node_id]
        for name in (column, *column.split(",")):
            role = roles.get(_folded(name))
            if role is not None:
                return role
        return None

    def _learn(self, test: Node) -> None:
        """Read one test: a suite's rules, or a generic test."""
        try:
            rules = rules_of(test)
        except RowError:
            # Reported with the results.
            rules = None
        metadata = test.test_metadata
        if rules is None and metadata is None:
            return
        about = node_under_test(self._manifest, test)
        if about is None:
            return
        for rule in rules or ():
            self._note(about, rule.type, rule.column_name, list(rule.columns or ()), "rule")
        if metadata is not None and metadata.kind:
            listed = (metadata.kwargs or {}).get(_UNIQUE_TOGETHER.get(metadata.kind, ""))
            self._note(about, metadata.kind, test.column_name, _strings(listed), "test")

    def _note(self, about: str, kind: str, column: str | None, together: list[str], by: str) -> None:
        tested = self._tested[about]
        if kind in _UNIQUE_TOGETHER:
            for name in together:
                tested.setdefault(_folded(name), f"part of a unique key ({kind} {by})")
        elif column and kind in _FOREIGN:
            tested.setdefault(_folded(column), f"foreign key ({kind} {by})")
        elif column and kind == "unique" and by == "rule":
            tested.setdefault(_folded(column), "unique key (unique rule)")
        elif column and kind in ("unique", "not_null"):
            self._plain[about][_folded(column)].add(kind)

    def _roles_of(self, node_id: str) -> dict[str, str]:
        node = self._manifest.find(node_id)
        roles = dict(_constrained(node)) if node else {}
        for column, role in self._tested.get(node_id, {}).items():
            roles.setdefault(column, role)
        for column, kinds in self._plain.get(node_id, {}).items():
            if {"unique", "not_null"} <= kinds:
                roles.setdefault(column, "unique key (unique and not_null tests)")
        return roles


def _constrained(node: Node) -> Iterator[tuple[str, str]]:
    """From constraints of the contract, and from the key dbt works out itself (``primary_key``, since 1.8)."""
    for name in node.primary_key or ():
        yield _folded(name), "primary key (dbt)"
    for constraint in node.constraints or ():
        role = _CONSTRAINTS.get(constraint.type or "")
        for name in constraint.columns or () if role else ():
            yield _folded(name), f"{role} (constraint)"
    for key, column in (node.columns or {}).items():
        kinds = {constraint.type for constraint in column.constraints or ()}
        for kind, role in _CONSTRAINTS.items():
            if kind in kinds:
                yield _folded(column.name or key), f"{role} (constraint)"
        if {"unique", "not_null"} <= kinds:
            yield _folded(column.name or key), "unique key (constraints)"


def _folded(name: str) -> str:
    return name.strip().strip('"`[]').casefold()


def _strings(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
