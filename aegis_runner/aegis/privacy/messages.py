"""Values that a database or dbt quotes in a message, as against the identifiers it quotes there too.

The wordings are those of PostgreSQL, DuckDB, Snowflake, BigQuery, Databricks and Athena:
``invalid input syntax for type integer: "…"``, ``Could not convert string '…' to INT32``, ``Numeric value '…' is not
recognized``, ``Bad int64 value: …``, ``Cannot cast '…' to BIGINT``, ``Key (email)=(…) already exists``, ``Failing row
contains (…)``, ``Duplicate key "email: …"``.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from aegis.privacy.shapes import shape

# Up to the last quote of the line: PostgreSQL does not escape quotes inside, and too much masked is the safe side.
# Without a closing quote on the line the value has line breaks, and all the rest may be part of it.
_TRIGGER = (
    r"(?i:\b(?:syntax for [\w ]{1,40}|out of range|values?|strings?|input|literal|text|parse|cast|convert"
    r"|convert(?:ing)?|duplicate key|duplicate entry|got|found|(?:invalid|illegal|malformed|unparse?able) \w+)\b)"
)
_QUOTED = re.compile(rf"({_TRIGGER}[^'\"\n]{{0,40}}?)(?:\"([^\n]*)\"|'([^'\n]*)'|([\"'])([\s\S]*)\Z)")
_NAMES_A_THING = re.compile(
    r"(?i)\b(?:constraint|column|table|relation|type|function|schema|database|index|model|operator|name|named|field"
    r"|macro|test|node|source|view|role|user|catalog|parameter|argument|extension|enum)\s*:?\s*$"
)
_TUPLE = re.compile(r"(=|(?i:contains)\s)\(([^\n]*)")
_AFTER_COLON = re.compile(
    r"(?i)(\b(?:bad \w{1,40} value|invalid (?:\w+ ){0,2}(?:value|date|time|timestamp|number|input|string|literal)"
    r"|cannot be cast to \w+|could not (?:parse|cast|convert)[^:'\"\n]{0,40}|unparse?able \w+)\s*:\s*)"
    r"([^'\"\s][^'\"\n]*)"
)
# Not the apostrophes of "it's".
_LITERAL = re.compile(r"(?<!\w)'((?:[^'\n]|'')*)'(?!\w)|\"([^\"\n]*)\"")

Keep = Callable[[str], bool]


def without_values(text: str, keep: Keep) -> str:
    """``text``, the values that it quotes masked by shape. ``keep`` tells names that are not values."""

    def quoted(match: re.Match[str]) -> str:
        body = next(group for group in (match[2], match[3], match[5], "") if group is not None)
        if keep(body) or _NAMES_A_THING.search(match[1]):
            return match.group()
        head = match.group()[: len(match[1]) + 1]
        return head + shape(body) + ("" if match[4] else head[-1])

    def listed(match: re.Match[str]) -> str:
        body, closed, rest = match[2].rpartition(")")
        return f"{match[1]}({shape(body)}){rest}" if closed else f"{match[1]}({shape(rest)}"

    text = _TUPLE.sub(listed, text)
    text = _QUOTED.sub(quoted, text)
    return _AFTER_COLON.sub(lambda match: match[1] + shape(match[2].rstrip()), text)


def without_literals(text: str, keep: Keep, *, words: bool) -> str:
    """``text`` with quoted literals masked: all of them if ``words``, else those of several words."""

    def literal(match: re.Match[str]) -> str:
        body = match[1] if match[1] is not None else match[2]
        several = len(body.split()) > 1
        if keep(body) or not (words or several) or _NAMES_A_THING.search(text[: match.start()]):
            return match.group()
        quote = match.group()[0]
        return f"{quote}{shape(body)}{quote}"

    return _LITERAL.sub(literal, text)
