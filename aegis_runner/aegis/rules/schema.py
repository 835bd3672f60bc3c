"""The JSON Schema of rules files, for editors: both written forms, every rule type, no unknown field.

It is made from the same classes that read the files. What only several fields together tell (a range in order, a
column that a type needs) is the loader's business.
"""

from __future__ import annotations

from typing import Any

from aegis.rules.model import TOLERANCES, Rule, registry
from aegis.rules.parts import Diagnosis, LineageHints, Remediation, Sla
from aegis.rules.raw import (
    API_VERSION,
    KIND,
    KINDS,
    METADATA,
    PARTS,
    SCOPE,
    SECTIONS,
    SHORT_DEFAULTS,
    UNREAD_HEADS,
    UNREAD_SECTIONS,
    of_any_type,
)

DRAFT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


def rules_schema() -> Schema:
    """The schema of one YAML document of a rules file (draft 2020-12)."""
    for part in (LineageHints, Diagnosis, Remediation, Sla):
        # Their building is deferred, and pydantic 2.12 fails on the default of a part that is not built.
        part.model_rebuild()
    types = sorted(registry().items())
    defs: Schema = {}
    fields = {name: _fields(cls, defs) for name, cls in types}
    common = {name: field for known in fields.values() for name, field in known.items() if name in _COMMON}
    defs |= {f"logic.{name}": _logic(cls, fields[name]) for name, cls in types}
    defs |= {f"short.{name}": _short(cls, fields[name]) for name, cls in types}
    defs["nothing"] = {"enum": [None, "", []], "description": "This type takes no such field."}
    for name in ("Severity", "RuleStatus"):
        defs[name] = _in_any_capitals(defs[name])
    sections = _sections(common, [name for name, _ in types])
    defs["long"] = _long(sections)
    beside = {name: common[name] for name in SHORT_DEFAULTS}
    entries = [{"$ref": "#/$defs/long"}, *({"$ref": f"#/$defs/short.{name}"} for name, _ in types)]
    rules = {"type": "array", "minItems": 1, "items": {"anyOf": entries}}
    labels: Schema = {name: {} for name in UNREAD_HEADS}
    defs["container"] = _object({**_HEAD, **beside, **labels, "rules": rules}, required=["rules"])
    documents = [{"$ref": "#/$defs/container"}, *entries]
    defs["document"] = {"anyOf": documents}
    return {
        "$schema": DRAFT,
        "$id": "https://aegis.dev/schemas/rules-v1.json",
        "title": "Aegis rules",
        "description": "Rules in the short form (table, rules) or the long form (apiVersion, metadata, scope, logic).",
        "anyOf": [
            {"$ref": "#/$defs/document"},
            {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/document"}},
        ],
        "$defs": dict(sorted(defs.items())),
    }


_COMMON = {field.alias or name for name, field in Rule.model_fields.items()}
_KINDS = "|".join(sorted("".join(f"[{letter.upper()}{letter}]" for letter in kind) for kind in KINDS))
_HEAD: Schema = {
    "apiVersion": {"enum": [API_VERSION, None]},
    "kind": {"anyOf": [{"const": KIND}, {"type": "string", "pattern": f"^({_KINDS})$"}, {"type": "null"}]},
}


def _fields(cls: type[Rule], defs: Schema) -> Schema:
    """The schema of each field by its written name; nested models go to ``defs``. Null is the same as nothing."""
    whole = cls.model_json_schema(ref_template="#/$defs/{model}")
    defs.update({name: _nullable(_readable(part)) for name, part in whole.get("$defs", {}).items()})
    fields = {name: _or_null(_readable(part)) for name, part in whole["properties"].items()}
    common = {name: f"field.{name}" for name in fields if name in _COMMON}
    defs.update({key: fields[name] for name, key in common.items()})
    return fields | {name: {"$ref": f"#/$defs/{key}"} for name, key in common.items()}


def _readable(part: Any) -> Any:
    """As files are read: titles say nothing, yes and no are taken where true or false is wanted."""
    if isinstance(part, list):
        return [_readable(entry) for entry in part]
    if not isinstance(part, dict):
        return part
    if part.get("type") == "boolean":
        return {"enum": [True, False, "yes", "no", "on", "off"]}
    if "$ref" in part:
        return {"$ref": part["$ref"]}
    kept = {
        key: _readable(value)
        for key, value in part.items()
        if not (key in ("title", "default") and not isinstance(value, dict))
    }
    if kept.get("type") == "string" and not kept.keys() & {"enum", "const", "pattern"}:
        kept["type"] = ["string", "number"]
    return kept


def _in_any_capitals(part: Schema) -> Schema:
    words = part["enum"]
    return part | {"enum": [*words, *(word.capitalize() for word in words), *(word.upper() for word in words)]}


def _nullable(part: Schema) -> Schema:
    """A section in which null is nothing, too."""
    if "properties" not in part:
        return part
    return part | {"properties": {name: _or_null(field) for name, field in part["properties"].items()}}


def _or_null(part: Schema) -> Schema:
    choices = part.get("anyOf", [part])
    if {"type": "null"} in choices:
        return part
    return {"anyOf": [*choices, {"type": "null"}]}


def _object(properties: Schema, required: list[str] | None = None, **more: Any) -> Schema:
    made = {"type": "object", "properties": properties, "additionalProperties": False, **more}
    return made | ({"required": required} if required else {})


def _sections(common: Schema, types: list[str]) -> Schema:
    columns = common["keys"]
    return {
        "metadata": _object({name: common[name] for name in METADATA if name in common} | {"name": common["owner"]}),
        "scope": _object(
            {name: columns if name in ("columns", "keys") else common[name] for name in SCOPE} | {"column": columns},
            required=["table"],
        ),
        "logic": {"oneOf": [{"$ref": f"#/$defs/logic.{name}"} for name in types]},
        **{name: common[name] for name in PARTS},
    }


def _long(sections: Schema) -> Schema:
    here = {name: {"anyOf": [section, {"type": "null"}]} for name, section in sections.items()}
    spec = {"spec": _object(here)}
    anywhere = [
        {"anyOf": [{"required": [name]}, {"required": ["spec"], "properties": {"spec": {"required": [name]}}}]}
        for name in ("scope", "logic")
    ]
    marks = [{"required": [name]} for name in ("apiVersion", "kind", *SECTIONS, "spec")]
    # Sections of somebody's own are read by nothing; what is no section is a slip.
    own = {"type": ["object", "array"]}
    unread: Schema = {name: {} for name in UNREAD_SECTIONS}
    return _object({**_HEAD, **here, **unread, **spec}, allOf=anywhere, anyOf=marks) | {
        "additionalProperties": own,
        "patternProperties": {"^x-": {}},
    }


def _logic(cls: type[Rule], fields: Schema) -> Schema:
    own = [*cls.parameters(), *sorted((TOLERANCES | {"nulls"}) & cls.checks), "level"]
    columns = dict.fromkeys(("column", "columns"), fields["keys"])
    nothing: Schema = {key: {"$ref": "#/$defs/nothing"} for key in sorted(of_any_type() - set(own) - set(columns))}
    if "tolerance_pct" in nothing:
        nothing["tolerance_pct"] = {"enum": [None, "", [], 0]}
    if cls.counts_in:
        nothing["unit"] = {"enum": [*sorted(cls.counts_in), None, ""]}
    properties = {"type": {"const": cls.type}} | {name: fields[name] for name in own} | columns | nothing
    return _object(properties, required=["type"], description=_summary(cls))


def _short(cls: type[Rule], fields: Schema) -> Schema:
    """``not_null: email``, a list of columns, a mapping of parameters, or a list of mappings."""
    taken = {name: fields[name] for name in cls.takes()}
    columns: Schema = dict.fromkeys(("column", "columns"), fields["keys"])
    alias = {"type": taken["data_type"]} if "data_type" in taken else {}
    mapping = _object({**taken, **columns, **alias})
    plain: Schema = columns["column"] if cls.shorthand in ("column", "columns") else taken[cls.shorthand]
    what = {"anyOf": [plain, mapping, {"type": "array", "items": mapping}]}
    beside = {name: part for name, part in {**taken, **columns}.items() if name != cls.type}
    return _object({cls.type: what, **beside}, required=[cls.type], description=_summary(cls))


def _summary(cls: type[Rule]) -> str:
    return (cls.__doc__ or "").strip().splitlines()[0]
