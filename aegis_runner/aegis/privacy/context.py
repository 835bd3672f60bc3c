"""What is known of the place where a text stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aegis.domain.results import Result

Text = Callable[[str], str]
#: The names by which the table is known that a value is from.
Tables = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """What is known where a text stands: is the rule's column personal, which names are no values, the taint."""

    personal: bool = False
    names: frozenset[str] = frozenset()
    tables: Tables = ()
    taint: Text | None = None

    def keep(self, text: str) -> bool:
        return text in self.names


NOWHERE = Context()


def place_of(result: Result) -> tuple[str, str]:
    return result.unique_id, result.rule_id


def tables_of(result: Result) -> Tables:
    return (result.table, result.node)
