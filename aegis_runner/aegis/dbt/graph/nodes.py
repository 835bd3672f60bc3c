"""What the manifest says about a node beyond its own fields: its table, what it tests, who owns it, its stable id."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from aegis.dbt.artifacts.schema import Manifest, Node, Owner
from aegis.dbt.artifacts.suite_rows import RowError, rules_of, suite_table
from aegis.dbt.graph.odd_names import is_stand_in
from aegis.domain.severity import Severity

# dbt appends a dash of an MD5 to the ids of generic tests: `test.shop.unique_orders_id.fed79b3a6e`.
_HASH = re.compile(r"[0-9a-f]{10}")
_CALL = re.compile(r"\b(ref|source)\s*\(([^()]{1,500})\)")
_ARGUMENT = re.compile(r"""(?:(\w+)\s*=\s*)?(?:"([^"]*)"|'([^']*)'|([\w.]+))""")

PRIVATE = "aegis"
"""What a private project is called: it is the package itself."""


def table_name(node: Node | None) -> str | None:
    """As in a rules file: a model's name, a source as ``raw.orders``; in a private project, whose
    sources are schemas, a table of the source ``main`` by its name alone."""
    if node is None:
        return None
    if node.source_name and node.package_name == PRIVATE:
        schema, table = real_name(node)
        return table if node.source_name == "main" else f"{schema}.{table}"
    if node.source_name and node.name:
        return source_label(node)
    if node.name and node.version is not None:
        return f"{node.name}.v{node.version}"
    return node.name


def real_name(node: Node) -> tuple[str | None, str]:
    """Schema and table of a source as the database has them. Where its name stands in for an odd one (see
    `aegis.dbt.graph.odd_names`), the real ones are declared as they are between quotes."""
    schema, table = node.schema_, node.identifier or node.name or ""
    private = node.package_name == PRIVATE
    if schema is not None and (private or is_stand_in(node.source_name)):
        schema = schema.replace('""', '"')
    return schema, table.replace('""', '"') if private or is_stand_in(node.name) else table


def source_label(node: Node) -> str:
    """A source as people write it: ``raw.orders``."""
    schema, table = real_name(node)
    source = schema if is_stand_in(node.source_name) else node.source_name
    return f"{source}.{table if is_stand_in(node.name) else node.name}"


def file_path(node: Node | None) -> str | None:
    """Relative to the project, with forward slashes on every machine."""
    return node.original_file_path.replace("\\", "/") if node and node.original_file_path else None


def node_under_test(manifest: Manifest, test: Node) -> str | None:
    """The node a test is about; ``None`` where the manifest does not tell.

    dbt lists a relationships test's two nodes in no particular order, so the order is never used.
    """
    for told in (test.attached_node, test.tested_node_unique_id):
        if told and manifest.find(told) is not None:
            return told
    parents = [parent for parent in dict.fromkeys(test.parents) if manifest.find(parent) is not None]
    if len(parents) == 1:
        return parents[0]
    for ask in (_by_model_argument, _by_file_key, _by_suite):
        named = [parent for parent in parents if ask(test, manifest.find(parent))]
        if len(named) == 1:
            return named[0]
    return None


def _by_model_argument(test: Node, parent: Node | None) -> bool:
    """``kwargs.model`` is ``{{ get_where_subquery(ref('stg_orders')) }}``."""
    kwargs = test.test_metadata.kwargs if test.test_metadata else None
    model = kwargs.get("model") if kwargs else None
    if parent is None or not isinstance(model, str):
        return False
    return any(named_by(parent, call) for call in calls(model))


def calls(jinja: str) -> Iterator[tuple[str, list[str], str | None]]:
    """Every ``ref`` and ``source`` of a Jinja text, of which the beginning is read: which, its positional arguments,
    its version."""
    for function, inside in _CALL.findall(jinja[:2_000]):
        arguments = [(key, double or single or bare) for key, double, single, bare in _ARGUMENT.findall(inside)]
        version = next((value for key, value in arguments if key in ("v", "version")), None)
        yield function, [value for key, value in arguments if not key], version


def named_by(node: Node, call: tuple[str, list[str], str | None]) -> bool:
    """Whether a ``ref`` or ``source`` means the node."""
    function, words, version = call
    if function == "source":
        return [node.source_name, node.name] == words
    fits = not node.source_name and bool(words) and node.name == words[-1]
    package_fits = len(words) < 2 or node.package_name == words[0]
    return fits and package_fits and (version is None or str(node.version) == version)


def _by_file_key(test: Node, parent: Node | None) -> bool:
    """``file_key_name`` is ``models.stg_orders``: the entry of the properties file that the test stands under."""
    section, _, name = (test.file_key_name or "").partition(".")
    return parent is not None and section in ("models", "seeds", "snapshots") and parent.name == name


def _by_suite(test: Node, parent: Node | None) -> bool:
    """A suite is named after its table; its foreign keys read others."""
    if parent is None:
        return False
    names = {table_name(parent), parent.name}
    if parent.source_name:
        names = {table_name(parent), *(f"{parent.source_name}{joint}{parent.name}" for joint in (".", "__", "_"))}
    if (suite_table(test) or test.name) not in names:
        return False
    try:
        return rules_of(test) is not None
    except RowError:
        return True


def node_meta(node: Node | None) -> Iterator[Mapping[str, Any]]:
    """The meta mappings of a node, those of its config first, each preceded by its ``aegis`` section."""
    if node is None:
        return
    for meta in (node.config.meta if node.config else None, node.meta):
        if meta:
            section = meta.get("aegis")
            if isinstance(section, dict):
                yield section
            yield meta


def owner_of(manifest: Manifest, *nodes: Node | None) -> str | None:
    """The first owner that one of the nodes names: in its meta, else that of its group."""
    for node in nodes:
        for meta in node_meta(node):
            owner = _owner_text(meta.get("owner"))
            if owner:
                return owner
    for node in nodes:
        group = _group_owner(manifest, node)
        if group:
            return group
    return None


def _group_owner(manifest: Manifest, node: Node | None) -> str | None:
    name = (node.group or (node.config.group if node.config else None)) if node else None
    if not name or not manifest.groups:
        return None
    for group in manifest.groups.values():
        if group.name == name:
            return owner_text(group.owner) or name
    return name


def owner_text(owner: Owner | None) -> str | None:
    """The name, else the address, of a group's or an exposure's owner."""
    return (owner.name or _owner_text(owner.email)) if owner else None


def _owner_text(value: object) -> str | None:
    if isinstance(value, dict):
        return _owner_text(value.get("name")) or _owner_text(value.get("email"))
    if isinstance(value, list):
        return ", ".join(item for item in value if isinstance(item, str)) or None
    return value.strip() or None if isinstance(value, str) else None


_SEVERITY_WORDS = {
    **{severity.value: severity for severity in Severity},
    "error": Severity.HIGH,
    "warn": Severity.MEDIUM,
}


def severity_of(node: Node | None, otherwise: str) -> Severity:
    """The severity in the node's meta, else that of dbt's ``error`` (high) or ``warn`` (medium)."""
    for meta in node_meta(node):
        word = meta.get("severity")
        if isinstance(word, str) and word.casefold() in _SEVERITY_WORDS:
            return _SEVERITY_WORDS[word.casefold()]
    return _SEVERITY_WORDS[otherwise]


def type_of_test(node: Node | None) -> str:
    """``not_null``, ``dbt_utils.accepted_range``, ``aegis.not_null`` (of ours the rule type), ``shop.not_null`` (the
    project's own), or ``singular``."""
    metadata = node.test_metadata if node else None
    if node is None or metadata is None or not metadata.kind:
        return "singular"
    package = metadata.namespace or _package_of(node, metadata.kind)
    return f"{package}.{metadata.kind}" if package not in (None, "dbt") else metadata.kind


def _package_of(test: Node, kind: str) -> str | None:
    """The package whose generic test it is, where dbt names no namespace: a project may have its own ``not_null``."""
    macros = (test.depends_on.macros if test.depends_on else None) or ()
    owners = [macro.split(".")[1] for macro in macros if macro.startswith("macro.") and macro.endswith(f".test_{kind}")]
    return owners[0] if len(owners) == 1 else None


def arguments_of(test: Node) -> Mapping[str, Any]:
    """A generic test's arguments, which newer dbt keeps under ``arguments``."""
    given = (test.test_metadata.kwargs if test.test_metadata else None) or {}
    nested = given.get("arguments")
    return {**{k: v for k, v in given.items() if k != "arguments"}, **nested} if isinstance(nested, Mapping) else given


def plain_name(unique_id: str) -> str:
    """The name in an id, without package and hash: ``unique_orders_id``."""
    parts = unique_id.split(".")
    if len(parts) > 3 and _HASH.fullmatch(parts[-1]):
        parts = parts[:-1]
    return ".".join(parts[2:]) or unique_id


class TestIds:
    """A short id for every test of the project, the same from run to run, whichever tests ran.

    The test's name; where several have it (or an Aegis rule does), the package's name stands before it, and
    where that is not enough dbt's hash after it.
    """

    __test__ = False

    def __init__(self, manifest: Manifest, taken: Iterable[str]) -> None:
        tests = [uid for uid, node in manifest.nodes.items() if uid.startswith("test.")]
        self._names: Counter[str] = Counter(map(plain_name, tests))
        self._names.update(taken)
        self._qualified: Counter[str] = Counter(map(_qualified, tests))

    def __call__(self, unique_id: str) -> str:
        makers: tuple[tuple[Callable[[str], str], Counter[str]], ...] = (
            (plain_name, self._names),
            (_qualified, self._qualified),
        )
        for make, counter in makers:
            name = make(unique_id)
            if counter[name] <= 1:
                return name
        return unique_id.partition(".")[2]


def _qualified(unique_id: str) -> str:
    parts = unique_id.split(".")
    return f"{parts[1]}.{plain_name(unique_id)}" if len(parts) > 2 else unique_id
