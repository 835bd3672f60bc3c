"""Which columns hold personal data: marked so, or named so, and not said to be harmless."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aegis.privacy.config import Mode, PrivacyConfig
from aegis.privacy.names import is_credential, is_personal

EVERY_TABLE = "*"


@dataclass(frozen=True, slots=True)
class Columns:
    """The lookup of one `PrivacyConfig`; tables and columns are compared without case."""

    mode: Mode
    marked: frozenset[tuple[str, str]]
    public: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, config: PrivacyConfig) -> Columns:
        return cls(config.mode, _folded(config.pii_columns), _folded(config.public_columns))

    def personal(self, tables: Iterable[str | None], column: str | None) -> bool:
        """Whether ``column`` of a table known by any of the names ``tables`` holds personal data.

        A rule over several columns has them joined by commas: one of them is enough.
        """
        if self.mode is Mode.OFF or not column:
            return False
        names = frozenset(form for table in tables if table for form in _forms(table)) | {EVERY_TABLE}
        return any(self._one(names, part.strip(' "`[]')) for part in column.split(","))

    def _one(self, tables: frozenset[str], column: str) -> bool:
        pairs = {(table, column.casefold()) for table in tables}
        if not self.marked.isdisjoint(pairs):
            return True
        return is_personal(column) and self.public.isdisjoint(pairs)

    def credential(self, column: str) -> bool:
        return self.mode is not Mode.OFF and is_credential(column)


def _forms(table: str) -> tuple[str, ...]:
    """A table's names: as given, and each tail of it (``db.schema.orders``, ``schema.orders``, ``orders``)."""
    parts = table.replace('"', "").replace("`", "").casefold().split(".")
    return tuple(".".join(parts[start:]) for start in range(len(parts)))


def _folded(columns: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Each column under every form of its table's name: it is better to mask one too many than one too few."""
    return frozenset((form, column.casefold()) for table, column in columns for form in _forms(table))
