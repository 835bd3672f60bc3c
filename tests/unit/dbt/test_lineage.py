from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest

from aegis.dbt.artifacts.read import read_manifest
from aegis.dbt.graph.lineage import Lineage
from aegis.domain.report import Exposure
from tests.unit.dbt.targets import ENGINES, Document, generic_test, metadata, model, node, recorded, write_target


def _lineage(tmp_path: Path, *nodes: Document, **parts: object) -> Lineage:
    return Lineage.of(read_manifest(write_target(tmp_path, nodes, manifest={"metadata": metadata(), **parts}))[0])


def _chain(length: int, *, cycle: bool = False) -> Lineage:
    names = [f"model.shop.m{number}" for number in range(length)]
    edges = {above: (below,) for above, below in itertools.pairwise(names)}
    if cycle:
        edges[names[-1]] = (names[0],)
    return Lineage(children=edges, parents={}, exposures={})


@pytest.mark.parametrize("engine", ENGINES)
def test_the_blast_radius_is_the_same_for_every_engine(engine: str) -> None:
    radius = Lineage.of(recorded(engine).manifest).blast_radius("seed.corner.raw_orders")
    assert set(radius.models) == {
        "model.corner.stg_orders",
        "model.corner.daily_revenue",
        "snapshot.corner.orders_snapshot",
    }
    assert set(radius.exposures) == {
        Exposure(name="Weekly revenue", type="dashboard", owner="finance"),
        Exposure(name="orders_notebook", type="notebook", owner="ana@example.com"),
    }
    assert "test.corner.no_negative_revenue" in radius.tests


def test_nearest_comes_first() -> None:
    assert _chain(4).downstream("model.shop.m0") == ("model.shop.m1", "model.shop.m2", "model.shop.m3")


def test_upstream_is_downstream_turned(tmp_path: Path) -> None:
    graph = _lineage(tmp_path, model("a"), model("b", "model.shop.a"), model("c", "model.shop.b"))
    assert graph.upstream("model.shop.c") == ("model.shop.b", "model.shop.a")


def test_a_cycle_ends() -> None:
    assert len(_chain(3, cycle=True).downstream("model.shop.m0")) == 2


def test_a_node_that_reads_itself_is_not_below_itself() -> None:
    assert Lineage(children={"a": ("a",)}, parents={}, exposures={}).downstream("a") == ()


def test_depth_costs_no_stack() -> None:
    assert len(_chain(50_000).downstream("model.shop.m0")) == 49_999


def test_without_maps_the_graph_comes_from_what_nodes_depend_on(tmp_path: Path) -> None:
    metric = {"unique_id": "metric.shop.x", "depends_on": {"nodes": ["model.shop.b"]}}
    exposure = {
        "unique_id": "exposure.shop.e",
        "name": "e",
        "depends_on": {"nodes": ["metric.shop.x"]},
        "owner": {"email": ["a@example.com", "b@example.com"]},
    }
    graph = _lineage(
        tmp_path,
        model("a"),
        model("b", "model.shop.a"),
        generic_test("t", "model.shop.b", "unique", "id"),
        metrics={"metric.shop.x": metric},
        exposures={"exposure.shop.e": exposure},
        unit_tests={"unit_test.shop.b.u": node("unit_test.shop.b.u", "model.shop.b")},
    )
    radius = graph.blast_radius("model.shop.a")
    assert radius.models == ("model.shop.b",)
    assert set(radius.tests) == {"test.shop.t.0123456789", "unit_test.shop.b.u"}
    assert radius.exposures == (Exposure(name="e", owner="a@example.com, b@example.com"),)


@pytest.mark.parametrize("given", ["parent_map", "child_map"])
def test_one_map_is_enough(tmp_path: Path, given: str) -> None:
    maps = {"parent_map": {"model.shop.b": ["model.shop.a"]}, "child_map": {"model.shop.a": ["model.shop.b"]}}
    graph = _lineage(tmp_path, model("a"), model("b"), **{given: maps[given]})
    assert graph.downstream("model.shop.a") == ("model.shop.b",)
    assert graph.upstream("model.shop.b") == ("model.shop.a",)


def test_an_exposure_that_only_the_map_knows_is_shown_by_name() -> None:
    graph = Lineage(children={"model.a": ("exposure.shop.e",)}, parents={}, exposures={})
    assert graph.blast_radius("model.a").exposures == (Exposure(name="e"),)


def test_an_unknown_node_has_no_blast_radius() -> None:
    assert _chain(3).blast_radius("model.shop.gone").models == ()
    assert _chain(3).blast_radius().models == ()


@pytest.mark.alone
def test_a_hundred_radii_of_a_large_project_are_cheap() -> None:
    graph = _chain(5_000)
    before = time.process_time()
    for number in range(100):
        graph.blast_radius(f"model.shop.m{number}")
    assert time.process_time() - before < 1
