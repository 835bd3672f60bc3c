"""The gate for fixes: SQL that changes rows passes only as one bounded UPDATE, DELETE, INSERT or MERGE of one table.

Default deny, as for reading (`aegis.sql.gate`): the same text checks, the same lists of syntax, functions and tables
for everything that the statement reads. Besides, of the statement itself: its kind and each of its clauses is listed
here; its target is one of the tables allowed, by normalised names; WHERE must leave rows out, as far as can be seen
(`aegis.sql.bounded`). DDL, RETURNING, ON CONFLICT, OVERWRITE, LIMIT, a DELETE inside MERGE and several statements never
pass. What passes is the tree printed again, its target by the table's full name: no search path decides what changes.

Nothing that passes is run against the user's tables; it is tried on a copy and shown to people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aegis.errors import RefusedError
from aegis.sql.bounded import check_bounded
from aegis.sql.gate import NO_FUNCTIONS, stable
from aegis.sql.parse import check_text, parsed
from aegis.sql.statement import ChangeKind, GatedChange, Statement, check_clauses, target_of
from aegis.sql.target import Targets

if TYPE_CHECKING:
    from sqlglot import exp

__all__ = ["ChangeKind", "GatedChange", "check_change"]


def check_change(
    text: str, dialect: str, *, tables: Sequence[str], allow: frozenset[str] = NO_FUNCTIONS
) -> GatedChange:
    """One change of one of the tables.

    Args:
        text: The SQL. One ``;`` at its end is dropped.
        dialect: A sqlglot dialect.
        tables: The tables that may be changed, by their full names as dbt writes them (``"shop"."main"."orders"``).
        allow: Names of the user's own functions without side effects, in lower case.

    Raises:
        RefusedError: It is no such change, with the reason.
    """
    targets = Targets(tables, dialect)
    seen: list[Statement] = []

    def read(text: str) -> exp.Expr:
        tree = parsed(text, dialect)
        kind = type(tree).__name__
        check = _KINDS.get(kind)
        if check is None:
            raise RefusedError(
                f"is {tree.key.upper()}, not a change of rows", hint="Give one UPDATE, DELETE, INSERT or MERGE."
            )
        check_clauses(tree, kind)
        target = targets.found(tree, target_of(tree))
        statement = Statement(tree, target, dialect, allow)
        check(statement)
        seen.append(statement)
        return tree

    text = text.strip().removesuffix(";")
    check_text(text, dialect)
    sql = stable(text, read(text), dialect, read)
    return seen[-1].gated(sql)


def _check_update(statement: Statement) -> None:
    tree = statement.tree
    beside, where = tree.args.get("from_"), tree.args.get("where")
    statement.check(beside, where)
    statement.assign(tree.expressions)
    statement.bounded(where.this if where is not None else None, "an UPDATE", alone=beside is None)


def _check_delete(statement: Statement) -> None:
    tree = statement.tree
    beside, where = tree.args.get("using") or [], tree.args.get("where")
    statement.check(*beside, where)
    statement.bounded(where.this if where is not None else None, "a DELETE", alone=not beside)


def _check_insert(statement: Statement) -> None:
    from sqlglot import exp

    tree = statement.tree
    source = tree.args.get("expression")
    if not isinstance(source, exp.Values | exp.Query):
        raise RefusedError("inserts what is neither VALUES nor a SELECT")
    statement.check(source)
    if isinstance(tree.this, exp.Schema):
        statement.columns += [column.name for column in tree.this.expressions]
    if isinstance(source, exp.Query):
        _check_source(source, "an INSERT")


def _check_source(source: exp.Expr, what: str) -> None:
    """Rows that are added come from a query that leaves rows out, or from no table at all."""
    from sqlglot import exp

    if isinstance(source, exp.Subquery):
        return _check_source(source.this, what)
    if isinstance(source, exp.SetOperation):
        for branch in (source.this, source.expression):
            _check_source(branch, what)
        return None
    if not isinstance(source, exp.Select):
        raise RefusedError(f"takes rows from something other than a SELECT; {what} needs one")
    if source.args.get("from_") is None:
        return None
    where = source.args.get("where")
    if where is None:
        raise RefusedError(f"has no WHERE in its SELECT; {what} needs one that says which rows")
    check_bounded(where.this, lambda column: True, what=what)
    return None


def _check_merge(statement: Statement) -> None:
    from sqlglot import exp

    tree = statement.tree
    statement.check(tree.args["using"])
    condition = tree.args.get("on")
    if condition is None:
        raise RefusedError("has a MERGE without ON")
    statement.check(condition)
    statement.bounded(condition, "a MERGE", alone=False)
    if not any(_joins(one, statement.name) for one in condition.find_all(exp.EQ)):
        raise RefusedError("has an ON that does not compare a column of its table with one of its source")
    for when in tree.args["whens"].expressions:
        _check_when(when, statement)


def _joins(equal: Any, name: str) -> bool:
    from sqlglot import exp

    sides = [side for side in (equal.this, equal.expression) if isinstance(side, exp.Column)]
    return len(sides) == 2 and sum(side.table.lower() == name for side in sides) == 1


def _check_when(when: exp.Expr, statement: Statement) -> None:
    """An UPDATE of matched rows is bounded by ON; what is about all other rows needs a condition of its own."""
    from sqlglot import exp

    check_clauses(when, "When")
    then, condition = when.args.get("then"), when.args.get("condition")
    statement.check(condition)
    if isinstance(then, exp.Update) and then.expressions:
        if when.args.get("source"):
            statement.bounded(condition, "an UPDATE of rows without a match", alone=True)
        statement.assign(then.expressions)
    elif isinstance(then, exp.Insert) and isinstance(then.this, exp.Tuple) and isinstance(then.expression, exp.Tuple):
        if condition is None:
            raise RefusedError("inserts every row without a match; say which: WHEN NOT MATCHED AND …")
        check_bounded(condition, lambda column: True, what="an INSERT")
        statement.check(then.this, then.expression)
    elif then is not None and then.name.upper() == "DELETE":
        raise RefusedError("hides a DELETE in a MERGE", hint="Write a DELETE with a WHERE.")
    else:
        raise RefusedError("has a MERGE that does something else than UPDATE SET or INSERT (columns) VALUES")


_KINDS: Mapping[str, Callable[[Statement], None]] = {
    "Update": _check_update,
    "Delete": _check_delete,
    "Insert": _check_insert,
    "Merge": _check_merge,
}
