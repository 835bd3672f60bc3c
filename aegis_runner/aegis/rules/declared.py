"""Rule types by name. A class registers itself when it is declared; its family is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from aegis.rules.types import Types

if TYPE_CHECKING:
    from aegis.rules.model import Rule

_DECLARED: dict[str, type[Rule]] = {}

NOT_YET = frozenset(
    {"isolation_forest", "learned_threshold", "reconcile_row_count", "reconcile_column_sum", "reconcile_key_match"}
)
"""Types of the format that this version does not have; `Rule.stands_in_for` says which is the nearest."""


def register(rule_type: type[Rule]) -> None:
    """Take in a class that has a ``type``.

    Raises:
        TypeError: Another class has it.
    """
    name = rule_type.type
    if name in _DECLARED and _DECLARED[name].__qualname__ != rule_type.__qualname__:
        raise TypeError(f"rule type {name!r} is declared by {_DECLARED[name].__qualname__} already")
    _DECLARED[name] = rule_type


def registry() -> Mapping[str, type[Rule]]:
    """All rule types by name."""
    return Types(_DECLARED)


@cache
def all_parameters() -> tuple[str, ...]:
    """The parameters of all rule types, each once."""
    return tuple(dict.fromkeys(name for cls in registry().values() for name in cls.parameters()))


def stand_in_for(name: str) -> str | None:
    """The nearest rule type to one of the format that this version does not have."""
    return next((cls.type for cls in registry().values() if name in cls.stands_in_for), None)
