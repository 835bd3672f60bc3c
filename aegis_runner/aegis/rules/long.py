"""The long form: ``apiVersion: aegis.dev/v1`` with the sections metadata, scope, logic, diagnosis, remediation, sla.

They stand at the top or under ``spec``.
"""

from __future__ import annotations

from aegis.rules.declared import NOT_YET, all_parameters, stand_in_for
from aegis.rules.document import LinedDict, LinedList
from aegis.rules.explain import unknown_field
from aegis.rules.fields import is_identifier
from aegis.rules.model import TOLERANCES, Rule, registry
from aegis.rules.raw import (
    API_VERSION,
    HOMES,
    KIND,
    KINDS,
    LONG_KEYS,
    METADATA,
    PARTS,
    SCOPE,
    SECTIONS,
    UNREAD_SECTIONS,
    Gathered,
    RawRule,
    says_nothing,
)
from aegis.rules.spell import did_you_mean, listed, shown


def long_rule(into: Gathered, value: LinedDict) -> None:
    check_version(into, value)
    sections = _sections(into, value)
    if sections is None:
        return
    metadata, scope, logic = (sections.get(name) for name in ("metadata", "scope", "logic"))
    rule_id = metadata.get("id") if metadata is not None else None
    if scope is None or logic is None:
        missing = " and ".join(f"'{name}'" for name in ("scope", "logic") if sections.get(name) is None)
        into.wrong(
            value.line, rule_id, None, f"{missing} missing: a rule says where (scope.table) and what (logic.type)"
        )
        return
    cls = _type(into, logic, rule_id)
    if cls is None:
        return
    raw = RawRule(cls, value.line, long=True)
    if metadata is not None:
        _copy(into, raw, "metadata", metadata, (*METADATA, "name"))
        _take_name(raw)
    _copy(into, raw, "scope", scope, (*SCOPE, "column", "time_zone"))
    own = (*cls.parameters(), "column", "columns", "time_zone", "nulls", *sorted(TOLERANCES), "level")
    _copy(into, raw, "logic", _without_type(logic), own)
    for name in PARTS:
        if name in sections:
            raw.put(name, sections[name], sections[name].line, name)
    into.add(raw)


def _sections(into: Gathered, value: LinedDict) -> dict[str, LinedDict] | None:
    """The sections by name, from the top and from ``spec``; None if their form is wrong."""
    found: dict[str, LinedDict] = {}
    before = len(into.problems)
    places = [value]
    if isinstance(value.get("spec"), LinedDict):
        places.append(value["spec"])
    for place in places:
        for key, entry in place.items():
            if key in SECTIONS and isinstance(entry, LinedDict) and key not in found:
                found[key] = entry
            elif key in SECTIONS and entry is not None:
                what = "stands at the top and under spec" if key in found else "wants a mapping"
                into.wrong(place.lines[key], None, key, what)
            elif key not in LONG_KEYS and not _is_unread(into, key, entry):
                into.wrong(place.lines[key], _id_of(value), key, _unknown_section(key))
    return found if len(into.problems) == before else None


def _id_of(value: LinedDict) -> object:
    metadata = value.get("metadata")
    return metadata.get("id") if isinstance(metadata, LinedDict) else None


def _is_unread(into: Gathered, key: str, entry: object) -> bool:
    """Whether it is a section of somebody's own, which nothing reads. A word that is near one of ours is a slip, and so
    is a setting that stands a level too high."""
    slip = key in HOMES or key in all_parameters() or did_you_mean(key, (*LONG_KEYS, *HOMES, *all_parameters()))
    known = key in UNREAD_SECTIONS or key.startswith("x-")
    if not known and (slip or not isinstance(entry, LinedDict | LinedList | None)):
        return False
    if entry is not None:
        into.unread.add(key)
    return True


def _unknown_section(key: str) -> str:
    home = HOMES.get(key) or ("logic" if key in all_parameters() else None)
    if home is not None:
        return f"'{key}' belongs under {home}: {home}.{key}"
    near = did_you_mean(key, (*LONG_KEYS, *HOMES, *all_parameters()))
    return f"unknown field {shown(key)}{near}  (accepted: {listed(LONG_KEYS)})"


def _take_name(raw: RawRule) -> None:
    """``metadata.name`` is the id of a rule that has none, if it can be one; else what people call the rule."""
    name, place = raw.values.pop("name", None), raw.places.pop("name", None)
    if place is None or name is None:
        return
    if "id" not in raw.values and isinstance(name, str) and is_identifier(name):
        raw.put("id", name, place.line, place.name)
    elif "description" not in raw.values:
        raw.put("description", name, place.line, place.name)
    elif raw.values["description"] != name:
        raw.values["description"] = f"{name}: {raw.values['description']}"


def check_version(into: Gathered, value: LinedDict) -> None:
    for key, accepted, known in (("apiVersion", API_VERSION, {API_VERSION}), ("kind", KIND, KINDS)):
        given = value.get(key)
        if given is not None and (not isinstance(given, str) or given.strip().lower() not in known):
            near = did_you_mean(str(value[key]), [accepted])
            message = f"{shown(value[key])} is unknown{near}  (this version reads {accepted})"
            into.wrong(value.lines[key], None, key, message)


def _type(into: Gathered, logic: LinedDict, rule_id: object) -> type[Rule] | None:
    name = logic.get("type")
    line = logic.lines.get("type", logic.line)
    if not isinstance(name, str):
        what = "'type' is missing" if name is None else f"{shown(name)} is not a rule type"
        into.wrong(line, rule_id, "logic.type", f"{what}  (types: {listed(sorted(registry()), most=60)})")
        return None
    if name in NOT_YET:
        into.wrong(line, rule_id, "logic.type", not_yet(name))
        return None
    if name not in registry():
        types = listed(sorted(registry()), most=60)
        message = f"unknown rule type {shown(name)}{did_you_mean(name, registry())}  (types: {types})"
        into.wrong(line, rule_id, "logic.type", message)
        return None
    return registry()[name]


def not_yet(name: str) -> str:
    return (
        f"{name} is not implemented yet in this version; the nearest that it has is {stand_in_for(name)}, or custom_sql"
    )


def _copy(into: Gathered, raw: RawRule, section: str, given: LinedDict, accepted: tuple[str, ...]) -> None:
    for key, value in given.items():
        line, written = given.lines[key], f"{section}.{key}"
        if key in accepted:
            if raw.values.get(key) is not None and value is not None:
                first = raw.places[key]
                message = f"'{key}' stands at line {first.line} already ({first.name})"
                into.wrong(line, raw.values.get("id"), written, message)
            raw.put(key, value, line, written)
            continue
        if section == "logic" and says_nothing(raw.cls, key, value):
            continue
        home = HOMES.get(key)
        if home is not None and home != section:
            message = f"'{key}' belongs under {home}: {home}.{key}"
        else:
            message = unknown_field(raw.cls, key) if section == "logic" else _unknown(key, section, accepted)
        into.wrong(line, raw.values.get("id"), written, message)


def _without_type(logic: LinedDict) -> LinedDict:
    rest = LinedDict(logic.line)
    rest.update({key: value for key, value in logic.items() if key != "type"})
    rest.lines = logic.lines
    return rest


def _unknown(key: str, section: str, accepted: tuple[str, ...]) -> str:
    return f"unknown field {shown(key)}{did_you_mean(key, accepted)}  ({section} takes: {listed(accepted)})"
