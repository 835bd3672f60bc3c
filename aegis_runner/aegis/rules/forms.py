"""Which of the written forms a document of a rules file has, and what it is when it has none."""

from __future__ import annotations

from typing import Any

from aegis.rules.declared import NOT_YET
from aegis.rules.document import LinedDict, LinedList
from aegis.rules.long import long_rule
from aegis.rules.model import registry
from aegis.rules.raw import LONG_KEYS, Gathered
from aegis.rules.short import container, short_rule
from aegis.rules.spell import did_you_mean, listed, printable, shown


def gather(into: Gathered, line: int, value: Any) -> None:
    """The rules of a document, or of an entry of one."""
    with into.entry(line, value):
        _gather(into, line, value)


def _gather(into: Gathered, line: int, value: Any) -> None:
    if isinstance(value, LinedList) and value:
        for entry, at in zip(value, value.lines, strict=True):
            gather(into, at, entry)
    elif not isinstance(value, LinedDict):
        into.wrong(line, None, None, f"{shown(value)} is not a rule: expected a mapping")
    elif "rules" in value and not value.keys() & {"scope", "logic", "spec"}:
        container(into, value)
    elif value.keys() & set(LONG_KEYS):
        long_rule(into, value)
    elif any(key in registry() or key in NOT_YET for key in value):
        short_rule(into, value, LinedDict(line))
    else:
        _no_rule(into, value)


def _no_rule(into: Gathered, value: LinedDict) -> None:
    if value.keys() & {"models", "sources", "seeds", "snapshots", "exposures"}:
        message = "this is a dbt properties file, not a rules file; keep it out of the rules folder"
    elif not value:
        message = "is an empty mapping; a rule has 'table' and 'rules', or 'scope' and 'logic'"
    else:
        known = ("rules", "table", *LONG_KEYS)
        near = next((text for key in value if (text := did_you_mean(key, known))), "")
        message = (
            f"is not a rule: its keys are {listed(map(printable, value), most=8)}{near}  "
            "(short form: table, rules; long form: apiVersion, kind, metadata, scope, logic)"
        )
    into.wrong(value.line, None, None, message)
