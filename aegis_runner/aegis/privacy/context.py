"""What is known of the place where a text stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aegis.domain.results import Result

Text = Callable[[str], str]
#: Whether a literal stands in SQL that the user wrote.
Own = Callable[[str], bool]
#: The names by which the table is known that a value is from.
Tables = tuple[str | None, ...]
#: Of a result: its node and its rule.
Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Context:
    """What is known where a text stands: is the rule's column personal, which names are no values, the taint, what
    the user wrote."""

    personal: bool = False
    names: frozenset[str] = frozenset()
    tables: Tables = ()
    taint: Text | None = None
    own: Own | None = None

    def keep(self, text: str) -> bool:
        return text in self.names or (self.own is not None and self.own(text))


NOWHERE = Context()


def place_of(result: Result) -> Place:
    return result.unique_id, result.rule_id


def tables_of(result: Result) -> Tables:
    return (result.table, result.node)
