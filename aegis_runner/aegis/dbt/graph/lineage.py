"""The project's graph, and what depends on a node. Iterative, so neither depth nor a cycle can stop it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from aegis.dbt.artifacts.schema import ExposureNode, Manifest, Resource
from aegis.dbt.graph.nodes import owner_text
from aegis.domain.report import BlastRadius, Exposure

_TESTS = ("test.", "unit_test.")
_TABLES = ("model.", "snapshot.", "seed.")


@dataclass(frozen=True, slots=True)
class Lineage:
    """Who reads whom, by unique id. Nodes without children (parents) need no entry."""

    children: Mapping[str, tuple[str, ...]]
    parents: Mapping[str, tuple[str, ...]]
    exposures: Mapping[str, Exposure]
    _radii: dict[tuple[str, ...], BlastRadius] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, manifest: Manifest) -> Lineage:
        """From ``parent_map`` or ``child_map``; where the manifest has neither, from what each node depends on."""
        parents = manifest.parent_map
        children = manifest.child_map
        if parents is None:
            parents = _turned(children) if children is not None else _declared(manifest)
        if children is None:
            children = _turned(parents)
        return cls(
            children={uid: tuple(dict.fromkeys(below)) for uid, below in children.items()},
            parents={uid: tuple(dict.fromkeys(above)) for uid, above in parents.items()},
            exposures={uid: _exposure(uid, node) for uid, node in (manifest.exposures or {}).items()},
        )

    def downstream(self, *starts: str) -> tuple[str, ...]:
        """Everything below the starts, nearest first, without them."""
        return _reach(self.children, starts)

    def upstream(self, *starts: str) -> tuple[str, ...]:
        """Everything above the starts, nearest first, without them."""
        return _reach(self.parents, starts)

    def way_up(self, starts: Sequence[str], end: str) -> tuple[str, ...]:
        """The shortest way from any of the starts up to a node, with both; nothing where there is none."""
        came: dict[str, str | None] = dict.fromkeys(starts)
        waiting = list(came)
        for node in waiting:
            if node == end:
                way = [node]
                while (below := came[way[-1]]) is not None:
                    way.append(below)
                return tuple(reversed(way))
            new = [parent for parent in self.parents.get(node, ()) if parent not in came]
            came |= dict.fromkeys(new, node)
            waiting += new
        return ()

    def blast_radius(self, *starts: str) -> BlastRadius:
        """What depends on the starts. Tests of the starts themselves are among the tests."""
        key = tuple(sorted(set(starts)))
        if key not in self._radii:
            below = self.downstream(*key)
            self._radii[key] = BlastRadius(
                models=tuple(uid for uid in below if uid.startswith(_TABLES)),
                exposures=tuple(self._exposure(uid) for uid in below if uid.startswith("exposure.")),
                tests=tuple(uid for uid in below if uid.startswith(_TESTS)),
            )
        return self._radii[key]

    def _exposure(self, unique_id: str) -> Exposure:
        known = self.exposures.get(unique_id)
        return known if known is not None else Exposure(name=unique_id.rpartition(".")[2])


def _reach(edges: Mapping[str, tuple[str, ...]], starts: Iterable[str]) -> tuple[str, ...]:
    frontier = list(dict.fromkeys(starts))
    seen = set(frontier)
    found: list[str] = []
    while frontier:
        following = []
        for uid in frontier:
            for neighbour in edges.get(uid, ()):
                if neighbour not in seen:
                    seen.add(neighbour)
                    following.append(neighbour)
        found.extend(following)
        frontier = following
    return tuple(found)


def _turned(edges: Mapping[str, list[str]]) -> dict[str, list[str]]:
    turned: defaultdict[str, list[str]] = defaultdict(list)
    for start, ends in edges.items():
        for end in ends:
            turned[end].append(start)
    return dict(turned)


def _declared(manifest: Manifest) -> dict[str, list[str]]:
    shelves: tuple[Mapping[str, Resource] | None, ...] = (
        manifest.nodes,
        manifest.unit_tests,
        manifest.exposures,
        manifest.metrics,
        manifest.semantic_models,
        manifest.saved_queries,
    )
    return {
        uid: list(node.depends_on.nodes or ()) if node.depends_on else []
        for shelf in shelves
        for uid, node in (shelf or {}).items()
    }


def _exposure(unique_id: str, node: ExposureNode) -> Exposure:
    name = node.label or node.name or unique_id.rpartition(".")[2]
    return Exposure(name=name, type=node.type, owner=owner_text(node.owner))
