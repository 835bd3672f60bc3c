"""SQL on its way out: to be read, where anything may be masked, or to be pasted, where it must stay what was run.

A literal that a rule, a test or a model of the user's own has is no data, whatever it looks like. Where data had to be
masked, the text says that not SQL, and is none: nothing in it can be run by accident.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from aegis.domain.privacy import MASK
from aegis.privacy.config import Mode
from aegis.sql.pieces import Piece, is_doubtful, pieces

Text = Callable[[str], str]

#: The first line of a statement that cannot be run. A renderer and a reader may rely on how it begins.
NO_SQL = f"{MASK} no SQL to run: part of it is masked."
#: By mode, how to see it whole.
HOW = MappingProxyType(
    {
        Mode.STRICT: "`--privacy samples` or `off` shows it whole.",
        Mode.SAMPLES: "`--privacy off` shows it whole.",
        Mode.OFF: "",
    }
)
HOW_SECRET = "A secret was taken out of it."

# Formats of times: several words, and no data.
_FORMAT = re.compile(r"(?=[^%]*%)[%\w:./, -]+")


@dataclass(frozen=True, slots=True)
class Treatment:
    """What is done to the parts of a statement: its comments, what literals hold, and what quoted names hold."""

    comment: Text
    literal: Text
    name: Text


def read_only_text(sql: str, treatment: Treatment) -> str:
    """``sql`` to be read, by a model or a person: every part treated, quotes left as they are."""
    return "".join(_treated(piece, treatment) for piece in pieces(sql))


def _treated(piece: Piece, treatment: Treatment) -> str:
    if piece.kind == "code":
        return piece.text
    if piece.kind == "name":
        return piece.around(treatment.name(piece.body))
    if piece.kind == "comment":
        return _comment(piece, treatment)
    return piece.around(treatment.literal(piece.body))


def _comment(piece: Piece, treatment: Treatment) -> str:
    """A comment stays one, whatever becomes of its words."""
    body = treatment.comment(piece.body)
    if piece.text.startswith("--"):
        return piece.around(body.replace("\n", " "))
    return piece.around(body.replace("*/", "* /"))


def pasted(sql: str, treatment: Treatment, how: str) -> str:
    """``sql`` as it was run, comments treated; or, if a literal or a name cannot be shown, a text that is no SQL.

    ``how`` says how to see it.
    """
    if sql.startswith(NO_SQL):
        return sql
    parts, whole = [], True
    for piece in pieces(sql):
        treated = _treated(piece, treatment)
        if treated != piece.text and (piece.kind != "comment" or is_doubtful(sql)):
            whole = False
            # Without its quotes: a mask in quotes would be a value, and could be run.
            treated = MASK if piece.kind in ("literal", "dollar") and treated.strip("'$") == MASK else treated
        parts.append(treated)
    text = "".join(parts)
    return text if whole else no_sql(text, how)


def no_sql(text: str, how: str) -> str:
    """``text`` so that no line of it, and no statement in a line, is SQL."""
    if text.startswith(NO_SQL):
        return text
    lines = [re.sub(r";(?=[^\n]*\S)", f"; {MASK}", line) for line in text.splitlines()]
    return "\n".join([f"{NO_SQL} {how}", *(f"{MASK} {line}" for line in lines if line.strip())])


def in_comments(sql: str, treat: Text) -> str:
    """``sql`` with its comments treated."""
    if "--" not in sql and "/*" not in sql:
        return sql
    return read_only_text(sql, Treatment(treat, _same, _same))


def _same(text: str) -> str:
    return text


def without_comments(sql: str) -> str:
    """What of a statement is run."""
    return "".join(piece.text for piece in pieces(sql) if piece.kind != "comment")


def is_format(literal: str) -> bool:
    """Whether a literal is a format of times (``%Y-%m-%d %H:%M``)."""
    return _FORMAT.fullmatch(literal) is not None


class OwnLiterals:
    """Whether a text is a literal of these statements. They are read when that is first asked: mostly it never is."""

    __slots__ = ("_found", "_statements")

    def __init__(self, statements: tuple[str, ...]) -> None:
        self._statements = statements
        self._found: frozenset[str] | None = None

    def __call__(self, text: str) -> bool:
        if self._found is None:
            self._found = frozenset(
                piece.body.replace("''", "'")
                for sql in self._statements
                for piece in pieces(sql)
                if piece.kind == "literal"
            )
        return text in self._found
