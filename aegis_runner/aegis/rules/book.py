"""The rules of a project, as one value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aegis.rules.model import Rule


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Rules in file order, and the files that were read, in the order they were read.

    Ids are unique within a book; `load_rules` sees to it, and `RuleBook.of` for rules made in Python.
    """

    rules: tuple[Rule, ...]
    files: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)

    @classmethod
    def of(cls, *rules: Rule) -> RuleBook:
        """A book of rules made in Python.

        Raises:
            RulesError: Two rules have the same id.
        """
        from aegis.errors import RulesError
        from aegis.rules.load import repeated_ids

        problems = repeated_ids(rules)
        if problems:
            raise RulesError(problems, fine=len(rules) - len(problems))
        return cls(rules)
