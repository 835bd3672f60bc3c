"""What may be sent to PostgreSQL: one statement, that begins as a query does and calls nothing that is known to act.

Its driver sends a text whole, and the server runs all that stands in it: a second statement could end the transaction
that may only read. The server has many ways of quoting. Only the plain ones are followed here; a text with a semicolon
in which another one could have begun is refused. With ``standard_conforming_strings`` on, a backslash is a letter in a
plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from aegis.errors import WarehouseError
from aegis.sql.functions import danger

READS = ("select", "with", "values", "table")
CHANGES = ("insert", "update", "delete", "merge")

_BEGINNING = re.compile(r"(?:[ \t\r\n(]|--[^\r\n]*(?:[\r\n]|\Z)|/\*(?:(?!\*/|/\*).)*\*/)*([A-Za-z]*)", re.DOTALL)
# Comments, texts and names in their plain forms, and E'…', where the E is a word of its own: there a backslash takes
# the next sign with it. A text before which another word ends in e is a plain one, and not looked at closely enough.
_PLAIN = re.compile(
    r"""--[^\r\n]*|(?P<marked>(?<![A-Za-z0-9_$\x80-\U0010ffff])[eE]'(?:[^'\\]|\\.|'')*')|(?P<escaped>(?<=[eE]))?'[^']*'"""
    r'|"[^"]*"',
    re.DOTALL,
)
# A text that goes on after a line break is of the form that it began in.
_GOES_ON = re.compile(r"(?:\s|--[^\r\n]*)*'")
_CALLED = re.compile(r"""(?:([\w$]+)|"([^"]+)")\s*\(""")


def check_statement(sql: str, begins: Iterable[str] = READS) -> None:
    """Refuse what may be more than one statement, begins with another word, or calls a function that acts whatever a
    transaction may do.

    Raises:
        WarehouseError: It is refused; nothing was sent.
    """
    found = _BEGINNING.match(sql)
    word = found[1].lower() if found is not None else ""
    if word not in begins:
        raise WarehouseError(f"the query begins with {word.upper() or 'no word'!r}; it was not run")
    try:
        sql.encode()
    except UnicodeEncodeError:
        raise WarehouseError("the query holds half a character; it was not run") from None
    if not _is_one(sql.rstrip(" \t\r\n;")):
        raise WarehouseError("the query may be more than one statement; it was not run")
    _check_calls(sql)


def _is_one(sql: str) -> bool:
    if "\0" in sql:
        return False
    if ";" not in sql:
        return True
    quiet = list(_PLAIN.finditer(sql))
    if "\\" in sql and any(one["escaped"] is not None for one in quiet):
        return False
    if any(one["marked"] and _GOES_ON.match(sql, one.end()) for one in quiet):
        return False
    rest = _PLAIN.sub(" ", sql)
    return not any(sign in rest for sign in (";", "$", "/*", "'", '"'))


def _check_calls(sql: str) -> None:
    if re.search(r'[uU]&"', sql):
        raise WarehouseError("the query spells a name in code points; it was not run")
    for plain, quoted in _CALLED.findall(sql):
        reason = danger(plain or quoted)
        if reason is not None:
            raise WarehouseError(f"the query calls {plain or quoted}, which {reason}; it was not run")
