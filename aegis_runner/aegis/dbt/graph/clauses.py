"""Which clauses of a query differ from those of an earlier one, in words, and on which line of the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from aegis.domain.text import listed, plural_of

if TYPE_CHECKING:
    from sqlglot import exp

_WORDS = {
    "where": "the filter",
    "group": "the grouping",
    "having": "the filter on groups",
    "qualify": "the filter on windows",
    "distinct": "DISTINCT",
    "limit": "the limit",
    "offset": "the offset",
    "laterals": "what is unnested",
    "pivots": "the pivot",
}
"""Clauses that decide over rows, as sqlglot names them."""


def changed_clauses(old: exp.Query, new: exp.Query) -> tuple[str, ...]:
    """Those that decide over rows, of SELECTs that both queries have: by the name of their CTE, else by their place.
    Nothing where a SELECT was added or removed: then it is not a clause that differs."""
    before, now = dict(_selects(old)), dict(_selects(new))
    if before.keys() != now.keys():
        return ()
    found = [word for name, select in now.items() for word in _differing(before[name], select)]
    if _unions(old) != _unions(new):
        found.append(f"the {' and '.join(sorted(set(_unions(new)) ^ set(_unions(old)))) or 'union'}")
    return tuple(dict.fromkeys(found))


def _unions(tree: exp.Query) -> list[str]:
    """``union``, ``union all``, ``except``, … in order."""
    from sqlglot import exp

    return [one.key + (" all" if one.args.get("distinct") is False else "") for one in tree.find_all(exp.SetOperation)]


def _selects(tree: exp.Query) -> Iterator[tuple[str, exp.Select]]:
    from sqlglot import exp

    for place, select in enumerate(tree.find_all(exp.Select)):
        parent = select.parent
        yield (parent.alias.lower() if isinstance(parent, exp.CTE) else f"#{place}"), select


def _differing(old: exp.Select, new: exp.Select) -> Iterator[str]:
    for name, words in _WORDS.items():
        if _text(old.args.get(name)) != _text(new.args.get(name)):
            yield words
    before, now = _joins(old), _joins(new)
    yield from (f"the join to {name}" for name in dict.fromkeys([*now, *before]) if before.get(name) != now.get(name))
    if _text(_from(old)) != _text(_from(new)):
        yield "what it reads"


def _joins(select: exp.Select) -> dict[str, str]:
    found: dict[str, str] = {}
    for join in select.args.get("joins") or ():
        name = join.this.name or join.this.alias_or_name
        found[name] = found.get(name, "") + join.sql(comments=False)
    return found


def _from(select: exp.Select) -> exp.Expr | None:
    start: exp.Expr | None = select.args.get("from_") or select.args.get("from")
    return start


def _text(clause: exp.Expr | list[exp.Expr] | None) -> str:
    from sqlglot import exp

    if clause is None:
        return ""
    parts = clause if isinstance(clause, list) else [clause]
    copies = [part.copy() for part in parts]
    for inner in [one for part in copies for one in part.find_all(exp.Subquery)]:
        # A query inside is looked at by itself.
        inner.set("this", exp.select())
    return " ".join(part.sql(comments=False) for part in copies)


def how_made(columns: Sequence[str]) -> str:
    """``how a and b are made``, of at most three."""
    return f"how {listed(columns[:3])} {plural_of(len(columns), 'is', 'are')} made"


def first_changed_line(old: str, new: str) -> int | None:
    """The line of the new text, from 1, on which it begins to differ; layout and comments after ``--`` are nothing."""
    before, now = _lines(old), _lines(new)
    matcher = SequenceMatcher(None, [text for _, text in before], [text for _, text in now], autojunk=False)
    start = next((found for tag, _, _, found, _ in matcher.get_opcodes() if tag != "equal"), None)
    return None if start is None or not now else now[min(start, len(now) - 1)][0]


def line_of_column(sql: str, column: str) -> int | None:
    """The line of a file on which a SELECT names the column, from 1: the last one, as a file ends with its result."""
    named = re.compile(rf"\bas\s+[\"`\[]?{re.escape(column)}\b|(?:^|[.,\s]){re.escape(column)}\s*,?$", re.IGNORECASE)
    return next((number for number, line in reversed(_lines(sql)) if named.search(line)), None)


def _lines(text: str) -> list[tuple[int, str]]:
    bare = ((number, " ".join(line.split("--")[0].split())) for number, line in enumerate(text.splitlines(), 1))
    return [(number, line) for number, line in bare if line]
