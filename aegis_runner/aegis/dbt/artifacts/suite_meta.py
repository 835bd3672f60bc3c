"""What a suite's node says of itself: ``meta.aegis``, with its table, rules, references and keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from aegis.dbt.artifacts.schema import Node


def suite_section(node: Node) -> Mapping[str, Any] | None:
    """``meta.aegis`` of a suite, wherever this dbt keeps it; ``None`` where a node carries no rules."""
    for meta in (node.config.meta if node.config else None, node.meta):
        section = meta.get("aegis") if meta else None
        if isinstance(section, Mapping) and "rules" in section:
            return section
    return None


def suite_arguments(section: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rules of a suite, as `Rule.arguments` gives them.

    They are JSON text in one string: dbt 1 turns a node's meta into a protobuf message for each of its events, so a
    list of mappings costs it ten milliseconds a suite.

    Raises:
        msgspec.DecodeError: They are not what `aegis compile` writes.
    """
    rules = section["rules"]
    if isinstance(rules, str):
        return msgspec.json.decode(rules, type=list[dict[str, Any]])
    return msgspec.convert(rules, list[dict[str, Any]])
