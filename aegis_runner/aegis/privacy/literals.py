"""String literals and comments in SQL, found without parsing."""

from __future__ import annotations

import re
from collections.abc import Callable

_LITERAL = re.compile(
    r"--[^\n]*|/\*[\s\S]*?(?:\*/|\Z)|(\$\w*\$)[\s\S]*?(?:\1|\Z)"
    r"|\"(?:[^\"]|\"\")*\"|`[^`]*`|'((?:[^']|'')*)('|\Z)"
)


def sql_literals(sql: str, treat: Callable[[str], str], name: Callable[[str], str] | None = None) -> str:
    """``sql`` with ``treat`` applied to each comment and to what each string literal holds, and ``name`` to each
    quoted identifier."""

    def treated(match: re.Match[str]) -> str:
        if match[2] is not None:
            return f"'{treat(match[2])}{match[3]}"
        if match.group()[0] in "-/$":
            return treat(match.group())
        return match.group() if name is None else name(match.group())

    return _LITERAL.sub(treated, sql)
