"""The rules that a run was asked to check: those of the rule book, and those of the suites that dbt knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from aegis.dbt.artifacts.schema import Manifest, Node
from aegis.dbt.artifacts.suite_meta import RuleArguments, suite_section
from aegis.dbt.artifacts.suite_rows import RowError, SuiteRule, rules_of, suite_file, suite_table
from aegis.domain.asked import AskedRule

if TYPE_CHECKING:
    from aegis.rules.book import RuleBook
    from aegis.rules.model import Rule


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule in a suite that dbt knows: the suite's unique id, whether dbt would run it, and what the suite says of
    the rule (`Rule.arguments`, bound to the tables)."""

    asked: AskedRule
    suite: str
    enabled: bool
    arguments: RuleArguments


def of_book(book: RuleBook) -> tuple[AskedRule, ...]:
    """Every rule of a book, deprecated ones too."""
    return tuple(_of_rule(rule) for rule in book)


def _of_rule(rule: Rule) -> AskedRule:
    return AskedRule(
        rule_id=rule.id,
        rule_type=rule.type,
        severity=rule.severity,
        level=rule.effective_level,
        table=rule.table,
        column=", ".join(rule.columns_named) or None,
        owner=rule.owner,
        description=rule.description,
        runbook=rule.runbook,
        tags=rule.tags,
        path=rule.source.file if rule.source else None,
        deprecated=rule.status == "deprecated",
    )


def compiled_rules(manifest: Manifest) -> dict[str, CompiledRule]:
    """The rules of all suites of a manifest, by id; of one that stands in two suites, the one that would run."""
    found: dict[str, CompiledRule] = {}
    nodes = [(node, True) for node in manifest.nodes.values()]
    for node, enabled in (*nodes, *((node, False) for node in _disabled(manifest))):
        for rule in _compiled(node, enabled=enabled):
            found.setdefault(rule.asked.rule_id, rule)
    return found


def _compiled(node: Node, *, enabled: bool) -> Iterator[CompiledRule]:
    try:
        rules = rules_of(node)
    except RowError:
        return
    section = suite_section(node)
    if rules is None or section is None:
        return
    # dbt 1 keeps a test of a disabled table among its nodes.
    enabled = enabled and not (node.config is not None and node.config.enabled is False)
    for rule, arguments in zip(rules, section.arguments(), strict=True):
        yield CompiledRule(_of_suite(rule, node), node.unique_id, enabled, arguments)


def _of_suite(rule: SuiteRule, node: Node) -> AskedRule:
    return AskedRule(
        rule_id=rule.id,
        rule_type=rule.type,
        severity=rule.severity,
        level=rule.level,
        table=suite_table(node),
        column=rule.column_name,
        owner=rule.owner,
        description=rule.description,
        runbook=rule.runbook,
        tags=tuple(rule.tags),
        path=suite_file(node),
    )


def _disabled(manifest: Manifest) -> Iterator[Node]:
    """Disabled tests: dbt keeps a list of what stands under each id."""
    for unique_id, entries in (manifest.disabled or {}).items():
        if not unique_id.startswith("test."):
            continue
        for entry in entries if isinstance(entries, list) else [entries]:
            try:
                yield msgspec.convert(entry, Node)
            except msgspec.ValidationError:
                continue


def disabled_tables(manifest: Manifest) -> frozenset[str]:
    """Names, in lower case, of models, seeds, snapshots and sources that the project disables: ``orders``,
    ``raw.orders``."""
    kinds = ("model", "seed", "snapshot", "source")
    ids = (unique_id.split(".") for unique_id in manifest.disabled or ())
    names = {".".join(parts[2:]).lower() for parts in ids if parts[0] in kinds}
    tables = (node for node in manifest.nodes.values() if node.name and not node.unique_id.startswith("test."))
    known = {str(node.name).lower() for node in tables}
    return frozenset(names - known)


def changed_rules(book: RuleBook, manifest: Manifest, dialect: str | None) -> tuple[str, ...]:
    """Ids of rules that the book has otherwise than the suites of a manifest: they changed after they were compiled."""
    from aegis.dbt.graph.tables import tables_of
    from aegis.dbt.suites.bind import bind
    from aegis.errors import RulesError
    from aegis.rules.book import RuleBook

    compiled = compiled_rules(manifest)
    tables = tables_of(manifest, with_disabled=True)
    changed = []
    for rule in book:
        known = compiled.get(rule.id)
        if known is None or rule.status == "deprecated":
            continue
        try:
            (bound,) = bind(RuleBook((rule,)), tables, dialect)
        except RulesError:
            # What it names is gone, or is no table any more: it is not what was compiled.
            changed.append(rule.id)
            continue
        if dict(bound.arguments) != dict(known.arguments):
            changed.append(rule.id)
    return tuple(changed)
