"""A text of SQL in pieces, found without parsing: comments, literals, quoted names, and the code between them.

Enough to tell what may be broken, masked or shown otherwise, in any dialect. Joined again, the pieces are the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["code", "comment", "literal", "dollar", "name"]

_PIECE = re.compile(
    r"(?P<comment>--[^\n]*|/\*[\s\S]*?(?:\*/|\Z))|(?P<dollar>(\$\w*\$)[\s\S]*?(?:\3|\Z))"
    r"|(?P<name>\"(?:[^\"]|\"\")*(?:\"|\Z)|`[^`]*(?:`|\Z))|(?P<literal>'(?:[^']|'')*(?:'|\Z))"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a statement as it is written, its quotes or comment signs included."""

    kind: Kind
    text: str

    @property
    def body(self) -> str:
        """What stands between the quotes or comment signs."""
        start, end = self._around
        return self.text[start : len(self.text) - end] if start + end <= len(self.text) else ""

    def around(self, body: str) -> str:
        """The piece with another body."""
        start, end = self._around
        return f"{self.text[:start]}{body}{self.text[len(self.text) - end :] if end else ''}"

    @property
    def _around(self) -> tuple[int, int]:
        if self.kind == "comment":
            return 2, 2 if self.text.startswith("/*") and self.text.endswith("*/") and len(self.text) > 3 else 0
        if self.kind == "dollar":
            sign = self.text.index("$", 1) + 1
            return sign, sign if len(self.text) >= 2 * sign and self.text.endswith(self.text[:sign]) else 0
        if self.kind == "code":
            return 0, 0
        return 1, 1 if len(self.text) > 1 and self.text.endswith(self.text[0]) else 0


def pieces(sql: str) -> Iterator[Piece]:
    """The pieces of ``sql``, in order."""
    place = 0
    for match in _PIECE.finditer(sql):
        if match.start() > place:
            yield Piece("code", sql[place : match.start()])
        kind: Kind = match.lastgroup  # type: ignore[assignment]  # the groups are named after the kinds
        yield Piece(kind, match.group())
        place = match.end()
    if place < len(sql):
        yield Piece("code", sql[place:])


def is_doubtful(sql: str) -> bool:
    """Whether dialects differ on where a literal of ``sql`` ends: in some a backslash escapes a quote, in some a
    comment holds others."""
    if "\\'" in sql or '\\"' in sql:
        return True
    return sql.count("/*") > 1 and any(piece.kind == "comment" and "/*" in piece.body for piece in pieces(sql))
