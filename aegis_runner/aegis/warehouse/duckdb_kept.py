"""Queries whose rows are kept: which of them one look at a table answers, and statements that read what is kept."""

from __future__ import annotations

import re
from collections.abc import Sequence

NAME = r'(?:"(?:[^"]|"")*"|\w+)'
RELATION = rf"{NAME}(?:\.{NAME})*"
_ROWS_BY_CONDITION = re.compile(rf"select \* from ({RELATION}) where (.+)", re.DOTALL)


def conditions_by_relation(queries: Sequence[str]) -> dict[str, dict[str, str]]:
    """Of queries that are conditions on the rows of one relation, the conditions by query, by relation; without
    relations of which there is one alone."""
    found: dict[str, dict[str, str]] = {}
    for query in queries:
        whole = _ROWS_BY_CONDITION.fullmatch(query)
        if whole is not None:
            found.setdefault(whole[1], {})[query] = whole[2]
    return {relation: conditions for relation, conditions in found.items() if len(conditions) > 1}


def reading_kept(sql: str, query: str, kept: str) -> str:
    """The statement, where the query is all of it or stands alone in parentheses, with the table of its rows."""
    if query not in sql:
        return sql
    if sql == query:
        return f"select * from {kept}"
    alone = re.compile(rf"\((\s*){re.escape(query)}(\s*)\)")
    return alone.sub(lambda match: f"({match[1]}select * from {kept}{match[2]})", sql)
