"""How tables are made of one another: a node's SQL with other rows at a node above it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aegis.dbt.graph.lineage import Lineage
from aegis.investigate.asking import Asker

_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Recipes:
    """What tables are made of.

    Attributes:
        lineage: Which nodes a node reads.
        compiled: The compiled SQL of a node; None where it is not known.
        asker: Knows what SQL calls the nodes.
    """

    lineage: Lineage
    compiled: Callable[[str], str | None]
    asker: Asker

    def made_with(self, node: str, at: str, by: str, sql: str | None = None) -> str | None:
        """The SQL of a node where the node ``at``, above it or itself, is made ``by`` other SQL; None where that is not
        known. ``sql`` is the node's own, where it is not the compiled one."""
        return self._made(node, at, by, 0, sql)

    def _made(self, node: str, at: str, by: str, depth: int, sql: str | None = None) -> str | None:
        if node == at:
            return by
        sql = sql if sql is not None else self.compiled(node)
        between = [one for one in self._inputs(node) if one == at or at in self.lineage.upstream(one)]
        # A dependency that is said, as in a comment for dbt, is not read.
        read = [parent for parent in between if sql is not None and self.asker.mentions(sql, parent)]
        rows = {parent: self._made(parent, at, by, depth + 1) for parent in read} if depth < _DEEPEST else {}
        known = {parent: query for parent, query in rows.items() if query is not None}
        return None if sql is None or len(known) < len(read) else self.asker.rewired(node, sql, known)

    def _inputs(self, node: str) -> Iterator[str]:
        """The tables that its SQL reads; that of an ephemeral model stands in it."""
        for parent in self.lineage.parents.get(node, ()):
            if self.asker.relation(parent) is None:
                yield from self._inputs(parent)
            else:
                yield parent
