"""What a project promises to be unique: its rules, its tests and its constraints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import msgspec

from aegis.dbt.artifacts.schema import Manifest, Node
from aegis.dbt.artifacts.suite_meta import suite_section
from aegis.dbt.graph.generic_tests import equivalent_rule
from aegis.dbt.graph.nodes import node_under_test
from aegis.rules.lookup import traits_of
from aegis.rules.traits import Key

UniqueSets = Mapping[str, frozenset[frozenset[str]]]
"""By node: sets of columns, in lower case, of which no two rows have the same."""

_CONSTRAINTS = frozenset({"primary_key", "unique"})


def unique_sets(manifest: Manifest) -> UniqueSets:
    """What is promised for all rows of a node; a test that looks at some of them promises nothing of the others."""
    found: defaultdict[str, set[frozenset[str]]] = defaultdict(set)
    for node in manifest.nodes.values():
        if node.resource_type == "test":
            about = node_under_test(manifest, node)
            if about is not None:
                found[about].update(_tested(node))
        else:
            found[node.unique_id].update(_constrained(node))
    return {node: frozenset(sets - {frozenset()}) for node, sets in found.items() if sets - {frozenset()}}


def _tested(test: Node) -> Iterator[frozenset[str]]:
    section = suite_section(test)
    if section is not None:
        try:
            rules = section.arguments()
        except msgspec.DecodeError:
            return  # reported with the results
        for rule in rules:
            if _identifies(str(rule.get("type"))) and not rule.get("where") and not rule.get("since"):
                yield _set(*map(str, rule.get("columns") or [rule.get("column") or ""]))
        return
    found = equivalent_rule(test)
    if found is not None and found.where is None and not found.newest and _identifies(found.type):
        yield _set(*found.columns)


def _identifies(kind: str) -> bool:
    traits = traits_of(kind)
    return traits is not None and traits.key is Key.IDENTIFIES


def _constrained(node: Node) -> Iterator[frozenset[str]]:
    key = node.config.unique_key if node.config is not None else None
    if key and node.config is not None and node.config.materialized == "incremental":  # new rows replace old ones
        yield _set(*([key] if isinstance(key, str) else key))
    for constraint in node.constraints or ():
        if constraint.type in _CONSTRAINTS:
            yield _set(*(constraint.columns or ()))
    for key, column in (node.columns or {}).items():
        if any(constraint.type in _CONSTRAINTS for constraint in column.constraints or ()):
            yield _set(column.name or key)


def _set(*names: str) -> frozenset[str]:
    return frozenset(name.strip().strip('"`[]').casefold() for name in names if name)
