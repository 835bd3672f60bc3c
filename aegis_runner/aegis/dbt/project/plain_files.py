"""Files of models whose only Jinja is ``config``, ``ref`` and ``source``: what they come to, without rendering.

Jinja may run queries and read the environment, so a text that nobody has approved is never rendered. What is this plain
can be put together by hand.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aegis.dbt.graph.nodes import calls, named_by

if TYPE_CHECKING:
    from aegis.dbt.artifacts.schema import Manifest, Node

_CONFIG = re.compile(r"\{\{-?\s*config\s*\([^{}]*\)\s*-?\}\}")
_READS = re.compile(r"\{\{-?\s*((?:ref|source)\s*\([^(){}]*\))\s*-?\}\}")
_JINJA = ("{{", "{%", "{#")
_TABLES = frozenset({"model", "seed", "snapshot", "source"})


def plain_sql(text: str, manifest: Manifest) -> str | None:
    """The SQL of a file; None if there is other Jinja in it, or dbt knows nothing of what it reads."""
    found = _CONFIG.sub("", text)
    for match in reversed(list(_READS.finditer(found))):
        relation = _relation(match[1], manifest)
        if relation is None:
            return None
        found = found[: match.start()] + relation + found[match.end() :]
    return None if any(mark in found for mark in _JINJA) else found.strip()


def is_plain(node: Node, compiled: str | None, manifest: Manifest) -> bool:
    """Whether the node's file comes to just what dbt made of it."""
    made = None if node.sql is None or compiled is None else plain_sql(node.sql, manifest)
    return made is not None and compiled is not None and made.split() == compiled.split()


def same_config(one: str, other: str) -> bool:
    """Whether two files say the same of how their model is made."""
    return [call.split() for call in _CONFIG.findall(one)] == [call.split() for call in _CONFIG.findall(other)]


def without_jinja(sql: str, file: str) -> str:
    """SQL that nobody has approved as a file that dbt may render: the config of the file that is there, and no other
    Jinja."""
    return "\n".join([*_CONFIG.findall(file), "{% raw %}", sql, "{% endraw %}"])


def _relation(call: str, manifest: Manifest) -> str | None:
    named = list(calls(call))
    if len(named) != 1:
        return None
    fitting = {one.relation_name for one in tables_in(manifest) if named_by(one, named[0])}
    return fitting.pop() if len(fitting) == 1 else None


def tables_in(manifest: Manifest) -> list[Node]:
    """Everything that can be read."""
    nodes = [*manifest.nodes.values(), *(manifest.sources or {}).values()]
    return [node for node in nodes if node.resource_type in _TABLES]
