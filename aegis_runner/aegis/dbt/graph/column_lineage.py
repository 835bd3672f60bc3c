"""How a model makes its columns and rows, read off its compiled SQL: what feeds each column, what is joined to what.

Everything here is a reading of text: a model that cannot be read says why, and nothing is guessed about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aegis.dbt.artifacts.schema import Manifest
from aegis.dbt.graph.clauses import line_of_column
from aegis.dbt.graph.column_flow import ColumnInput, ColumnLineage, ColumnRef, Join
from aegis.dbt.graph.conversions import Conversion, conversions_of
from aegis.dbt.graph.null_inputs import null_inputs
from aegis.dbt.graph.relations import relation_key, table_key
from aegis.dbt.graph.select_parts import (
    bare,
    ephemeral_of,
    equalities,
    groups,
    has_star,
    is_uniform,
    reads_outside,
    selects,
)
from aegis.errors import RefusedError
from aegis.sql.dialects import dialect_of
from aegis.sql.parse import one_query

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.optimizer.scope import Scope

# Compiled SQL that is longer is not read: qualifying it takes seconds.
_LONGEST = 200_000
_DEEPEST = 200


class LineageIndex:
    """The column lineage of each node of a manifest, read when it is asked for.

    Args:
        manifest: With compiled SQL, or ``compiled`` gives it.
        adapter: dbt's adapter type.
        columns: Node to its columns as the warehouse has them, which ``select *`` needs.
        compiled: Node to its compiled SQL.
    """

    def __init__(
        self, manifest: Manifest, adapter: str, columns: Mapping[str, Sequence[str]], compiled: Mapping[str, str]
    ) -> None:
        self._manifest = manifest
        self._dialect = dialect_of(adapter)
        self._columns = columns
        self._compiled = compiled
        self._known: dict[str, ColumnLineage] = {}
        self._by_relation: dict[str, str] = {}
        for node in (*manifest.nodes.values(), *(manifest.sources or {}).values()):
            if node.relation_name and node.resource_type in ("model", "seed", "snapshot", "source"):
                self._by_relation[relation_key(node.relation_name)] = node.unique_id

    def compiled(self, node: str) -> str | None:
        """Its compiled SQL, where that is known; a Python model has none."""
        return None if self._is_python(node) else self._compiled.get(node)

    def columns(self, node: str) -> tuple[str, ...]:
        """As the warehouse has them; none where that is not known."""
        return tuple(self._columns.get(node, ()))

    def line_of(self, node: str, column: str) -> int | None:
        """The line of the node's file that makes the column, as far as its text tells."""
        found = self._manifest.find(node)
        return None if found is None or found.sql is None else line_of_column(found.sql, column)

    def of(self, node: str) -> ColumnLineage:
        if node not in self._known:
            sql = self.compiled(node)
            without = "it is a Python model" if self._is_python(node) else "its compiled SQL is not known"
            self._known[node] = ColumnLineage(unread=without) if sql is None else self._read(sql)
        return self._known[node]

    def _is_python(self, node: str) -> bool:
        found = self._manifest.find(node)
        return found is not None and found.language == "python"

    def conversions(self, node: str) -> tuple[Conversion, ...]:
        """Where its SQL turns values of a table into another type, as far as it can be read."""
        sql = self.compiled(node)
        scope = "" if sql is None else self._scope(sql)
        return () if isinstance(scope, str) else tuple(conversions_of(scope, self._node_of, self._dialect))

    def _read(self, sql: str) -> ColumnLineage:
        scope = self._scope(sql)
        return ColumnLineage(unread=scope) if isinstance(scope, str) else _Reader(self._node_of).read(scope)

    def _scope(self, sql: str) -> Scope | str:
        """The query, or why it is not read."""
        from sqlglot.errors import SqlglotError
        from sqlglot.optimizer.qualify import qualify
        from sqlglot.optimizer.scope import build_scope

        if len(sql) > _LONGEST:
            return "its SQL is too long to read"
        try:
            tree = one_query(sql.strip().rstrip(";"), self._dialect)
            tree = qualify(
                tree, dialect=self._dialect, schema=self._schema(tree), validate_qualify_columns=False, identify=False,
                quote_identifiers=False,
            )  # fmt: skip
            scope = build_scope(tree)
        except (SqlglotError, RefusedError) as error:
            return f"its SQL could not be read: {str(error).splitlines()[0][:200]}"
        except (AssertionError, AttributeError, KeyError, TypeError, ValueError) as error:
            # The library's optimizer takes some statements, such as DuckDB's PIVOT, for what they are not.
            return f"its SQL could not be read: {type(error).__name__}"
        except RecursionError:
            return "its SQL is nested too deeply"
        return "its SQL is not a query" if scope is None else scope

    def _schema(self, tree: exp.Query) -> dict[str, object]:
        """Columns by table as the SQL names it; types do not matter here."""
        from sqlglot import exp

        found: dict[str, object] = {}
        for table in tree.find_all(exp.Table):
            node = self._node_of(table)
            if node is None or node not in self._columns:
                continue
            place: dict[str, Any] = found
            for part in (table.catalog, table.db):
                if part:
                    place = place.setdefault(part, {})
            place[table.name] = dict.fromkeys(self._columns[node], "unknown")
        return found

    def _node_of(self, table: exp.Table) -> str | None:
        return self._by_relation.get(table_key(table))


class _Reader:
    """One query's scopes."""

    def __init__(self, node_of: Callable[[exp.Table], str | None]) -> None:
        self._node_of = node_of
        # A column of a CTE is asked for once: each level that combines two of the last would double the readings.
        self._known: dict[tuple[int, str], tuple[ColumnInput, ...]] = {}

    def read(self, scope: Scope) -> ColumnLineage:
        from sqlglot import exp

        feeds, hidden = {}, set()
        for select in selects(scope.expression):
            name = select.alias_or_name.lower()
            if name and name != "*":
                found = self._feeds(scope, select.alias_or_name, 0)
                feeds[name] = tuple(feed for feed in found if feed != _HIDDEN)
                if _HIDDEN in found:
                    hidden.add(name)
        scopes = list(scope.traverse())
        sources = [table for one in scopes for table in one.sources.values() if isinstance(table, exp.Table)]
        tables = {self._node_of(table) for table in sources}
        return ColumnLineage(
            feeds=feeds,
            joins=tuple(dict.fromkeys(join for one in scopes for join in self._joins(one))),
            base=self._base(scope, 0),
            grouped=any(groups(one.expression) for one in scopes),
            reads=tuple(sorted(node for node in tables if node is not None)),
            hidden=frozenset(hidden),
            has_star=has_star(scope.expression),
            strangers=tuple(
                sorted({str(one.this.name) for one in sources if self._node_of(one) is None and reads_outside(one)})
            ),
        )

    def _feeds(self, scope: Scope, column: str, depth: int) -> tuple[ColumnInput, ...]:
        """The columns of nodes that a scope's column is made from."""
        key = id(scope), column
        if key not in self._known:
            # A scope that reads itself (a recursive CTE) has nothing to add to itself.
            self._known[key] = ()
            self._known[key] = _merged(self._read_feeds(scope, column, depth))
        return self._known[key]

    def _read_feeds(self, scope: Scope, column: str, depth: int) -> Iterator[ColumnInput]:
        from sqlglot import exp

        if depth > _DEEPEST:
            yield _HIDDEN
            return
        expression = scope.expression
        if isinstance(expression, exp.SetOperation):
            names = [select.alias_or_name for select in selects(expression)]
            place = names.index(column) if column in names else -1
            for branch in scope.set_operation_scopes or ():
                columns = selects(branch.expression)
                if 0 <= place < len(columns):
                    yield from self._feeds(branch, columns[place].alias_or_name, depth + 1)
            return
        select = next((one for one in selects(expression) if one.alias_or_name == column), None)
        if select is None:
            if has_star(expression):
                yield _HIDDEN
            return
        whole = bare(select)
        plain, grouped = isinstance(whole, exp.Column), expression.args.get("group") is not None
        passing, uniform, within = null_inputs(whole), is_uniform(select.unalias()), ephemeral_of(select)
        for found in [whole] if isinstance(whole, exp.Column) else list(whole.find_all(exp.Column)):
            for feed in self._behind(scope, found, depth):
                if feed != _HIDDEN:
                    feed = feed.behind(plain, grouped, id(found) in passing, uniform, within)
                yield feed

    def _behind(self, scope: Scope, column: exp.Column, depth: int) -> Iterator[ColumnInput]:
        """What a column named in a scope is, beyond that scope."""
        from sqlglot import exp

        # Where columns of a table are not known, one that is named without its table is left so.
        source = scope.sources.get(column.table or (next(iter(scope.sources)) if len(scope.sources) == 1 else ""))
        if isinstance(source, exp.Table):
            node = self._node_of(source)
            if node is not None:
                yield ColumnInput(ColumnRef(node, column.name.lower()), plain=True, nulls=True, uniform=True)
            elif reads_outside(source):
                yield _HIDDEN
        elif source is not None:
            yield from self._feeds(source, column.name, depth + 1)
        elif not column.table and len(scope.sources) > 1:
            yield _HIDDEN  # of which of the tables it is, is not known

    def _joins(self, scope: Scope) -> Iterator[Join]:
        from sqlglot import exp

        if not isinstance(scope.expression, exp.Select):
            return
        for join in scope.expression.args.get("joins") or ():
            side = (join.side or "").lower()
            joined = join.this.alias_or_name
            for equal in equalities(join.args.get("on")):
                one, other = equal.this, equal.expression
                if other.table != joined:
                    one, other = other, one
                for left in self._behind(scope, one, 0):
                    for right in self._behind(scope, other, 0):
                        if left.plain and right.plain:
                            kept = {"left": "right", "right": "left", "full": "both"}.get(side, "")
                            yield Join(left.source, right.source, kept, right.grouped, ephemeral_of(join))

    def _base(self, scope: Scope, depth: int) -> str | None:
        """The node that the first FROM reads."""
        from sqlglot import exp

        if depth > _DEEPEST or not isinstance(scope.expression, exp.Select):
            return None
        start = scope.expression.args.get("from_") or scope.expression.args.get("from")
        if start is None:
            return None
        source = scope.sources.get(start.this.alias_or_name)
        if isinstance(source, exp.Table):
            return self._node_of(source)
        return None if source is None else self._base(source, depth + 1)


_HIDDEN = ColumnInput(ColumnRef("", "*"), plain=False)
"""Stands for inputs that are not known."""


def _merged(feeds: Iterator[ColumnInput]) -> tuple[ColumnInput, ...]:
    """Each source once; plain and passing NULL on where any of its ways is, grouped and uniform where all are."""
    found: dict[ColumnRef, ColumnInput] = {}
    for feed in feeds:
        other = found.get(feed.source, feed)
        plain, grouped = other.plain or feed.plain, other.grouped and feed.grouped
        nulls, uniform = other.nulls or feed.nulls, other.uniform and feed.uniform
        within = feed.within if feed.within == other.within else None
        found[feed.source] = ColumnInput(feed.source, plain, grouped, nulls, uniform, within)
    return tuple(found.values())
