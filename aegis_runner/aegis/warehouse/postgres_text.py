"""Whether SQL for PostgreSQL is one statement. The driver sends a text whole, and the server runs all that is in it: a
second statement could end the transaction that may only read.

The rules are those of the server's lexer (PostgreSQL 15, section 4.1), with ``standard_conforming_strings`` on.
"""

from __future__ import annotations

import re

from aegis.errors import WarehouseError

_QUIET = re.compile(
    r"""
    --[^\r\n]*                                     # a comment to the end of the line
    | /\*(?P<nested>(?:(?!\*/).)*)(?:\*/|\Z)       # a comment; in PostgreSQL one may hold another
    | (?<![\w$])[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z)    # a text with escapes
    | '(?:[^']|'')*(?:'|\Z)                        # a text
    | "(?:[^"]|"")*(?:"|\Z)                        # a name
    | (?<![\w$])\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?(?:\$(?P=tag)\$|\Z)    # a text between dollars
    """,
    re.VERBOSE | re.DOTALL,
)


def check_one_statement(sql: str) -> None:
    """Refuse what is more than one statement, or cannot be told to be one.

    Raises:
        WarehouseError: It is refused; nothing was sent.
    """
    comments = (found["nested"] or "" for found in _QUIET.finditer(sql))
    rest = _QUIET.sub(" ", sql).rstrip().rstrip(";")
    if ";" in rest or any("/*" in comment for comment in comments):
        raise WarehouseError("the query is more than one statement; it was not run")
