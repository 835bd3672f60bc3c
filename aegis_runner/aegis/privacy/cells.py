"""Values: cells of samples, keys of failing rows, members of what evidence counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from aegis.domain.privacy import MASK
from aegis.domain.results import Result
from aegis.privacy.columns import Columns
from aegis.privacy.config import Mode
from aegis.privacy.context import Tables, Text, tables_of
from aegis.privacy.secrets import REMOVED
from aegis.privacy.shapes import is_card, is_free_text, mask, masked, without_shapes


@dataclass(frozen=True, slots=True)
class Cells:
    """Judges a value by its column, and where nothing is known of that by its shape."""

    mode: Mode
    columns: Columns
    keys: Mapping[str, tuple[str, ...]]
    secret: Text
    name: Text
    personal: Callable[[Tables, str | None], bool]

    def cell(self, value: JsonValue, column: str | None, personal: bool, tables: Tables) -> JsonValue:
        if isinstance(value, list):
            return [self.cell(item, column, personal, tables) for item in value]
        if isinstance(value, dict):
            # ``{"column": "email", "values": […]}`` speaks of the column that it names.
            about = value.get("column")
            named = isinstance(about, str) and self.personal(tables, about)
            known = personal or named

            def member(key: str, item: JsonValue) -> JsonValue:
                if key == "column" and isinstance(item, str):
                    return self.name(item)
                return self.cell(item, key, known or self.personal(tables, key), tables)

            return self.members(value, member)
        if column is not None and self.columns.credential(column) and personal and value is not None:
            return MASK
        if personal:
            return masked(self.secret(value) if isinstance(value, str) else value)
        return self.impersonal(value)

    def impersonal(self, value: JsonValue) -> JsonValue:
        """A value of a column that nothing says is personal: short words and numbers stay."""
        if isinstance(value, str):
            text = self.secret(value)
            if self.mode is not Mode.STRICT:
                return text
            # Free text may hold anything: a name, an illness, a complaint.
            return mask(text) if is_free_text(text) else without_shapes(text)
        if isinstance(value, int) and not isinstance(value, bool):
            number = str(value)
            if self.secret(number) != number:
                return REMOVED
            if self.mode is Mode.STRICT and is_card(number):
                return masked(value)
        return value

    def in_column(self, value: JsonValue, column: str | None, tables: Tables) -> JsonValue:
        return self.cell(value, column, self.personal(tables, column), tables)

    def key(self, result: Result, key: JsonValue) -> JsonValue:
        """A failing key. Where its columns are unknown it may be the rule's own column, as for ``unique``."""
        tables, columns = tables_of(result), self.keys.get(result.rule_id)
        if columns and isinstance(key, list) and len(columns) == len(key):
            return [self.in_column(item, name, tables) for item, name in zip(key, columns, strict=True)]
        if columns:
            return self.cell(key, None, self.personal(tables, ",".join(columns)), tables)
        return self._unknown_key(self.cell(key, None, self.personal(tables, result.column), tables))

    def _unknown_key(self, key: JsonValue) -> JsonValue:
        """In strict mode a word without a digit may be a name; codes and numbers stay, they find the row."""
        if isinstance(key, list):
            return [self._unknown_key(item) for item in key]
        wordy = isinstance(key, str) and not any(map(str.isdigit, key))
        return mask(key) if self.mode is Mode.STRICT and wordy and isinstance(key, str) else key

    def members(self, members: Mapping[Any, Any], treat: Callable[[Any, Any], Any]) -> dict[Any, Any]:
        """A mapping, its names and members treated. A name that became another's has a prime, so that none is lost."""
        treated: dict[Any, Any] = {}
        for key, item in members.items():
            name = self.name(key) if type(key) is str else key
            while name in treated:
                name = f"{name}'"
            treated[name] = treat(key, item)
        return treated
