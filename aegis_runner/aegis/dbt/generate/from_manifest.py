"""All tests of a manifest as rules; nothing is left out without a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from aegis.dbt.artifacts.schema import Manifest, Node
from aegis.dbt.artifacts.suite_meta import suite_section
from aegis.dbt.generate.identity import named
from aegis.dbt.generate.model import BY, Generated, MadeRule, NotCarried, NotCarriedError, RuleDraft
from aegis.dbt.generate.translate import drafts_of, own_drafts
from aegis.dbt.graph.nodes import node_under_test, owner_of, plain_name, type_of_test
from aegis.dbt.graph.tables import Table, Tables, UnknownTable, tables_of
from aegis.dbt.package import PACKAGE
from aegis.domain.text import plural
from aegis.errors import RulesError
from aegis.rules.model import Rule, registry

SINGULAR = "singular"
_UNIT = "unit test"


@dataclass(slots=True)
class _Reading:
    """What reading the tests of one manifest gathers."""

    manifest: Manifest
    tables: Tables
    labels: Mapping[str, str]
    rules: list[MadeRule] = field(default_factory=list)
    left: list[NotCarried] = field(default_factory=list)

    @property
    def dialect(self) -> str | None:
        return self.manifest.metadata.adapter_type

    def leave(self, test: Node, reason: str) -> None:
        tested = node_under_test(self.manifest, test)
        label = self.labels.get(tested) if tested else None
        self.left.append(NotCarried(plain_name(test.unique_id), type_of_test(test), reason, label))


def generate(manifest: Manifest, restricted: Collection[str] = ()) -> Generated:
    """Rules for the tests of a manifest, by table; ``restricted`` are packages that show only public models."""
    manifest = _with_project(manifest)
    tables = tables_of(manifest, restricted)
    reading = _Reading(manifest, tables, labels_of(tables))
    # Of tests that ask the same, dbt's own is the one that is kept.
    for test in sorted(_tests(manifest), key=lambda node: ("." in type_of_test(node), node.unique_id)):
        _read(test, reading)
    for unique_id in sorted(manifest.unit_tests or {}):
        reason = "it tests the SQL of a model, not rows; dbt goes on running it"
        reading.left.append(NotCarried(plain_name(unique_id), _UNIT, reason))
    for unique_id in sorted(manifest.disabled or {}):
        if unique_id.startswith(("test.", "unit_test.")):
            reading.left.append(NotCarried(plain_name(unique_id), "disabled", "it is disabled in the dbt project"))
    rules = _bound(named(reading.rules, reading.left), reading)
    own = manifest.metadata.project_name
    packages = Counter(entry.test.split(".")[1] for entry in rules)
    return Generated(
        project=own,
        dialect=reading.dialect,
        rules=tuple(_ordered(rules, manifest)),
        not_carried=tuple(reading.left),
        notes=_notes(manifest),
        packages={name: count for name, count in sorted(packages.items()) if name != own},
    )


def _with_project(manifest: Manifest) -> Manifest:
    """Manifests before version 10 do not say whose they are; where there is one package, it is the project."""
    packages = {node.package_name for node in manifest.nodes.values() if node.resource_type != "test"}
    if manifest.metadata.project_name is not None or len(packages) != 1:
        return manifest
    return replace(manifest, metadata=replace(manifest.metadata, project_name=packages.pop()))


def _tests(manifest: Manifest) -> Iterable[Node]:
    """Without the suites of ours, which are made from rules already."""
    return (node for node in manifest.nodes.values() if node.resource_type == "test" and suite_section(node) is None)


def labels_of(tables: Tables) -> dict[str, str]:
    """What rules call each table, by its node's id. One whose name would find another is left out."""
    found = {}
    for table in tables.all:
        places = (f"{table.schema}.{table.identifier}", f"{table.database}.{table.schema}.{table.identifier}")
        for name in (table.label, *places):
            if table.unique_id is not None and _finds(tables, name, table):
                found[table.unique_id] = name
                break
    return found


def _finds(tables: Tables, name: str, table: Table) -> bool:
    try:
        return tables.find(name) is table
    except UnknownTable:
        return False


def _read(test: Node, reading: _Reading) -> None:
    try:
        reading.rules += [_made(test, draft, reading) for draft in _drafts(test, reading)]
    except NotCarriedError as error:
        reading.leave(test, str(error))
    except RulesError as error:
        reading.leave(test, "; ".join(" ".join(problem.message.split()) for problem in error.problems))


def _drafts(test: Node, reading: _Reading) -> list[RuleDraft]:
    kind = type_of_test(test)
    if kind == SINGULAR:
        raise NotCarriedError(f"it is SQL of its own ({test.original_file_path}); a rule can hold such a query")
    if test.config is not None and test.config.enabled is False:
        raise NotCarriedError("it is disabled in the dbt project")
    unique_id = node_under_test(reading.manifest, test)
    tested = reading.manifest.find(unique_id) if unique_id else None
    if tested is None:
        raise NotCarriedError("the manifest does not tell which table it tests")
    label = reading.labels.get(tested.unique_id)
    if label is None:
        raise NotCarriedError("the table that it tests cannot be told from another of its name, or is not one")
    if (unfit := reading.tables.find(label).unfit) is not None:
        raise NotCarriedError(f"'{label}' {unfit}")
    package, _, name = kind.rpartition(".")
    if package == PACKAGE and name in registry():
        return own_drafts(test, label, reading.dialect, tested)
    from aegis.rules.foreign import foreign_test

    known = foreign_test(kind)
    if known is None:
        raise NotCarriedError("it is a test of the project's own, or of a package whose tests are not known here")
    return drafts_of(test, tested, reading.manifest, reading.labels, known)


def _made(test: Node, draft: RuleDraft, reading: _Reading) -> MadeRule:
    from aegis.dbt.generate.identity import own_name
    from aegis.rules.sql_fields import gated

    kind = type_of_test(test)
    said = {
        "owner": owner_of(reading.manifest, test),
        "tags": tuple(dict.fromkeys(test.tags or ())),
        "description": (test.description or "").strip() or None,
        "generated_by": BY if "." not in kind else f"{BY}, from {kind}",
    }
    values = {**{name: value for name, value in said.items() if value}, **draft.values}
    cls: type[Rule] = registry()[draft.type]
    name = own_name(test) or values.get("id") or (cls.default_id(values) if draft.suffix else None)
    if name is not None:
        values["id"] = f"{name}{draft.suffix}"
    rule = cls(**values)
    gated(rule, reading.dialect)
    return MadeRule(rule, test.unique_id, kind, draft.notes, with_id=name is not None)


def _bound(rules: list[MadeRule], reading: _Reading) -> list[MadeRule]:
    """The rules that compile with the tables of the manifest; the others are left, each with its reason."""
    from aegis.dbt.suites.bind import bind
    from aegis.rules.book import RuleBook

    try:
        bind(RuleBook(tuple(entry.rule for entry in rules)), reading.tables, reading.dialect)
    except RulesError as error:
        wrong = {problem.rule_id: " ".join(problem.message.split()) for problem in error.problems}
        for entry in rules:
            if entry.rule.id in wrong:
                reading.leave(reading.manifest.nodes[entry.test], wrong[entry.rule.id])
        return [entry for entry in rules if entry.rule.id not in wrong]
    return rules


def _ordered(rules: list[MadeRule], manifest: Manifest) -> list[MadeRule]:
    """By table, then as its columns are declared, what is of no column last; the same whatever order dbt writes."""
    types = {name: place for place, name in enumerate(registry())}
    places: dict[str, dict[str, int]] = {}

    def key(entry: MadeRule) -> tuple[str, int, str, int, str]:
        table = entry.rule.table
        if table not in places:
            tested = node_under_test(manifest, manifest.nodes[entry.test])
            node = manifest.find(tested) if tested else None
            names = [column.name or "" for column in (node.columns or {}).values()] if node else []
            places[table] = {name.lower(): place for place, name in enumerate(names)}
        columns = entry.rule.columns_named
        first = columns[0].lower() if len(columns) == 1 else ""
        place = places[table].get(first, len(places[table])) if first else len(places[table]) + 1
        return table, place, first, types[entry.rule.type], entry.rule.id

    return sorted(rules, key=key)


def _notes(manifest: Manifest) -> tuple[str, ...]:
    notes = []
    suites = sum(1 for node in manifest.nodes.values() if node.resource_type == "test" and suite_section(node))
    if suites:
        notes.append(f"{plural(suites, 'suite')} of Aegis left alone: made from rules already")
    stored = sum(1 for test in _tests(manifest) if test.config and test.config.store_failures)
    if stored:
        notes.append(f"store_failures ({stored:,}x) is not carried: suites always store their results")
    own = f"macro.{manifest.metadata.project_name}.get_where_subquery"
    if own in (manifest.macros or {}):
        notes.append("the project has its own get_where_subquery: its 'where' may mean more than the rules say")
    return tuple(notes)
