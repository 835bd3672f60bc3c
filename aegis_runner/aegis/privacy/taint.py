"""Values that were masked in one place, so that they are masked wherever else they are told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from pydantic import JsonValue

from aegis.domain.privacy import MASK
from aegis.domain.report import Finding
from aegis.domain.results import Result
from aegis.privacy.cells import Cells
from aegis.privacy.context import Place, place_of, tables_of

#: Shorter words and numbers are too common to be taken for the value.
MIN_WORD = 3
MIN_DIGITS = 6


def leaves(before: JsonValue, after: JsonValue) -> Iterable[tuple[str, JsonValue]]:
    """Pairs of a scalar as text and what became of it, for two values of the same build."""
    if isinstance(before, list) and isinstance(after, list):
        for old, new in zip(before, after, strict=True):
            yield from leaves(old, new)
    elif isinstance(before, dict) and isinstance(after, dict):
        for old, new in zip(before.values(), after.values(), strict=True):
            yield from leaves(old, new)
    elif isinstance(before, str):
        yield before, after
    elif isinstance(before, int | float) and not isinstance(before, bool):
        yield str(before), after if isinstance(after, str) else str(after)


def changed(values: Iterable[JsonValue], treat: Callable[[JsonValue], JsonValue]) -> frozenset[str]:
    """The scalars among ``values`` that ``treat`` masks, and that are long enough to be looked for."""
    return frozenset(
        old for value in values for old, new in leaves(value, treat(value)) if old != new and _is_telling(old)
    )


def _is_telling(text: str) -> bool:
    digits = sum(char.isdigit() for char in text)
    return digits >= MIN_DIGITS if digits == len(text) else len(text.strip()) >= MIN_WORD


def taint_remover(values: Iterable[str]) -> Callable[[str], str]:
    """A function that masks ``values`` in a text where they stand as whole words."""
    ordered = sorted(set(values), key=len, reverse=True)
    known = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, ordered)) + r")(?!\w)")
    return lambda text: known.sub(MASK, text)


def taints(findings: Sequence[Finding], results: Sequence[Result], cells: Cells) -> dict[Place, Callable[[str], str]]:
    """By result, what masks the values that its keys and its sample hold, in any other text about it."""
    found: dict[Place, frozenset[str]] = {}
    for finding in findings:
        found[place_of(finding.result)] = _in_sample(finding, cells)
    # A finding holds the very result that stands among the results.
    for result in {id(one): one for one in (*results, *(finding.result for finding in findings))}.values():
        keys = changed(result.failing_keys, partial(cells.key, result)) if result.failing_keys else frozenset()
        if keys:
            found[place_of(result)] = keys | found.get(place_of(result), frozenset())
    return {place: taint_remover(values) for place, values in found.items() if values}


def _in_sample(finding: Finding, cells: Cells) -> frozenset[str]:
    sample, tables = finding.sample, tables_of(finding.result)
    if sample is None:
        return frozenset()
    pairs = ((name, value) for row in sample.rows for name, value in zip(sample.columns, row, strict=False))
    found: frozenset[str] = frozenset()
    for name, value in pairs:
        found |= changed([value], partial(cells.in_column, column=name, tables=tables))
    return found
