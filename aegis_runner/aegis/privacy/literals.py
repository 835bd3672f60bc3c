"""String literals in SQL, found without parsing: what is between single quotes, and not in a quoted identifier."""

from __future__ import annotations

import re
from collections.abc import Callable

_LITERAL = re.compile(r"\"(?:[^\"]|\"\")*\"|`[^`]*`|'((?:[^']|'')*)('|\Z)")


def sql_literals(sql: str, treat: Callable[[str], str]) -> str:
    """``sql`` with ``treat`` applied to the content of each string literal."""

    def treated(match: re.Match[str]) -> str:
        return match.group() if match[1] is None else f"'{treat(match[1])}{match[2]}"

    return _LITERAL.sub(treated, sql) if "'" in sql else sql
