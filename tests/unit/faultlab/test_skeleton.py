"""A manifest's shape, made into a project that can be built."""

from __future__ import annotations

from pathlib import Path

import pytest

from faultlab.generated import dag
from faultlab.skeleton import skeleton
from tests.unit.dbt.targets import model, node, write_target


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    sources = [node(f"source.shop.raw.{name}", source_name="raw") for name in ("a", "b")]
    nodes = [
        node("seed.shop.codes"),
        model("stg_a", "source.shop.raw.a"),
        model("wide", "model.shop.stg_a", "source.shop.raw.b", "seed.shop.codes"),
        model("last", "model.shop.wide"),
        node("test.shop.t.0123456789", "model.shop.wide"),
    ]
    return write_target(tmp_path, nodes[::-1], sources=sources) / "manifest.json"


def test_a_skeleton_has_the_manifest_s_nodes_and_joins_no_source(manifest: Path) -> None:
    shape = skeleton(manifest, 100)
    assert len([name for name in shape if not name.endswith("_clean")]) == 6
    assert sorted(len(parents) for parents in shape.values()) == [0, 0, 0, 1, 1, 1, 1, 3]
    for parents in shape.values():
        assert len(parents) < 2 or all(shape[parent] for parent in parents)
    lab = dag(shape)
    assert (len(lab.sources), len(lab.models)) == (3, 5)


def test_a_part_of_a_skeleton_is_whole(manifest: Path) -> None:
    shape = skeleton(manifest, 3)
    assert all(parent in shape for parents in shape.values() for parent in parents)
