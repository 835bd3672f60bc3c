"""Rules as text in the short form, as a person would write them, with comments; loading the text gives them again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aegis.rules.model import Rule
from aegis.rules.raw import METADATA, PARTS
from aegis.rules.yaml_text import plain_values, yaml_dumper

WIDTH = 110
_LONGEST_COMMENT = 400
_SHARED = ("status", "severity", "level", "owner", "domain", "tags", "generated_by", "runbook", "version")
"""What stands once beside ``rules``, if it is the same for all of a table."""
_OF_MOST = ("severity", "generated_by")
_BESIDE = ("schema", "database", "warehouse")


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule to be written. Its id is left out where it is the one that the loader makes; ``comments`` stand above."""

    rule: Rule
    with_id: bool = False
    comments: tuple[str, ...] = ()


def comment(text: str) -> str:
    """One line of a comment, whatever the text holds."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return f"# {line if len(line) <= _LONGEST_COMMENT else line[: _LONGEST_COMMENT - 1] + '…'}".rstrip()


def document(entries: Sequence[Entry]) -> str:
    """The rules of one table as one YAML document, in the order given; those that differ only in the column are one
    entry."""
    shared = _shared([entry.rule for entry in entries])
    lines = [_line("table", entries[0].rule.table), *(_line(name, value) for name, value in shared.items()), "rules:"]
    for group in _grouped(entries, shared):
        lines += [f"  {comment(text)}" for text in group[0].comments]
        lines += _entry(group, shared)
    return "\n".join(lines) + "\n"


def _shared(rules: Sequence[Rule]) -> dict[str, Any]:
    """What all rules have alike, and what most of them say of severity and origin."""
    found: dict[str, Any] = {}
    for name in (*_BESIDE, *_SHARED):
        values = [_value(rule, name) for rule in rules]
        if name in _OF_MOST and all(_is_set(rule, name) or name == "severity" for rule in rules):
            found[name] = Counter(values).most_common(1)[0][0]
        elif _is_set(rules[0], name) and all(value == values[0] for value in values):
            found[name] = values[0]
    return {name: plain_values(value) for name, value in found.items()}


def _grouped(entries: Sequence[Entry], shared: dict[str, Any]) -> Iterator[list[Entry]]:
    groups: dict[object, list[Entry]] = {}
    for place, entry in enumerate(entries):
        bare = not entry.comments and not entry.with_id and not _settings(entry, shared)
        groups.setdefault(entry.rule.type if bare and _is_one_column(entry.rule) else place, []).append(entry)
    yield from groups.values()


def _is_one_column(rule: Rule) -> bool:
    return rule.parameters() == ("column",) and rule.shorthand == "column"


def _entry(group: Sequence[Entry], shared: dict[str, Any]) -> list[str]:
    rule = group[0].rule
    if len(group) > 1:
        return _item({rule.type: [plain_values(_value(entry.rule, "column")) for entry in group]})
    given = {name: plain_values(_value(rule, name)) for name in _parameters(rule)}
    settings = _settings(group[0], shared)
    if not settings and list(given) == [rule.shorthand]:
        return _item({rule.type: given[rule.shorthand]})
    if group[0].with_id:
        given = {"id": rule.id, **given}
    return _item({rule.type: {**given, **{name: value for name, value in settings.items() if name != "id"}}})


def _settings(entry: Entry, shared: dict[str, Any]) -> dict[str, Any]:
    """What is said of the rule beside its parameters, and not for the whole table."""
    rule = entry.rule
    found: dict[str, Any] = {"id": rule.id} if entry.with_id else {}
    checks = [name for name in rule.takes() if name in rule.checks]
    for name in (*checks, *_BESIDE, *(one for one in METADATA if one != "id"), "keys", *PARTS):
        value = plain_values(_value(rule, name))
        if name in shared:
            if value != shared[name]:
                found[name] = value
        elif _is_set(rule, name):
            found[name] = value
    return found


def _parameters(rule: Rule) -> list[str]:
    own = [*rule.parameters(), *(("about",) if "about" in type(rule).model_fields else ())]
    return [name for name in own if _is_set(rule, name)]


def _value(rule: Rule, name: str) -> Any:
    value = getattr(rule, _field(name))
    return value.model_dump(exclude_defaults=True) if name in PARTS and value is not None else value


def _is_set(rule: Rule, name: str) -> bool:
    return bool(getattr(rule, _field(name)) != type(rule).model_fields[_field(name)].default)


def _field(name: str) -> str:
    return "schema_" if name == "schema" else name


def _line(name: str, value: Any) -> str:
    return _dumped({name: value}, flow=False).rstrip("\n")


def _item(entry: dict[str, Any]) -> list[str]:
    """One entry of the list: on one line if it fits, else its fields on lines of their own."""
    flow = f"  - {_dumped(entry, flow=True).strip()[1:-1]}"
    if len(flow) <= WIDTH and "\n" not in flow:
        return [flow]
    block = _dumped(entry, flow=False).rstrip("\n").split("\n")
    return [f"  {'- ' if place == 0 else '  '}{line}" if line else "" for place, line in enumerate(block)]


def _dumped(value: Any, *, flow: bool) -> str:
    import yaml

    text = yaml.dump(
        value, Dumper=yaml_dumper(), sort_keys=False, allow_unicode=True, width=100_000,
        default_flow_style=flow,
    )  # fmt: skip
    return str(text)
