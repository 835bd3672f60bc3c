"""What is known of one generic test of somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aegis.rules.foreign_arguments import Converter, NotUnderstoodError, Parameters
from aegis.rules.foreign_sql import Condition, Query
from aegis.rules.traits import Subject, Traits


@dataclass(frozen=True, slots=True)
class ForeignTest:
    """A test of somebody else.

    Attributes:
        like: The rule type that asks the same; None where there is none.
        arguments: What each of its arguments means, by name.
        defaults: Arguments that mean something where they are not given.
        always: Parameters of ``like`` that the test has by itself.
        expects: What it expects, with its arguments in braces.
        phrase: What failed, where the words of ``like`` do not say it.
        subject: What fails, where there is no ``like``.
        condition: The same as a condition on each row, for arguments that no rule type takes.
        query: The same as a query that gives the test's own failures.
        counts_rows: Whether the test counts what ``like`` counts; else it counts values, groups, or itself.
        beside: Why no rule type asks the same.
        untraced: The rule type that asks the same of the table as a whole: no fault is traced by it.
        in_list: For a test that looks values up in a list: the argument that is the list, and the one that quotes it.
    """

    like: str | None = None
    arguments: Mapping[str, Converter] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    always: Mapping[str, Any] = field(default_factory=dict)
    expects: str | None = None
    phrase: str | None = None
    subject: Subject = Subject.ROW
    condition: Condition | None = None
    query: Query | None = None
    counts_rows: bool = True
    beside: str | None = None
    untraced: str | None = None
    in_list: tuple[str, str] | None = None

    @property
    def rule_type(self) -> str | None:
        """The rule type that says the same, whether or not faults are traced by it."""
        return self.like or self.untraced

    @property
    def traits(self) -> Traits | None:
        """Those of ``like``, else what can be said without it."""
        from aegis.rules.declared import registry

        if self.like is not None:
            return registry()[self.like].traits
        if self.phrase is None and self.subject is Subject.ROW:
            return None
        return Traits(phrase=self.phrase or "{rule} does not hold", title=None, subject=self.subject)

    def parameters(self, given: Mapping[str, Any]) -> Parameters | None:
        """The parameters of ``like``, and ``where`` (a condition on rows), ``to`` and ``field`` (a reference); None if
        not every argument is understood."""
        known = {**self.defaults, **{name: value for name, value in given.items() if value is not None}}
        found: Parameters = dict(self.always)
        conditions: list[str] = []
        try:
            for name in known.keys() - {"model", "column_name"}:
                meant = self.arguments[name](known[name], known)
                conditions += [meant.pop("where")] if "where" in meant else []
                found |= meant
        except (KeyError, NotUnderstoodError):
            return None
        if conditions:
            found["where"] = (
                conditions[0] if len(conditions) == 1 else " and ".join(f"({one})" for one in sorted(conditions))
            )
        return found
