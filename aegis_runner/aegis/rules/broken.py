"""What is known of rules that became none, so that a report can name them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aegis.domain.severity import Severity
from aegis.errors import Problem
from aegis.rules.book import BrokenRule
from aegis.rules.declared import NOT_YET
from aegis.rules.document import LinedDict
from aegis.rules.model import SourceLocation
from aegis.rules.raw import Gathered, RawRule, Unmade
from aegis.rules.spell import printable


def blame(gathered: Gathered, slips: Sequence[Problem], documents: Sequence[int]) -> None:
    """Put slips of the text that leave the rest readable (a key that stands twice, say) on the rule in whose lines they
    are; one above the first rule of its document is everybody's there.

    Args:
        gathered: Rules and entries of the file.
        slips: Their lines are known.
        documents: The lines at which its documents begin.
    """
    for slip in slips:
        line = slip.line or 0
        begin = max((first for first in documents if first <= line), default=0)
        end = min((first for first in documents if first > line), default=None)
        entries: list[RawRule | Unmade] = [*gathered.rules, *gathered.unmade]
        inside = [one for one in entries if begin <= one.line and (end is None or one.line < end)]
        last = max((one.line for one in inside if one.line <= line), default=None)
        blamed = [one for one in inside if last is None or one.line == last]
        for raw in gathered.rules:
            if any(raw is one for one in blamed):
                raw.problems += (slip,)
        gathered.unmade = [
            replace(one, problems=(*one.problems, slip)) if any(one is other for other in blamed) else one
            for one in gathered.unmade
        ]


def unloaded_rule(raw: RawRule, file: str, problems: tuple[Problem, ...]) -> BrokenRule:
    """A rule of a known type whose values are wrong."""
    values = raw.values
    named = values.get("id")
    if not (isinstance(named, str) and named.isprintable()):
        named = next((one.rule_id for one in problems if one.rule_id), None) or raw.cls.default_id(values)
    columns = values.get("column", values.get("columns"))
    return BrokenRule(
        id=named or f"{file}:{raw.line}",
        problems=problems,
        type=raw.cls.type,
        table=_text(values.get("table")),
        column=_text(", ".join(map(str, columns)) if isinstance(columns, list) else columns),
        severity=_severity(values.get("severity")),
        source=SourceLocation(file, raw.line),
    )


def unmade_rule(entry: Unmade, file: str) -> BrokenRule:
    """An entry whose form is wrong."""
    value = entry.value
    given = value if isinstance(value, LinedDict) else LinedDict(entry.line)
    metadata, scope, logic = (_section(given, name) for name in ("metadata", "scope", "logic"))
    defaults = entry.defaults or LinedDict(entry.line)
    named = metadata.get("id") or given.get("id") or next((one.rule_id for one in entry.problems if one.rule_id), None)
    short = next((key for key in given if key in NOT_YET), None)
    columns = scope.get("columns", scope.get("column"))
    return BrokenRule(
        id=_text(named) or f"{file}:{entry.line}",
        problems=entry.problems,
        type=_text(logic.get("type")) or short,
        table=_text(scope.get("table") or given.get("table") or defaults.get("table")),
        column=_text(", ".join(map(str, columns)) if isinstance(columns, list) else columns),
        severity=_severity(metadata.get("severity") or given.get("severity") or defaults.get("severity")),
        source=SourceLocation(file, entry.line),
    )


def _section(given: LinedDict, name: str) -> LinedDict:
    for place in (given, given.get("spec")):
        if isinstance(place, LinedDict) and isinstance(found := place.get(name), LinedDict):
            return found
    return LinedDict(given.line)


def _text(value: Any) -> str | None:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return printable(text)[:200] or None


def _severity(value: Any) -> Severity:
    """What was declared, where that can be read; a rule that cannot run has no verdict that it could soften."""
    word = value.strip().lower() if isinstance(value, str) else ""
    return Severity(word) if word in set(Severity) else Severity.MEDIUM
