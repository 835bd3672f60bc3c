"""Comparisons so plain that they pass the gate without the SQL library, whose import costs a small run a tenth.

A column, a comparison, and a column, whole number or plain word in apostrophes: no function, no table, no comment and
no second statement can be in it. A word that means anything in any dialect (``keywords.txt``) is left to the library.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from aegis.sql.dialects import DIALECTS

_NAME = "[A-Za-z_][A-Za-z0-9_]{0,99}"
_PLAIN = re.compile(rf" *({_NAME}) *(<=|>=|<>|=|<|>) *({_NAME}|0|[1-9][0-9]{{0,14}}|'[A-Za-z0-9_]{{0,99}}') *")

# The library's dialects but for those that reserve hundreds of common names.
_IN = frozenset(DIALECTS.values()) - {"doris", "mysql", "singlestore", "starrocks"}


class Plain(NamedTuple):
    """The comparison as the library would print it, and its columns, sorted."""

    sql: str
    columns: tuple[str, ...]


def plain_comparison(text: str, dialect: str | None) -> Plain | None:
    """What it says, if it is one that needs no parser (in a dialect of the library's)."""
    found = _PLAIN.fullmatch(text)
    if found is None or not (dialect is None or dialect in _IN):
        return None
    left, comparison, right = found.groups()
    columns = {name for name in (left, right) if name[0] == "_" or name[0].isalpha()}
    if any(name.lower() in keywords() for name in columns):
        return None
    return Plain(f"{left} {comparison} {right}", tuple(sorted(columns)))


@cache
def keywords() -> frozenset[str]:
    """Words that are more than a name in one of the library's dialects, in lower case."""
    return frozenset((files("aegis.sql") / "keywords.txt").read_text(encoding="utf-8").split())
