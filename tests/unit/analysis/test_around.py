"""What is drawn around causes."""

from __future__ import annotations

from aegis.analysis.around import lineage_around
from aegis.dbt.artifacts.schema import Manifest, Metadata, Node
from aegis.dbt.graph.lineage import Lineage
from aegis.domain.report import Cause, Exposure, Hop
from aegis.domain.severity import Severity


def graph(*edges: tuple[str, str]) -> tuple[Lineage, Manifest]:
    names = {name for edge in edges for name in edge}
    children = {name: tuple(other for one, other in edges if one == name) for name in names}
    parents = {name: tuple(one for one, other in edges if other == name) for name in names}
    nodes = {name: Node(unique_id=name, name=name.rpartition(".")[2]) for name in names}
    board = {name: Exposure(name="Weekly revenue") for name in names if name.startswith("exposure.")}
    return Lineage(children=children, parents=parents, exposures=board), Manifest(metadata=Metadata(), nodes=nodes)


def cause(*way: str) -> Cause:
    path = tuple(Hop(node=node, table=node, asked="") for node in way)
    return Cause(id="C1", title="t", severity=Severity.HIGH, finding_ids=("F1",), origin=way[0], path=path)


def test_the_way_two_levels_above_and_all_below_are_drawn_but_tests_and_strangers_are_not() -> None:
    lineage, manifest = graph(
        ("source.s.a", "model.s.b"), ("model.s.b", "model.s.c"), ("model.s.c", "model.s.d"), ("model.s.d", "model.s.e"),
        ("model.s.e", "exposure.s.x"), ("model.s.d", "test.s.t"), ("model.s.far", "model.s.b"),
        ("source.s.far", "model.s.far"), ("source.s.top", "source.s.far"), ("model.s.stranger", "model.s.alone"),
    )  # fmt: skip
    found = lineage_around([cause("model.s.c", "model.s.d")], lineage, manifest)
    assert found is not None
    assert {node.name for node in found.nodes} == {"a", "b", "c", "d", "e", "far", "Weekly revenue"}
    assert ("model.s.c", "model.s.d") in found.edges and ("model.s.e", "exposure.s.x") in found.edges
    assert {name for edge in found.edges for name in edge} <= {node.id for node in found.nodes}


def test_of_much_below_the_nearest_are_drawn_and_the_rest_counted() -> None:
    lineage, manifest = graph(*(("model.s.a", f"model.s.b{number}") for number in range(30)))
    found = lineage_around([cause("model.s.a")], lineage, manifest)
    assert found is not None
    assert (len(found.nodes), found.left_out) == (25, 6)


def test_without_causes_nothing_is_drawn() -> None:
    assert lineage_around([], *graph(("model.s.a", "model.s.b"))) is None
