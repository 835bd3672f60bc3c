"""Which columns identify rows or point at others: a fault there breaks joins, not just a value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from aegis.dbt.artifacts.schema import Manifest, Node
from aegis.dbt.artifacts.suite_rows import RowError, rules_of
from aegis.dbt.graph.generic_tests import tested_columns
from aegis.dbt.graph.nodes import node_under_test, type_of_test
from aegis.rules.lookup import traits_of
from aegis.rules.traits import Key

_CONSTRAINTS = {"primary_key": "primary key", "foreign_key": "foreign key"}


class KeyColumns:
    """The key columns of every node, and how each is known to be one."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._tested: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self._unique: defaultdict[str, set[str]] = defaultdict(set)
        self._filled: defaultdict[str, set[str]] = defaultdict(set)
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
            columns = tuple(rule.columns or ()) or ((rule.column_name,) if rule.column_name else ())
            self._note(about, rule.type, columns, f"{rule.type} rule", unique_alone=True)
        if metadata is not None and metadata.kind:
            columns = tested_columns(test)
            self._note(about, type_of_test(test), columns, f"{metadata.kind} test", unique_alone=False)

    def _note(self, about: str, kind: str, columns: tuple[str, ...], said: str, *, unique_alone: bool) -> None:
        """``unique_alone``: one unique column is a key without being required, too."""
        tested, traits = self._tested[about], traits_of(kind)
        key = traits.key if traits is not None else None
        for name in map(_folded, columns):
            match key:
                case Key.REFERS:
                    tested.setdefault(name, f"foreign key ({said})")
                case Key.REQUIRED:
                    self._filled[about].add(name)
                case Key.IDENTIFIES if len(columns) > 1:
                    tested.setdefault(name, f"part of a unique key ({said})")
                case Key.IDENTIFIES if unique_alone:
                    tested.setdefault(name, f"unique key ({said})")
                case Key.IDENTIFIES:
                    self._unique[about].add(name)

    def _roles_of(self, node_id: str) -> dict[str, str]:
        node = self._manifest.find(node_id)
        roles = dict(_constrained(node)) if node else {}
        for column, role in self._tested.get(node_id, {}).items():
            roles.setdefault(column, role)
        for column in sorted(self._unique.get(node_id, set()) & self._filled.get(node_id, set())):
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
