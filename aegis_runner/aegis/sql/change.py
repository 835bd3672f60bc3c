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
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

from aegis.errors import RefusedError
from aegis.sql.bounded import check_bounded
from aegis.sql.gate import NO_FUNCTIONS, stable
from aegis.sql.parse import check_text, parsed, printed
from aegis.sql.shape import check_tree
from aegis.sql.tables import TableRef, real_tables, reference
from aegis.sql.target import Targets, called_by

if TYPE_CHECKING:
    from sqlglot import exp

ChangeKind = Literal["update", "delete", "insert", "merge"]


@dataclass(frozen=True, slots=True)
class GatedChange:
    """A change that passed.

    Attributes:
        sql: What may be tried and shown: the tree printed in the dialect, the target by its full name.
        kind: What it does.
        target: The table that it changes, as the caller named it.
        predicate: The condition of its WHERE (of a MERGE: its ON); None for INSERT.
        columns: The columns that it sets, as it names them; empty for DELETE and for INSERT without a list.
        assigned: Of an UPDATE, each column with the SQL of its new value.
        tables: The other tables that it reads.
        simple: Whether the rows that it changes are those of ``select * from target as alias where predicate``.
        alias: What it calls its target, as SQL; None where that is the table's own name.
    """

    sql: str
    kind: ChangeKind
    target: str
    predicate: str | None
    columns: tuple[str, ...]
    assigned: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[TableRef, ...] = ()
    simple: bool = False
    alias: str | None = None


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
    seen: list[_Statement] = []

    def read(text: str) -> exp.Expr:
        tree = parsed(text, dialect)
        kind = type(tree).__name__
        check = _KINDS.get(kind)
        if check is None:
            raise RefusedError(
                f"is {tree.key.upper()}, not a change of rows", hint="Give one UPDATE, DELETE, INSERT or MERGE."
            )
        _check_clauses(tree, kind)
        target = targets.found(tree, _target_of(tree))
        statement = _Statement(tree, target, dialect, allow)
        check(statement)
        seen.append(statement)
        return tree

    text = text.strip().removesuffix(";")
    check_text(text, dialect)
    sql = stable(text, read(text), dialect, read)
    return seen[-1].gated(sql)


_CLAUSES: Mapping[str, frozenset[str]] = {
    "Update": frozenset({"this", "expressions", "from_", "where", "with_"}),
    "Delete": frozenset({"this", "using", "where", "with_"}),
    "Insert": frozenset({"this", "expression", "with_"}),
    "Merge": frozenset({"this", "using", "on", "whens", "with_"}),
    "When": frozenset({"matched", "source", "condition", "then"}),
}


def _check_clauses(tree: exp.Expr, kind: str) -> None:
    extra = [name for name, value in tree.args.items() if value and name not in _CLAUSES[kind]]
    if extra:
        said = extra[0].rstrip("_").replace("_", " ").upper()
        hint = "Write DELETE FROM the table." if said == "TABLES" else None
        raise RefusedError(f"holds {said} in its {kind.upper()}, which does not pass", hint=hint)


def _target_of(tree: exp.Expr) -> exp.Table:
    from sqlglot import exp

    found = tree.this
    if isinstance(found, exp.Schema):
        if not all(isinstance(column, exp.Identifier) for column in found.expressions):
            raise RefusedError("names what is no column in the list after its table")
        found = found.this
    if not isinstance(found, exp.Table):
        raise RefusedError("does not change a table by its name")
    return found


class _Statement:
    """A statement whose target is known, and what is looked up in it."""

    def __init__(self, tree: exp.Expr, target: str, dialect: str, allow: frozenset[str]) -> None:
        self.tree = tree
        self.target = target
        self.dialect = dialect
        self.allow = allow
        self.table = _target_of(tree)
        self.name = called_by(self.table)
        self.columns: list[str] = []
        self.assigned: dict[str, str] = {}
        with_ = tree.args.get("with_")
        if with_ is not None:
            self.check(with_)
            if any(cte.alias.lower() in (self.name, self.table.name.lower()) for cte in with_.expressions):
                raise RefusedError("names a common table expression like the table it changes")

    def check(self, *parts: exp.Expr | None) -> None:
        """What is read must pass as a query's parts do."""
        for part in parts:
            if part is not None:
                check_tree(part, self.dialect, self.allow, one_value=False)

    def belongs(self, *, alone: bool) -> Callable[[exp.Column], bool]:
        """Whether a column is the target's: by the name before it; a bare one where no other table is there."""
        return lambda column: column.table.lower() == self.name if column.table else alone

    def bounded(self, condition: exp.Expr | None, what: str, *, alone: bool) -> None:
        if condition is None:
            raise RefusedError(f"has no WHERE; {what} needs one that says which rows are wrong")
        check_bounded(condition, self.belongs(alone=alone), what=what, table=self.table.name)

    def assign(self, expressions: Sequence[exp.Expr]) -> None:
        """``column = value`` of the target, each column once."""
        from sqlglot import exp

        for one in expressions:
            left = one.this if isinstance(one, exp.EQ) else None
            if not isinstance(left, exp.Column) or not isinstance(left.this, exp.Identifier):
                raise RefusedError("sets what is no plain column; write SET column = value")
            if left.db or (left.table and left.table.lower() != self.name):
                raise RefusedError(f"sets {left.sql()}, which is no column of the table it changes")
            value = one.expression
            if isinstance(value, exp.Column) and not value.table and value.name.lower() == "default":
                raise RefusedError("sets DEFAULT, whose value nobody sees; write the value")
            if left.name.lower() in {name.lower() for name in self.columns}:
                raise RefusedError(f"sets {left.name} twice")
            self.check(left, value)
            self.columns.append(left.name)
            self.assigned[left.name] = printed(value, self.dialect)

    def gated(self, sql: str) -> GatedChange:
        kind = cast(ChangeKind, self.tree.key)
        where = self.tree.args.get("where")
        condition = where.this if where is not None else self.tree.args.get("on")
        simple = not any(self.tree.args.get(part) for part in ("from_", "using", "with_", "expression"))
        alias = self.table.args.get("alias")
        others = {reference(table) for table in real_tables(self.tree) if table is not self.table}
        return GatedChange(
            sql=sql,
            kind=kind,
            target=self.target,
            predicate=printed(condition, self.dialect) if condition is not None else None,
            columns=tuple(self.columns),
            assigned=self.assigned if kind == "update" else {},
            tables=tuple(sorted(others, key=str)),
            simple=simple and kind in ("update", "delete"),
            alias=alias.sql(dialect=self.dialect) if alias is not None else None,
        )


def _check_update(statement: _Statement) -> None:
    tree = statement.tree
    beside, where = tree.args.get("from_"), tree.args.get("where")
    statement.check(beside, where)
    statement.assign(tree.expressions)
    statement.bounded(where.this if where is not None else None, "an UPDATE", alone=beside is None)


def _check_delete(statement: _Statement) -> None:
    tree = statement.tree
    beside, where = tree.args.get("using") or [], tree.args.get("where")
    statement.check(*beside, where)
    statement.bounded(where.this if where is not None else None, "a DELETE", alone=not beside)


def _check_insert(statement: _Statement) -> None:
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
        raise RefusedError(f"takes rows from what is no SELECT; {what} needs one")
    if source.args.get("from_") is None:
        return None
    where = source.args.get("where")
    if where is None:
        raise RefusedError(f"has no WHERE in its SELECT; {what} needs one that says which rows")
    check_bounded(where.this, lambda column: True, what=what)
    return None


def _check_merge(statement: _Statement) -> None:
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


def _check_when(when: exp.Expr, statement: _Statement) -> None:
    """An UPDATE of matched rows is bounded by ON; what is about all other rows needs a condition of its own."""
    from sqlglot import exp

    _check_clauses(when, "When")
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


_KINDS: Mapping[str, Callable[[_Statement], None]] = {
    "Update": _check_update,
    "Delete": _check_delete,
    "Insert": _check_insert,
    "Merge": _check_merge,
}
