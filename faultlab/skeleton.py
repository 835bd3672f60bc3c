"""The shape of somebody's project: a manifest's nodes and what they read, without their names and their SQL."""

from __future__ import annotations

from pathlib import Path

from aegis.dbt.artifacts.read import read_manifest

_TABLES = ("model", "seed", "snapshot")


def skeleton(path: Path, most: int) -> dict[str, tuple[str, ...]]:
    """Node to its parents, as `faultlab.generated.dag` takes it: at most ``most`` nodes, sources and seeds first. What
    has no parents becomes a source; where a node joins a source, a cleaned one of it stands between.

    Raises:
        ArtifactError: It is no manifest.
    """
    manifest, _ = read_manifest(path)
    tables = {uid: node for uid, node in manifest.nodes.items() if node.resource_type in _TABLES}
    reads = {
        uid: [one for one in node.parents if one in tables or one.startswith("source.")] for uid, node in tables.items()
    }
    names: dict[str, str] = {}
    shape: dict[str, tuple[str, ...]] = {}
    for uid in _in_order(reads)[:most]:
        names[uid] = f"t{len(names):04}"
        parents = tuple(dict.fromkeys(names[one] for one in reads.get(uid, ()) if one in names))
        if len(parents) > 1:
            parents = tuple(_cleaned(parent, shape) for parent in parents)
        shape[names[uid]] = parents
    return shape


def _cleaned(parent: str, shape: dict[str, tuple[str, ...]]) -> str:
    if shape[parent]:
        return parent
    shape.setdefault(f"{parent}_clean", (parent,))
    return f"{parent}_clean"


def _in_order(reads: dict[str, list[str]]) -> list[str]:
    """Parents before children, without recursion: projects may be deep."""
    done: dict[str, None] = {}
    waiting = list(reads)[::-1]
    while waiting:
        uid = waiting[-1]
        above = [one for one in reads.get(uid, ()) if one not in done]
        if above:
            waiting += above
        else:
            done[waiting.pop()] = None
    return list(done)
