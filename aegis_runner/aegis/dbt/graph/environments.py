"""Two builds of one project in different places: dbt gives each environment its own schema or database.

A table has another name there. That is no change of anybody's code (`in_names_of`), and a run that defers reads the
other environment's tables in place of those that it does not build (`with_deferred`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from aegis.dbt.artifacts.replaced import with_compiled_sql, with_nodes
from aegis.dbt.artifacts.schema import Manifest, Node

_TABLES = frozenset({"model", "seed", "snapshot"})
# What would be part of a name. After it may come the dot of a column of the table.
_BEFORE, _AFTER = r'(?<![\w"`$.\[\]])', r'(?![\w"`$\]])'


def are_apart(now: Manifest, earlier: Manifest) -> bool:
    """Whether any table has another name in the earlier manifest."""
    return any(_is_elsewhere(node, now) for node in _nodes(earlier))


def in_names_of(earlier: Manifest, now: Manifest) -> Manifest:
    """The earlier manifest with compiled SQL that names tables as they are called now."""
    nodes = {uid: _renamed(node, earlier, now) for uid, node in earlier.nodes.items()}
    return with_nodes(earlier, nodes)


def with_deferred(now: Manifest, earlier: Manifest, compiled: Mapping[str, str]) -> Manifest:
    """The manifest where a node that the run did not build, and read in the environment of the earlier manifest, is
    that environment's, with all above it that the run did not read here.

    Args:
        now: Of the run.
        earlier: The one that it deferred to.
        compiled: The SQL of nodes as the run compiled it, by id.
    """
    here: set[str] = set()
    there: set[str] = set()
    for uid, node in now.nodes.items():
        sql = compiled.get(uid)
        for name in _read(node, now) if sql is not None else ():
            place = _read_in(sql or "", name, now, earlier)
            (here if place is now else there if place is earlier else set()).add(name)
    deferred = {name for name in there - here if name in earlier.nodes}
    waiting = list(deferred)
    while waiting:
        above = {
            one for one in _read(earlier.nodes[waiting.pop()], earlier) if one in now.nodes and one in earlier.nodes
        }
        new = above - here - deferred
        deferred |= new
        waiting += new
    moved = {uid: earlier.nodes[uid] for uid in deferred if uid in now.nodes}
    return with_nodes(now, moved)


def _nodes(manifest: Manifest) -> Iterator[Node]:
    yield from manifest.nodes.values()
    yield from (manifest.sources or {}).values()


def _is_elsewhere(node: Node, now: Manifest) -> bool:
    if not node.relation_name or node.resource_type not in (*_TABLES, "source"):
        return False
    same = now.find(node.unique_id)
    return same is not None and bool(same.relation_name) and same.relation_name != node.relation_name


def _read(node: Node, manifest: Manifest) -> Iterator[str]:
    """The tables that a node's SQL names: what an ephemeral model reads stands in it."""
    for name in node.parents:
        parent = manifest.find(name)
        if parent is None:
            continue
        if parent.relation_name:
            yield name
        else:
            yield from _read(parent, manifest)


def _read_in(sql: str, name: str, now: Manifest, earlier: Manifest) -> Manifest | None:
    """Whose name of a table stands in the SQL."""
    for manifest in (now, earlier):
        node = manifest.find(name)
        if node is not None and node.relation_name and _names_it(sql, node.relation_name):
            return manifest
    return None


def _names_it(sql: str, relation: str) -> bool:
    """`_pattern` of one name, without a pattern for each of very many."""
    at = sql.find(relation)
    while at >= 0:
        end = at + len(relation)
        before, after = sql[at - 1 : at], sql[end : end + 1]
        if not (_is_part(before) or (_is_part(after) and after not in ".[")):
            return True
        at = sql.find(relation, end)
    return False


def _is_part(char: str) -> bool:
    return char.isalnum() or (char != "" and char in '_"`$.[]')


def _pattern(relations: Iterable[str]) -> re.Pattern[str]:
    return re.compile(f"{_BEFORE}(?:{'|'.join(map(re.escape, relations))}){_AFTER}")


def _renamed(node: Node, earlier: Manifest, now: Manifest) -> Node:
    sql = node.compiled
    names = _names(node, earlier, now) if sql is not None else {}
    if sql is None or not any(old in sql for old in names):
        return node
    # All at once: a new name may be the old one of another table.
    renamed = _pattern(names).sub(lambda found: names[found[0]], sql)
    return with_compiled_sql(node, renamed)


def _names(node: Node, earlier: Manifest, now: Manifest) -> dict[str, str]:
    """What the tables that its SQL may name were called, its own among them, with what they are called now."""
    names = {}
    for name in (node.unique_id, *_read(node, earlier)):
        old, new = earlier.find(name), now.find(name)
        if old is not None and new is not None and old.relation_name and new.relation_name:
            names[old.relation_name] = new.relation_name
    return {old: new for old, new in names.items() if old != new}
