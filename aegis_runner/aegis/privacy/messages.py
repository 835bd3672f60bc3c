"""Values that a database or dbt tells in a message, as against the identifiers, types and codes that it tells there
too.

The wordings are those of PostgreSQL, Redshift, DuckDB, Snowflake, BigQuery, Spark and Databricks, Athena and Trino, SQL
Server, MySQL, ClickHouse and dbt. Forms that leave no doubt come first; then each quoted part is judged by the
words around it. What no words tell about is a value in apostrophes, and a name in double quotes if it looks like
one."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice

from aegis.domain.privacy import MASK
from aegis.privacy.shapes import mask
from aegis.privacy.taint import taint_remover
from aegis.privacy.wordings import (
    LISTS_ON,
    NAME_AFTER,
    NAME_BEFORE,
    NAME_LIKE,
    NO_VALUE,
    TOKEN_BEFORE,
    TUPLE,
    TYPE,
    VALUE_AFTER,
    VALUE_BEFORE,
    VALUE_FIRST,
    continues,
    forms,
)

Keep = Callable[[str], bool]
_OPENING = re.compile(r"(?<![\w'\"])(['\"])(?=\S| )")
#: So much of a line before a quoted part is looked at.
_BEFORE = 64
#: What a form has masked already, with the column that DuckDB tells before it.
_DONE = re.compile(rf"(?:\w+: )?{MASK}")
_LONGEST_LINE = 2_000
_MOST_QUOTES = 16


def without_values(text: str, keep: Keep, *, personal: bool) -> str:
    """A message with the values that it tells masked. ``keep`` tells names that are no values; ``personal`` says
    that it is about a column whose values are."""
    told: set[str] = set()

    def form(match: re.Match[str]) -> str:
        body = match["value"]
        if not body.strip() or body.strip() == MASK or keep(body):
            return match.group()
        told.add(body.strip())
        start, end = (place - match.start() for place in match.span("value"))
        return f"{match.group()[:start]}{MASK}{match.group()[end:]}"

    def listed(match: re.Match[str]) -> str:
        body, closed, rest = match[2].rpartition(")")
        told.update(part for part in map(str.strip, body.split(",")) if not NO_VALUE.fullmatch(part))
        return f"{match[1]}({mask(body)}){rest}" if closed else f"{match[1]}({mask(rest)}"

    text = TUPLE.sub(listed, text)
    for pattern in forms(text):
        text = pattern.sub(form, text)
    text = _without_quoted(text, keep, told, personal=personal)
    # A message may tell a value twice: DuckDB shows it again with a mark under it.
    again = [value for value in told if len(value) >= 3 and not keep(value)]
    return taint_remover(again)(text) if again else text


def _without_quoted(text: str, keep: Keep, told: set[str], *, personal: bool) -> str:
    parts: list[str] = []
    place, kept_end, kept_before = 0, -1, False
    while (opening := _OPENING.search(text, place)) is not None:
        start = opening.end()
        before = text[max(0, start - 1 - _BEFORE) : start - 1].rpartition("\n")[2]
        end, after = _closing(text, start, opening[1])
        body = text[start:end]
        follows = kept_before and LISTS_ON.fullmatch(text[kept_end:start]) is not None
        if _DONE.fullmatch(body) or follows or _is_name(body, before, after, opening[1], keep, personal=personal):
            kept_before = kept_before or body != MASK
            parts.append(text[place : end + 1])
        else:
            kept_before = False
            if body.strip():
                told.add(body.strip())
            parts.append(text[place:start] + mask(body) + text[end : end + 1])
        place = kept_end = end + 1
    return "".join([*parts, text[place:]])


def _closing(text: str, start: int, quote: str) -> tuple[int, str]:
    """Where the quoted part that begins at ``start`` ends, and what follows on its line.

    Warehouses do not escape quotes inside. An even number of them is left on the line if one stands inside, and
    then the last one ends the part. No quote at all on the line: the value has line breaks, and all the rest may be
    part of it."""
    stop = text.find("\n", start)
    stop = min(len(text) if stop < 0 else stop, start + _LONGEST_LINE)
    ends = [
        found.start()
        for found in islice(re.compile(quote).finditer(text, start, stop), _MOST_QUOTES)
        if not text[found.end() : found.end() + 1].isalnum()
    ]
    if not ends:
        return len(text), ""
    if text.count(quote, start, stop) % 2 == 0:
        ends.reverse()
    end = next((place for place in ends if continues(text[place + 1 : min(stop, place + 40)])), ends[0])
    return end, text[end + 1 : min(stop, end + _BEFORE)]


def _is_name(body: str, before: str, after: str, quote: str, keep: Keep, *, personal: bool) -> bool:
    """Whether a quoted part is a name, a type or a sign, by what stands before and after it."""
    if keep(body) or not any(map(str.isalnum, body)) or TYPE.fullmatch(body):
        return True
    if NAME_BEFORE.search(before):
        return VALUE_FIRST.search(before) is None
    if TOKEN_BEFORE.search(before):
        return NAME_LIKE.fullmatch(body) is not None
    if VALUE_BEFORE.search(before) or VALUE_AFTER.match(after):
        return False
    if NAME_AFTER.match(after):
        return True
    return quote == '"' and not personal and NAME_LIKE.fullmatch(body) is not None


# Not the apostrophes of "it's".
_LITERAL = re.compile(r"(?<!\w)'((?:[^'\n]|'')*)'(?!\w)|\"([^\"\n]*)\"")


def without_literals(text: str, keep: Keep, *, words: bool) -> str:
    """Prose of ours or of people with quoted literals masked: all of them if ``words``, else those of several words."""

    def literal(match: re.Match[str]) -> str:
        body = match[1] if match[1] is not None else match[2]
        several = len(body.split()) > 1
        if (
            keep(body)
            or not (words or several)
            or NAME_BEFORE.search(text[max(0, match.start() - _BEFORE) : match.start()])
        ):
            return match.group()
        quote = match.group()[0]
        return f"{quote}{mask(body)}{quote}"

    return _LITERAL.sub(literal, text)
