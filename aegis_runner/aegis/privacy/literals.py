"""String literals in SQL, found without parsing: what is between single quotes, and not in a quoted identifier."""

from __future__ import annotations

import re
from collections.abc import Callable

_LITERAL = re.compile(r"\"(?:[^\"]|\"\")*\"|`[^`]*`|'((?:[^']|'')*)('|\Z)")


def sql_literals(sql: str, treat: Callable[[str], str], name: Callable[[str], str] | None = None) -> str:
    """``sql`` with ``treat`` applied to the content of each string literal, and ``name`` to each quoted identifier."""

    def treated(match: re.Match[str]) -> str:
        if match[1] is None:
            return match.group() if name is None else name(match.group())
        return f"'{treat(match[1])}{match[2]}"

    return _LITERAL.sub(treated, sql) if "'" in sql or name is not None else sql
