"""What generating gives: rules with where they are from, and what became none with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aegis.rules.model import Rule

BY = "aegis dbt generate"
"""What `generated_by` says of a rule that was made from a dbt test."""


class NotCarriedError(Exception):
    """A test, or a part of one, that no rule can say. Its text is the reason."""


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """What a rule is made of. ``suffix`` tells the second rule of a test from the first."""

    type: str
    values: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class MadeRule:
    """A rule, the test (its unique id) and type of test that it was made from, and what a reader must know of it.
    ``with_id`` says that the loader would call it otherwise."""

    rule: Rule
    test: str
    test_type: str
    notes: tuple[str, ...] = ()
    with_id: bool = False


@dataclass(frozen=True, slots=True)
class NotCarried:
    """A test that became no rule, and why. ``table`` is the one it tests, as rules call it, where that is known."""

    test: str
    test_type: str
    reason: str
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """A rule that nobody asked for yet, as a draft. ``why`` is what suggests it, ``found`` what it found today."""

    rule: Rule
    why: str
    found: str
    with_id: bool = False


@dataclass(frozen=True, slots=True)
class Generated:
    """All that a manifest's tests gave. ``notes`` are of the whole."""

    project: str | None
    dialect: str | None
    rules: tuple[MadeRule, ...]
    not_carried: tuple[NotCarried, ...]
    notes: tuple[str, ...] = ()
    packages: Mapping[str, int] = field(default_factory=dict)
    """How many rules are of tests that other packages have, by package."""
