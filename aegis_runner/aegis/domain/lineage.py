"""The part of a project's graph that a report draws: what stands around its causes."""

from __future__ import annotations

from aegis.domain.base import Frozen


class LineageNode(Frozen):
    """A table or an exposure: its dbt unique id, what people call it, and dbt's word for its kind."""

    id: str
    name: str
    kind: str


class LineageGraph(Frozen):
    """``edges`` are pairs of unique ids: who is read, and who reads it. ``left_out`` is how many nodes more there are
    below the causes than are worth drawing."""

    nodes: tuple[LineageNode, ...] = ()
    edges: tuple[tuple[str, str], ...] = ()
    left_out: int = 0
