"""The columns that SQL reads on the rule's own table, and what a query gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.optimizer.scope import Scope


def without_own_table(tree: exp.Expr, table: str | None) -> exp.Expr:
    """``orders.qty`` as ``qty`` where the rule's table is orders; within subqueries names stay as they are."""
    from sqlglot import exp

    own = _last_part(table)
    if own is None:
        return tree
    for node in list(tree.walk(prune=lambda found: isinstance(found, exp.Query))):
        if isinstance(node, exp.Column) and node.table.lower() == own:
            for part in ("table", "db", "catalog"):
                node.set(part, None)
    return tree


def columns_of_expression(tree: exp.Expr, table: str | None) -> tuple[str, ...]:
    """Names outside subqueries, where nothing else can be meant; of ``payload.amount`` the column ``payload``."""
    from sqlglot import exp

    names = set()
    for node in tree.walk(prune=lambda found: isinstance(found, exp.Query)):
        if isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier):
            if node.table and table is None:
                continue
            names.add(node.parts[0].name)
        elif isinstance(node, exp.Dot) and isinstance(node.this, exp.Identifier):
            names.add(node.this.name)
    return tuple(sorted(names - _bound_names(tree)))


def _bound_names(tree: exp.Expr) -> set[str]:
    """The variables of list comprehensions: ``[x for x in items]``. Those of lambdas are no columns to the parser."""
    from sqlglot import exp

    return {node.expression.name for node in tree.find_all(exp.Comprehension) if node.expression is not None}


def columns_of_query(tree: exp.Query, table: str | None) -> tuple[str, ...]:
    """Columns of the rule's own table, where the query leaves no doubt whose they are."""
    from sqlglot import exp
    from sqlglot.errors import SqlglotError
    from sqlglot.optimizer.scope import traverse_scope

    own = _last_part(table)
    if own is None:
        return ()
    names: set[str] = set()
    try:
        scopes = traverse_scope(tree)
    except SqlglotError:
        return ()
    for scope in scopes:
        aliases = {alias.alias.lower() for alias in scope.expression.find_all(exp.Alias)}
        for column in scope.columns:
            if isinstance(column.this, exp.Identifier) and column.name.lower() not in aliases:
                source = _source_of(column, scope)
                if isinstance(source, exp.Table) and source.name.lower() == own:
                    names.add(column.name)
    return tuple(sorted(names))


def _source_of(column: exp.Column, scope: Scope) -> object:
    """The table or query that the column belongs to; None in doubt: a bare name in a subquery may be the outer's."""
    if column.table:
        return scope.sources.get(column.table)
    here = scope.selected_sources
    around = scope.parent.selected_sources if scope.is_subquery and scope.parent is not None else {}
    return next(iter(here.values()))[1] if len(here) == 1 and not around else None


def returns_of(tree: exp.Query, dialect: str | None) -> Literal["boolean", "passed", "rows"]:
    """What a query's columns say it answers with.

    One column whose type is boolean by its syntax: ``boolean``. A column ``passed`` (in any case) beside others, where
    it is surely a verdict and no column of failing rows: ``row_count`` stands beside it, the query gives one row by
    its form, or ``passed`` is computed and boolean by its syntax: ``passed``. Else, and when in doubt: ``rows``.
    """
    from sqlglot import exp
    from sqlglot.optimizer.annotate_types import annotate_types

    if tree.is_star or not tree.selects:
        return "rows"
    columns = list(annotate_types(tree.copy(), dialect=dialect).selects)
    if len(columns) == 1 and _is_boolean(columns[0]):
        return "boolean"
    named = {column.alias_or_name.lower(): column for column in columns}
    if "passed" not in named:
        return "rows"
    computed = not isinstance(named["passed"].unalias(), exp.Column) and _is_boolean(named["passed"])
    return "passed" if "row_count" in named or computed or _gives_one_row(tree) else "rows"


def answer_of(tree: exp.Query) -> dict[str, str]:
    """How a query that ``returns_of`` calls ``passed`` writes its verdict's columns; quoted names in double quotes."""
    from sqlglot import exp

    found = {}
    for column in tree.selects:
        name = column.args.get("alias") if isinstance(column, exp.Alias) else column.this
        if isinstance(name, exp.Identifier) and name.name.lower() in ("passed", "row_count"):
            found[name.name.lower()] = f'"{name.name}"' if name.args.get("quoted") else name.name
    return found


def _is_boolean(column: exp.Expr) -> bool:
    from sqlglot import exp

    one = column.unalias()
    while isinstance(one, exp.Paren):
        one = one.this
    return one.is_type(exp.DataType.Type.BOOLEAN) or isinstance(one, _booleans())


def _gives_one_row(tree: exp.Query) -> bool:
    """A SELECT of aggregates without GROUP BY, or one that reads no table."""
    from sqlglot import exp

    if not isinstance(tree, exp.Select) or tree.args.get("group") or tree.args.get("having"):
        return False
    if tree.args.get("from_") is None:
        return tree.args.get("where") is None
    return any(
        isinstance(node, exp.AggFunc)
        for column in tree.selects
        for node in column.walk(prune=lambda found: isinstance(found, exp.Query | exp.Window))
    )


def _booleans() -> tuple[type[exp.Expr], ...]:
    from sqlglot import exp

    return (exp.Predicate, exp.Connector, exp.Not, exp.LogicalAnd, exp.LogicalOr, exp.RegexpLike, exp.StartsWith)


def _last_part(table: str | None) -> str | None:
    return table.rpartition(".")[2].strip('"`[]').lower() if table else None


def renamed(expression: str, names: Mapping[str, str], dialect: str | None = None) -> str:
    """An expression that passed the gate, with other names for its columns (given in any case)."""
    from sqlglot import exp

    from aegis.sql.parse import one_expression, printed

    folded = {old.lower(): new for old, new in names.items()}
    tree = one_expression(expression, dialect)
    for column in list(tree.find_all(exp.Column)):
        new = folded.get(column.name.lower())
        if new is not None:
            column.set("this", exp.to_identifier(new, quoted=True))
    return printed(tree, dialect)
