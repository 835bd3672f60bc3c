"""Ids of rules that were given none: ``<table>_<columns>_<type>``, made unique and stable.

Rules whose plain ids would be the same all get six hex digits of what they check at the end, so that adding,
removing or moving another rule never gives one rule the id, and with it the history, of another. Rules over an
expression or a query have no column to be named by; a readable form of the SQL stands in its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from json import dumps
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aegis.rules.model import Rule

MOST_SQL_LETTERS = 40
MOST_LETTERS = 150

_OPERATORS = {"<=": "le", ">=": "ge", "<>": "ne", "!=": "ne", "<": "lt", ">": "gt", "=": "eq", "*": "times", "/": "by"}
_OPERATOR = re.compile("|".join(map(re.escape, _OPERATORS)))
_NO_WORD = re.compile(r"\W+")


def default_id(cls: type[Rule], values: Mapping[str, object]) -> str:
    """The plain id, from values that need not be valid yet."""
    parts = [values.get("table"), *_columns(values)]
    if not _columns(values):
        sql = values.get("expression") or values.get("query")
        parts.append(_slug_of_sql(sql) if isinstance(sql, str) else None)
    named = [slug(part) for part in parts if isinstance(part, str)]
    text = "_".join(part for part in [*named, cls.type] if part)
    if len(text) <= MOST_LETTERS:
        return text
    return f"{text[:MOST_LETTERS].rstrip('_')}_{digest(text)}_{cls.type}"


def told_apart(rule: Rule) -> str:
    """The rule's id with six hex digits of what it checks."""
    checked = {name: getattr(rule, name) for name in ("database", "schema_", *rule.parameters(), "where", "since")}
    return f"{rule.id}_{digest(dumps(checked, default=str, sort_keys=True))}"


def slug(text: str) -> str:
    """Letters, digits and single underscores."""
    return re.sub("__+", "_", _NO_WORD.sub("_", text)).strip("_")


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:6]


def _columns(values: Mapping[str, object]) -> list[str]:
    found: list[str] = []
    for name in ("column", "column_b", "columns", "about"):
        value = values.get(name)
        entries = value if isinstance(value, list | tuple) else [value]
        found += [entry for entry in entries if isinstance(entry, str)]
    return found


def _slug_of_sql(sql: str) -> str:
    text = slug(_OPERATOR.sub(lambda match: f" {_OPERATORS[match[0]]} ", sql)).lower()
    return text if len(text) <= MOST_SQL_LETTERS else f"{text[:MOST_SQL_LETTERS].rstrip('_')}_{digest(sql)}"
