"""How NULL goes through an expression: the columns of which a NULL can make the result NULL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp


def null_inputs(expression: exp.Expr) -> set[int]:
    """The ``id`` of each column in the expression whose NULL can make it NULL.

    COALESCE passes NULL on only where each of its arguments may be NULL, CASE from its results and never from its
    conditions, an aggregate from what it puts together, COUNT and IS never. Anything else is NULL where an argument is.
    """
    return {id(column) for column in _passing(expression)}


def _passing(tree: exp.Expr) -> Iterator[exp.Column]:
    from sqlglot import exp

    if isinstance(tree, exp.Column):
        yield tree
    elif isinstance(tree, _never()):
        return
    elif isinstance(tree, exp.Coalesce):
        found = [list(_passing(one)) for one in (tree.this, *tree.expressions)]
        if all(found):
            yield from (column for columns in found for column in columns)
    elif isinstance(tree, exp.Case | exp.If):
        for result in _results(tree):
            yield from _passing(result)
    elif isinstance(tree, exp.Window | exp.Filter | exp.Nullif):
        yield from _passing(tree.this)
    else:
        for child in tree.iter_expressions():
            yield from _passing(child)


def _results(tree: exp.Case | exp.If) -> Iterator[exp.Expr]:
    from sqlglot import exp

    branches = tree.args.get("ifs") or [] if isinstance(tree, exp.Case) else [tree]
    for branch in branches:
        yield branch.args["true"]
    otherwise = tree.args.get("default") if isinstance(tree, exp.Case) else tree.args.get("false")
    if otherwise is not None:
        yield otherwise


def _never() -> tuple[type[exp.Expr], ...]:
    """What is never NULL, or not because a column is: a query is looked at by itself."""
    from sqlglot import exp

    return exp.Count, exp.CountIf, exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Exists, exp.Query, exp.RowNumber
