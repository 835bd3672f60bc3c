"""What the project says about its columns: which hold personal data, and by which a row is found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from aegis.dbt.artifacts.schema import Manifest, Node
from aegis.dbt.artifacts.suite_meta import suite_section
from aegis.dbt.graph.lineage import Lineage
from aegis.dbt.graph.nodes import table_name
from aegis.domain.results import Result, Status
from aegis.rules.lookup import traits_of


def pii_columns(manifest: Manifest) -> frozenset[tuple[str, str]]:
    """(table, column) of every column whose ``meta.pii`` is true, or whose table's is."""
    return frozenset(_marked(manifest, wanted=True))


def public_columns(manifest: Manifest) -> frozenset[tuple[str, str]]:
    """(table, column) of every column that says ``meta.pii: false``."""
    return frozenset(_marked(manifest, wanted=False))


def own_sql(manifest: Manifest, lineage: Lineage, results: Iterable[Result]) -> tuple[str, ...]:
    """SQL of the user's own that may stand in a report on these results: what gives their failing rows, the code of the
    nodes that they are about and of all above, and the values that rules and tests were given, as literals."""
    told = [result for result in results if result.failed or result.status is Status.ERROR]
    about = {name for result in told for name in (result.unique_id, result.node) if name}
    nodes = [node for name in {*about, *lineage.upstream(*about)} if (node := manifest.nodes.get(name)) is not None]
    code = (node.compiled or node.sql for node in nodes)
    given = (_literals(_given(node)) for node in nodes)
    return tuple(filter(None, [*(result.failing_rows_sql for result in told), *code, *given]))


def _given(node: Node) -> object:
    """What a suite's rules, or a generic test, were told."""
    section = suite_section(node)
    if section is None:
        return node.test_metadata.kwargs if node.test_metadata else None
    try:
        return section.arguments()
    except msgspec.DecodeError:
        return None


def _literals(given: object) -> str:
    """The texts in it, wherever they stand, as SQL has them."""
    if isinstance(given, str):
        return "'" + given.replace("'", "''") + "'"
    entries = given.values() if isinstance(given, Mapping) else given if isinstance(given, list | tuple) else ()
    return ", ".join(filter(None, map(_literals, entries)))


def key_columns(manifest: Manifest) -> dict[str, tuple[str, ...]]:
    """By rule id, the columns whose values stand in ``failing_keys``: the rule's keys, or what a rule over groups or
    references looks at."""
    found: dict[str, tuple[str, ...]] = {}
    for node in manifest.nodes.values():
        section = suite_section(node)
        if section is None:
            continue
        try:
            rules = section.arguments()
        except msgspec.DecodeError:
            # They become a result of their own: see aegis.dbt.results.read.
            continue
        for rule in rules:
            own = (rule.get("column"),) if "column" in rule else tuple(rule.get("columns") or ())
            traits = traits_of(str(rule.get("type")))
            by_value = traits is not None and traits.keyed_by_value
            keys = own if by_value else tuple(rule.get("keys") or section.keys or ())
            found[str(rule.get("id"))] = tuple(str(key) for key in keys if key)
    return found


def _marked(manifest: Manifest, *, wanted: bool) -> Iterator[tuple[str, str]]:
    for node in (*manifest.nodes.values(), *(manifest.sources or {}).values()):
        whole = _says(node)
        for name, column in (node.columns or {}).items():
            said = (column.meta or {}).get("pii", whole)
            if said is wanted:
                for table in (node.unique_id, table_name(node) or node.unique_id):
                    yield table, column.name or name


def _says(node: Node) -> object:
    for meta in (node.meta, node.config.meta if node.config else None):
        if meta and "pii" in meta:
            return meta["pii"]
    return None
