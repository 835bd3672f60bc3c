"""The short form: ``table: …`` with ``rules:``, each ``<type>: <what>``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aegis.rules.declared import NOT_YET
from aegis.rules.document import LinedDict, LinedList
from aegis.rules.long import check_version, long_rule, not_yet
from aegis.rules.model import ROW_CHECKS, TOLERANCES, Rule, registry
from aegis.rules.raw import LONG_KEYS, SHORT_DEFAULTS, UNREAD_HEADS, Gathered, RawRule
from aegis.rules.spell import did_you_mean, listed, shown


def container(into: Gathered, value: LinedDict) -> None:
    for key in value:
        if key in UNREAD_HEADS:
            into.unread.add(f"{key} beside rules")
        elif key not in (*SHORT_DEFAULTS, "rules", "apiVersion", "kind"):
            near = did_you_mean(key, (*SHORT_DEFAULTS, "rules"))
            accepted = listed(("table", "rules", *SHORT_DEFAULTS[1:]), most=12)
            into.wrong(value.lines[key], None, key, f"unknown field {shown(key)}{near}  (beside rules: {accepted})")
    check_version(into, value)
    rules = value["rules"]
    if not isinstance(rules, LinedList) or not rules:
        into.wrong(value.lines["rules"], None, "rules", "wants a list with at least one rule")
        return
    for entry, line in zip(rules, rules.lines, strict=True):
        with into.entry(line, entry, value):
            _entry(into, line, entry, value)


def _entry(into: Gathered, line: int, entry: Any, container: LinedDict) -> None:
    if isinstance(entry, LinedDict) and entry.keys() & set(LONG_KEYS):
        long_rule(into, entry)
    elif isinstance(entry, LinedDict) and entry:
        short_rule(into, entry, container)
    else:
        hint = f"; write '{entry}: <column>'" if isinstance(entry, str) and entry in registry() else ""
        into.wrong(line, None, "rules", f"{shown(entry)} is not a rule{hint}")


def short_rule(into: Gathered, entry: LinedDict, defaults: LinedDict) -> None:
    types = [key for key in entry if key in registry() or key in NOT_YET]
    if len(types) > 1:
        into.wrong(entry.line, entry.get("id"), None, f"one entry is one rule type; here are {listed(types)}")
        return
    if not types:
        _no_type(into, entry, defaults)
        return
    [name] = types
    if name in NOT_YET:
        into.wrong(entry.lines[name], entry.get("id"), name, not_yet(name))
        return
    cls, what, line = registry()[name], entry[name], entry.lines[name]
    beside = {key: (entry[key], entry.lines[key], key) for key in entry if key != name}
    if isinstance(what, LinedList) and any(isinstance(item, LinedDict) for item in what):
        for item, at in zip(what, what.lines, strict=True):
            _one(into, cls, item, at, beside, defaults)
    else:
        _one(into, cls, what, line, beside, defaults)


def _no_type(into: Gathered, entry: LinedDict, defaults: LinedDict) -> None:
    unknown = [key for key in entry if key not in Rule.model_fields]
    word = unknown[0] if unknown else next(iter(entry), "")
    if not unknown and "table" in entry and "table" not in defaults:
        into.wrong(entry.line, entry.get("id"), None, "'table' needs 'rules' beside it")
        return
    near = did_you_mean(word, registry())
    types = listed(sorted(registry()), most=60)
    line = entry.lines.get(word, entry.line)
    into.wrong(line, entry.get("id"), word or None, f"unknown rule type {shown(word)}{near}  (types: {types})")


def _one(
    into: Gathered,
    cls: type[Rule],
    what: Any,
    line: int,
    beside: Mapping[str, tuple[Any, int, str]],
    defaults: LinedDict,
) -> None:
    given = dict(beside)
    if isinstance(what, LinedDict):
        given.update({key: (value, what.lines[key], f"{cls.type}.{key}") for key, value in what.items()})
    elif what is not None:
        given[cls.shorthand] = (what, line, cls.type)
    raw = RawRule(cls, line)
    for name in SHORT_DEFAULTS:
        if name in defaults and (name not in ROW_CHECKS or name in cls.checks):
            raw.put(name, defaults[name], defaults.lines[name], name)
    if given.keys() & TOLERANCES:
        # A rule that says what it tolerates says all of it: a default must not contradict it.
        for name in TOLERANCES & raw.values.keys() - given.keys():
            del raw.values[name]
    for name, (value, at, written) in given.items():
        raw.put(cls.aliases.get(name, name), value, at, written)
    if "table" not in raw.values:
        into.wrong(line, raw.values.get("id"), "table", "'table' is missing: give it beside 'rules'")
        return
    into.add(raw)
