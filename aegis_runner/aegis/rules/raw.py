"""One rule as it is written: its values by field name, each with its place, before anything is validated.

Both written forms (`aegis.rules.short`, `aegis.rules.long`) end here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from aegis.errors import Problem
from aegis.rules.declared import all_parameters
from aegis.rules.document import LinedDict, LinedList
from aegis.rules.ids import slug
from aegis.rules.model import ROW_CHECKS, TOLERANCES, Rule
from aegis.rules.spell import printable

API_VERSION = "aegis.dev/v1"
KIND = "DataQualityRule"
KINDS = frozenset({"dataqualityrule", "dataqualityrules", "dataqualityruleset", "rule", "rules", "ruleset"})
"""What ``kind`` may say, in any capitals: it was never looked at before, and there is one kind of document only."""

_FOREIGN = frozenset({"source_table", "tolerance_pct", "contamination", "min_history_days"})


@cache
def of_any_type() -> frozenset[str]:
    """What some rule type of the format takes under ``logic``."""
    return ROW_CHECKS.union(all_parameters(), _FOREIGN)


UNREAD_SECTIONS = ("reconciliation",)
"""Sections of the format that say nothing that anything reads."""
UNREAD_HEADS = ("metadata", "name", "description")
"""What may stand beside ``rules`` as a label of the file."""

METADATA = (
    "id", "severity", "level", "owner", "domain", "tags", "description", "runbook", "version", "status", "generated_by",
)  # fmt: skip
SCOPE = ("warehouse", "database", "schema", "table", "columns", "keys", "where", "since", "time_column")
PARTS = ("diagnosis", "remediation", "sla")
SECTIONS = ("metadata", "scope", "logic", *PARTS)
LONG_KEYS = ("apiVersion", "kind", *SECTIONS, "spec")
SHORT_DEFAULTS = (
    "table", "warehouse", "database", "schema", "severity", "level", "owner", "domain", "tags", "runbook", "version",
    "status", "generated_by", "where", "since", "time_column", "time_zone", "keys", "nulls", "max_failed_pct",
    "max_failed_rows", "warn_pct", *PARTS,
)  # fmt: skip
_OPTIONAL_TEXT = frozenset(
    {"owner", "domain", "description", "runbook", "version", "generated_by", "database", "schema", "warehouse"}
)


# The section of the long form under which a field stands; a type's own parameters stand under logic.
HOMES = {
    **dict.fromkeys(METADATA, "metadata"),
    **dict.fromkeys(SCOPE, "scope"),
    **dict.fromkeys(("nulls", "time_zone", *TOLERANCES), "logic"),
    "type": "logic",
}


@dataclass(slots=True)
class Place:
    """Where a field's value is written: its line, its dotted name as written, and the value with its own lines."""

    line: int
    name: str
    value: Any = None


@dataclass(slots=True)
class RawRule:
    """One rule as written, its values by field name."""

    cls: type[Rule]
    line: int
    long: bool = False
    problems: tuple[Problem, ...] = ()
    """What is wrong with its form; a rule with any is never run."""
    values: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)

    def written(self, name: str) -> str:
        """What a field would be called here, had it been given."""
        if name in self.places:
            return self.places[name].name
        if not self.long:
            return name if name in SHORT_DEFAULTS else f"{self.cls.type}.{name}"
        name = {"column": "columns", "schema_": "schema"}.get(name, name)
        return f"{HOMES.get(name, 'logic')}.{name}"

    def put(self, name: str, value: Any, line: int, written: str) -> None:
        """Null, and empty text where text is optional, is the same as nothing; but for an unknown field, an error."""
        if value is None and (name in self.cls.takes() or name in ("column", "columns")):
            return
        if name not in self.cls.takes() and says_nothing(self.cls, name, value):
            return
        if value == "" and name in _OPTIONAL_TEXT:
            return
        self.values[name] = value
        self.places[name] = Place(line, written, value)


def says_nothing(cls: type[Rule], name: str, value: Any) -> bool:
    """Whether a field that the type does not take has a value that is none: null, empty, or the default of a type that
    takes it; or, as ``unit``, what the type counts in anyway."""
    if name == "unit" and isinstance(value, str):
        return value.strip().lower() in cls.counts_in
    if name not in of_any_type():
        return False
    return value is None or value in ("", []) or (name == "tolerance_pct" and not isinstance(value, str) and value == 0)


@dataclass(frozen=True, slots=True)
class Unmade:
    """An entry that stands for a rule and became none: what is written there, and why."""

    line: int
    value: Any
    defaults: LinedDict | None
    problems: tuple[Problem, ...]


class Gathered:
    """What one file gives: its rules as written, what is wrong with their form, entries that became no rule, and
    sections that nothing reads."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.rules: list[RawRule] = []
        self.problems: list[Problem] = []
        self.unmade: list[Unmade] = []
        self.unread: set[str] = set()

    @contextmanager
    def entry(self, line: int, value: Any, defaults: LinedDict | None = None) -> Iterator[None]:
        """Problems that are found inside are those of the rules that are made inside, or of the entry if none is."""
        rules, problems, unmade = len(self.rules), len(self.problems), len(self.unmade)
        yield
        wrong = tuple(self.problems[problems:])
        if not wrong:
            return
        inner = {problem for entry in self.unmade[unmade:] for problem in entry.problems}
        inner.update(problem for raw in self.rules[rules:] for problem in raw.problems)
        own = tuple(problem for problem in wrong if problem not in inner)
        if not own:
            return
        for raw in self.rules[rules:]:
            raw.problems += own
        self.unmade[unmade:] = [replace(one, problems=one.problems + own) for one in self.unmade[unmade:]]
        if len(self.rules) == rules and len(self.unmade) == unmade:
            self.unmade.append(Unmade(line, value, defaults, own))

    def wrong(self, line: int | None, rule_id: object, name: str | None, message: str) -> None:
        given = rule_id if isinstance(rule_id, str) and rule_id.isprintable() else None
        self.problems.append(Problem(self.file, line, given, name and printable(name), message))

    def add(self, raw: RawRule) -> None:
        """Columns into the fields of the type; a type of one column becomes one rule for each."""
        cls, values = raw.cls, raw.values
        if "column" in values and values.get("columns") in (values["column"], [values["column"]]):
            del values["columns"], raw.places["columns"]
        if "column" in values and "columns" in values:
            place = raw.places["columns"]
            message = "names other columns than 'column' does; give one of the two"
            self.wrong(place.line, values.get("id"), place.name, message)
            return
        names = values.get("columns", values.get("column"))
        if "columns" in cls.parameters() and "column" in values and "columns" not in values:
            _rename(raw, "column", "columns")
        elif "columns" in values and "columns" not in cls.parameters():
            _rename(raw, "columns", "column" if "column" in cls.parameters() else "about")
        elif "column" in values and "column" not in cls.parameters() and "about" in cls.model_fields:
            _rename(raw, "column", "about")
        if "column" not in cls.parameters() or not isinstance(names, LinedList):
            self.rules.append(raw)
        elif "column_b" in cls.parameters() and len(names) == 2 and "column_b" not in values:
            place = raw.places["column"]
            raw.put("column", names[0], place.line, place.name)
            raw.put("column_b", names[1], place.line, place.name)
            self.rules.append(raw)
        else:
            self.rules.extend(_one_each(raw, names))


def _rename(raw: RawRule, old: str, new: str) -> None:
    raw.values[new] = raw.values.pop(old)
    raw.places[new] = raw.places.pop(old)


def _one_each(raw: RawRule, names: LinedList) -> list[RawRule]:
    """One rule per column; an id that was given names the first of several only with the column's name added."""
    place, given = raw.places["column"], raw.values.get("id")
    if not names:
        del raw.values["column"]
        return [raw]
    found = []
    for name, line in zip(names, names.lines, strict=True):
        one = replace(raw, values=dict(raw.values), places=dict(raw.places))
        one.put("column", name, line, place.name)
        if len(names) > 1 and isinstance(given, str):
            one.values["id"] = f"{given}_{slug(str(name))}"
        found.append(one)
    return found
