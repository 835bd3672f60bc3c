"""Text to syntax tree and back, with the library's failures in our words."""

from __future__ import annotations

import logging
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from aegis.errors import RefusedError, UsageError
from aegis.sql.arrows import with_json_arrows

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.dialects.dialect import Dialect
    from sqlglot.parser import Parser
    from sqlglot.tokenizer_core import Token

MAX_LETTERS = 20_000
MAX_TOKENS = 5_000
MAX_NESTING = 30
MAX_STEPS = 50_000

# Its warnings are about statements that it cannot optimize; without a handler they would stand on the user's screen.
logging.getLogger("sqlglot").addHandler(logging.NullHandler())

_JINJA = ("{{", "{%", "{#")
_OPEN = {"L_PAREN": "R_PAREN", "L_BRACKET": "R_BRACKET", "L_BRACE": "R_BRACE"}
_CLOSE = frozenset(_OPEN.values())
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def parsed(text: str, dialect: str | None) -> exp.Expr:
    """The one statement that ``text`` is.

    Raises:
        RefusedError: It is no statement of the dialect, or more than one.
    """
    from sqlglot import ErrorLevel
    from sqlglot.errors import SqlglotError

    known, parser = _dialect(dialect)
    try:
        trees = parser(dialect=known, error_level=ErrorLevel.IMMEDIATE).parse(known.tokenize(text), text)
    except SqlglotError as error:
        raise RefusedError(f"is not SQL that {_named(dialect)} reads: {_reason(error)}") from None
    except RecursionError:
        raise RefusedError("is nested too deeply") from None
    found = [tree for tree in trees if tree is not None]
    if len(found) != 1:
        raise RefusedError(f"is {len(found)} statements; give one")
    return with_json_arrows(found[0], text, dialect, lambda one: parsed(one, dialect))


@cache
def _dialect(name: str | None) -> tuple[Dialect, type[Parser]]:
    """The dialect, and its parser with a limit: the library tries readings one after another, and deeply nested text
    can double the readings with every level.
    """
    from sqlglot.dialects.dialect import Dialect

    try:
        known = Dialect.get_or_raise(name)
    except ValueError:
        raise UsageError(f"there is no SQL dialect {name!r}", hint="Use a name that sqlglot knows.") from None
    base = known.parser_class

    def advance(self: Any, times: int = 1) -> None:
        self.steps_taken = getattr(self, "steps_taken", 0) + 1
        if self.steps_taken > MAX_STEPS:
            raise RefusedError("takes too long to read; write it with fewer levels of nesting")
        base._advance(self, times)

    return known, type(f"Limited{base.__name__}", (base,), {"_advance": advance})


def one_expression(text: str, dialect: str | None) -> exp.Expr:
    """The tree of the expression. It is parsed in brackets, as it will stand in a statement."""
    from sqlglot import exp

    tree = parsed(f"SELECT ({text}) AS gated", dialect)
    alias = tree.expressions[0] if isinstance(tree, exp.Select) and len(tree.expressions) == 1 else None
    if alias is None or any(value for name, value in tree.args.items() if name != "expressions"):
        raise RefusedError("is not one expression")
    inner = alias.this if isinstance(alias, exp.Alias) else None
    if isinstance(inner, exp.Subquery | exp.Query | exp.Values):
        hint = "Compare its value with something, or put it in brackets: (select …) = 0."
        raise RefusedError("is a query where an expression is wanted", hint=hint)
    if not isinstance(inner, exp.Paren):
        raise RefusedError("is not one expression")
    found = inner.this
    assert isinstance(found, exp.Expr)
    found.pop()
    return found


def one_query(text: str, dialect: str | None) -> exp.Query:
    from sqlglot import exp

    if not reads_as_query(text):
        raise RefusedError("is not a query; it begins with SELECT or WITH")
    tree = parsed(text, dialect)
    while isinstance(tree, exp.Subquery) and tree.is_wrapper:
        tree = tree.this
    if not isinstance(tree, exp.Query):
        raise RefusedError(f"is {tree.key.upper()}, not a query")
    return tree


_BEGINNING = re.compile(r"(?>[(\s]+|--[^\n]*|/\*[\s\S]*?\*/)*+(?:select|with|from)\b", re.IGNORECASE)
"""The first word of a query, whatever comments stand before it. What a comment is, is decided once: read anew, many of
them could be grouped in exponentially many ways."""


def reads_as_query(text: str) -> bool:
    """Does it begin as a query does?"""
    return _BEGINNING.match(text) is not None


def printed(tree: exp.Expr, dialect: str | None) -> str:
    """The tree in the dialect, on one line, without comments."""
    from sqlglot import ErrorLevel
    from sqlglot.errors import SqlglotError

    try:
        return tree.sql(dialect=dialect, comments=False, normalize_functions=False, unsupported_level=ErrorLevel.IGNORE)
    except SqlglotError as error:
        raise RefusedError(f"cannot be printed in {_named(dialect)}: {_reason(error)}") from None
    except RecursionError:
        raise RefusedError("is nested too deeply") from None


def check_text(text: str, dialect: str | None) -> None:
    """What can be said before parsing: size, Jinja, comments, separators, and brackets that close what they open.

    Raises:
        RefusedError: The text is refused.
    """
    if not text.strip():
        raise RefusedError("is empty")
    if "\0" in text:
        raise RefusedError("holds a NUL character")
    if len(text) > MAX_LETTERS:
        raise RefusedError(f"is longer than {MAX_LETTERS:,} characters")
    for mark in _JINJA:
        if mark in text:
            hint = "Name tables plainly; Aegis puts ref() and source() in their place."
            raise RefusedError(f"holds Jinja ({mark}), which is not rendered in rules", hint=hint)
    tokens = _tokens(text, dialect)
    if any(token.comments for token in tokens):
        hint = "Say it in 'description' of the rule. (A -- or # inside quotes is fine.)"
        raise RefusedError("holds a comment, which could hide what follows it", hint=hint)
    if not tokens:
        raise RefusedError("is empty")
    if any(token.token_type.name == "SEMICOLON" for token in tokens):
        several = tokens[-1].token_type.name != "SEMICOLON" or _semicolons(tokens) > 1
        raise RefusedError("is several statements; give one" if several else "ends with ';'; leave it out")
    if len(tokens) > MAX_TOKENS:
        raise RefusedError(f"has more than {MAX_TOKENS:,} words and signs")
    _check_brackets(tokens)


def _tokens(text: str, dialect: str | None) -> list[Token]:
    from sqlglot.errors import SqlglotError

    try:
        return _dialect(dialect)[0].tokenize(text)
    except SqlglotError:
        raise RefusedError(f"is not SQL that {_named(dialect)} reads: a quote or a sign is not closed") from None


def _semicolons(tokens: list[Token]) -> int:
    return sum(token.token_type.name == "SEMICOLON" for token in tokens)


def _check_brackets(tokens: list[Token]) -> None:
    expected: list[str] = []
    for token in tokens:
        kind = token.token_type.name
        if kind in _OPEN:
            expected.append(_OPEN[kind])
            if len(expected) > MAX_NESTING:
                raise RefusedError(f"is nested more than {MAX_NESTING} brackets deep")
        elif kind in _CLOSE and (not expected or expected.pop() != kind):
            raise RefusedError(f"closes a bracket that it did not open, at character {token.start + 1}")
    if expected:
        raise RefusedError("leaves a bracket open")


def _named(dialect: str | None) -> str:
    return dialect or "standard SQL"


def _reason(error: Exception) -> str:
    entries = getattr(error, "errors", None)
    if entries and entries[0].get("description"):
        near = (entries[0].get("highlight") or "").strip()
        what = str(entries[0]["description"]).rstrip(".")
        # The library's own words here are names of its classes.
        what = "something is missing" if what.startswith("Required keyword") else what
        return what + (f" (near '{near}')" if near else "")
    return _ANSI.sub("", str(error)).splitlines()[0]
