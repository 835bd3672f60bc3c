"""Rules as text in the long form, one document each, so that loading the text gives the same rules again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aegis.rules.model import TOLERANCES, Rule
from aegis.rules.parts import LineageHints
from aegis.rules.raw import API_VERSION, KIND, METADATA, PARTS, SCOPE
from aegis.rules.yaml_text import plain_values, yaml_dumper

# What is written although it is the default: a reader should not have to know it.
_ALWAYS = frozenset({"id", "table", "severity"})


def expand(rules: Iterable[Rule]) -> str:
    """The rules as YAML, each a document of the long form, with its defaults left out."""
    import yaml

    documents = [long_form(rule) for rule in rules]
    text = yaml.dump_all(
        documents,
        Dumper=yaml_dumper(),
        sort_keys=False,
        allow_unicode=True,
        width=110,
        explicit_start=len(documents) > 1,
    )
    return str(text)


def long_form(rule: Rule) -> dict[str, Any]:
    """One rule as the mapping that its document holds."""
    scope = _section(rule, SCOPE)
    columns = [*_named(rule, "column"), *_named(rule, "columns"), *_named(rule, "about")]
    scope = {name: value for name, value in scope.items() if name not in ("columns", "keys")}
    after = {name: scope.pop(name) for name in ("where", "since", "time_column") if name in scope}
    if columns:
        scope["columns"] = columns
    if rule.keys:
        scope["keys"] = list(rule.keys)
    own = tuple(name for name in rule.parameters() if name not in ("column", "columns"))
    document: dict[str, Any] = {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": _section(rule, METADATA),
        "scope": {**scope, **after},
        "logic": {"type": rule.type, **_section(rule, (*own, "time_zone", "nulls", *sorted(TOLERANCES)))},
    }
    for name in PARTS:
        part = getattr(rule, name)
        if part is not None:
            document[name] = plain_values(part.model_dump(exclude_defaults=True))
    if rule.diagnosis is not None and (hints := _hints(rule.diagnosis.lineage_hints)):
        document["diagnosis"]["lineage_hints"] = hints
    return document


def _hints(hints: LineageHints) -> dict[str, Any]:
    """As a file gives them: tables alone, then tables with their columns."""
    alone: dict[str, Any] = {"upstream_tables": plain_values(hints.upstream_tables)} if hints.upstream_tables else {}
    return alone | {plain_values(table): plain_values(columns) for table, columns in hints.columns.items()}


def _named(rule: Rule, name: str) -> list[str]:
    value = rule.__dict__.get(name)
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def _section(rule: Rule, names: tuple[str, ...]) -> dict[str, Any]:
    fields = type(rule).model_fields
    found = {}
    for name in names:
        field = "schema_" if name == "schema" else name
        if field in fields and (name in _ALWAYS or getattr(rule, field) != fields[field].default):
            found[name] = plain_values(getattr(rule, field))
    return found
