"""What a suite's node says of itself: ``meta.aegis``, with its table, rules, references and keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from aegis.dbt.artifacts.schema import Node

RuleArguments: TypeAlias = Mapping[str, Any]
"""A rule as a suite has it and the macros take it: what `Rule.arguments` gives, with the columns and tables that
binding it to dbt's tables added."""


@dataclass(frozen=True, slots=True)
class SuiteSection:
    """What a suite says of itself.

    Attributes:
        rules: Its rules, in order, as they stand there; `arguments` reads them.
        table: What people call its table; None where it does not say.
        files: The rules files that it was compiled from.
        references: The tables that its rules name beside their own.
        keys: The columns by which a person finds a row.
        part: Its name in a relation that it shares with others.
    """

    rules: object
    table: str | None = None
    files: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    part: str | None = None

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> SuiteSection:
        """What stands in a manifest. What is not of the kind that `aegis compile` writes is taken as not said."""
        return cls(
            said["rules"],
            table=_text(said.get("table")),
            files=_texts(said.get("files")),
            references=_texts(said.get("references")),
            keys=_texts(said.get("keys")),
            part=_text(said.get("part")),
        )

    def arguments(self) -> tuple[RuleArguments, ...]:
        """The rules.

        In a manifest they are JSON text in one string: dbt 1 turns a node's meta into a protobuf message for each of
        its events, so a list of mappings costs it ten milliseconds a suite.

        Raises:
            msgspec.DecodeError: They are not what `aegis compile` writes.
        """
        if isinstance(self.rules, str):
            return msgspec.json.decode(self.rules, type=tuple[dict[str, Any], ...])
        return msgspec.convert(self.rules, tuple[dict[str, Any], ...])

    def as_meta(self) -> dict[str, Any]:
        """As ``meta.aegis`` has it, without what is not said."""
        said = {"table": self.table, "rules": self.rules}
        for name in ("files", "references", "keys", "part"):
            value = getattr(self, name)
            if value:
                said[name] = list(value) if isinstance(value, tuple) else value
        return said


def suite_section(node: Node) -> SuiteSection | None:
    """``meta.aegis`` of a suite, wherever this dbt keeps it; ``None`` where a node carries no rules."""
    for meta in (node.config.meta if node.config else None, node.meta):
        section = meta.get("aegis") if meta else None
        if isinstance(section, Mapping) and "rules" in section:
            return SuiteSection.read(section)
    return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(filter(None, map(_text, value))) if isinstance(value, list | tuple) else ()
