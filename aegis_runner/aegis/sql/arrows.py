"""The arrows of JSON, which sqlglot takes for those of lambdas where they stand in a function's brackets.

DuckDB and PostgreSQL write ``f(payload -> 'key')``. As a lambda its column would be a parameter, and DuckDB's printer
would write one. In brackets of their own they are read, and read again, for what they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlglot import exp

_DIALECTS = frozenset({"duckdb", "postgres"})


def with_json_arrows(tree: exp.Expr, text: str, dialect: str | None, parse: Callable[[str], exp.Expr]) -> exp.Expr:
    """The tree that ``text`` was parsed to, with JSON taken for JSON; ``parse`` reads a statement."""
    lower = text.lower()
    if dialect not in _DIALECTS or not ("->" in lower or "json_extract" in lower):
        return tree
    from sqlglot import exp

    for arrow in list(tree.find_all(exp.Lambda)):
        # No lambda gives the same text for everything; and one that is written with its keyword is one.
        if arrow.args.get("colon") or len(arrow.expressions) != 1 or not isinstance(arrow.this, exp.Literal):
            continue
        column, key = arrow.expressions[0].sql(dialect=dialect), arrow.this.sql(dialect=dialect)
        arrow.replace(parse(f"SELECT ({column} -> {key})").expressions[0])
    for extract in list(tree.find_all(exp.JSONExtract, exp.JSONExtractScalar)):
        if isinstance(extract.parent, exp.Func | exp.Unnest) and not isinstance(extract.parent, exp.Cast | exp.Binary):
            extract.replace(exp.Paren(this=extract.copy()))
    return tree
