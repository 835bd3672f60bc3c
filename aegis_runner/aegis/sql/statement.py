"""A statement that changes rows, whose kind and target are known: its clauses, what it sets, and what bounds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

from aegis.errors import RefusedError
from aegis.sql.bounded import check_bounded
from aegis.sql.parse import printed
from aegis.sql.shape import check_tree
from aegis.sql.tables import TableRef, real_tables, reference
from aegis.sql.target import called_by

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
        constants: Of the columns that it sets, those whose new value reads nothing: the same for every row.
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
    constants: frozenset[str] = frozenset()


_CLAUSES: Mapping[str, frozenset[str]] = {
    "Update": frozenset({"this", "expressions", "from_", "where", "with_"}),
    "Delete": frozenset({"this", "using", "where", "with_"}),
    "Insert": frozenset({"this", "expression", "with_"}),
    "Merge": frozenset({"this", "using", "on", "whens", "with_"}),
    "When": frozenset({"matched", "source", "condition", "then"}),
}


def check_clauses(tree: exp.Expr, kind: str) -> None:
    extra = [name for name, value in tree.args.items() if value and name not in _CLAUSES[kind]]
    if extra:
        said = extra[0].rstrip("_").replace("_", " ").upper()
        hint = "Write DELETE FROM the table." if said == "TABLES" else None
        raise RefusedError(f"holds {said} in its {kind.upper()}, which does not pass", hint=hint)


def target_of(tree: exp.Expr) -> exp.Table:
    from sqlglot import exp

    found = tree.this
    if isinstance(found, exp.Schema):
        if not all(isinstance(column, exp.Identifier) for column in found.expressions):
            raise RefusedError("has an entry that is not a column in the list after its table")
        found = found.this
    if not isinstance(found, exp.Table):
        raise RefusedError("does not change a table by its name")
    return found


class Statement:
    """A statement whose target is known, and what is looked up in it."""

    def __init__(self, tree: exp.Expr, target: str, dialect: str, allow: frozenset[str]) -> None:
        self.tree = tree
        self.target = target
        self.dialect = dialect
        self.allow = allow
        self.table = target_of(tree)
        self.name = called_by(self.table)
        self.columns: list[str] = []
        self.assigned: dict[str, str] = {}
        self.constants: set[str] = set()
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
                raise RefusedError("sets something other than a plain column; write SET column = value")
            if left.db or (left.table and left.table.lower() != self.name):
                raise RefusedError(f"sets {left.sql()}, which is not a column of the table it changes")
            value = one.expression
            if isinstance(value, exp.Column) and not value.table and value.name.lower() == "default":
                raise RefusedError("sets DEFAULT, whose value is not visible; write the value")
            if left.name.lower() in {name.lower() for name in self.columns}:
                raise RefusedError(f"sets {left.name} twice")
            self.check(left, value)
            self.columns.append(left.name)
            self.assigned[left.name] = printed(value, self.dialect)
            if value.find(exp.Column, exp.Query) is None:
                self.constants.add(left.name)

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
            constants=frozenset(self.constants),
        )
