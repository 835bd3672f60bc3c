"""The package's own rules, asked of any node: what a suite would count there, in one statement."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from aegis.dbt.artifacts.suite_meta import SuiteSection
from aegis.dbt.graph.column_flow import ColumnRef
from aegis.dbt.graph.nodes import table_name
from aegis.dbt.graph.recompute import makes_all_rows, with_rows
from aegis.dbt.graph.relations import relation_key
from aegis.dbt.graph.state import only_reading
from aegis.dbt.graph.tables import Table, Tables, tables_by_id
from aegis.dbt.suites.render import RenderedRelation, quoted
from aegis.dbt.suites.split import one_by_one, relation_of
from aegis.errors import AegisError, WarehouseError
from aegis.investigate.query_budget import QueryBudget, to_count
from aegis.investigate.symptoms import Symptom
from aegis.sql.dialects import dialect_of

if TYPE_CHECKING:
    from aegis.dbt.artifacts.schema import Manifest
    from aegis.warehouse.base import Rows

_SAME = 0.8
"""The share of rows that two faults must have in common to be one."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows failed, their SQL, and whether the rule holds, as one about a share may; or why not asked."""

    failed: int | None
    rows_sql: str | None = None
    error: str | None = None
    holds: bool = False


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Values without a partner: how many different ones, and whether they are numbers that all lie among those of the
    table that lacks them."""

    distinct: int
    amid: bool


class CheckRunner:
    """Asks symptoms of nodes. What was asked once is remembered. Several threads may ask."""

    def __init__(self, manifest: Manifest, budget: QueryBudget) -> None:
        self._manifest = manifest
        self._meter = budget
        self._tables = Tables(tables_by_id(manifest))
        self._known: dict[str, Count] = {}
        self._texts: dict[str, str] = {}
        self._lock = threading.Lock()

    def with_sql(self, node: str, sql: str) -> str:
        """A name for the node as other SQL would make it from today's data, for questions to it."""
        text = _as_table(sql)
        with self._lock:
            for name, other in self._texts.items():
                if other == text and name.startswith(node):
                    return name
            name = f"{node} by other SQL ({len(self._texts) + 1})"
            self._texts[name] = text
            self._tables = Tables([*self._tables.all, Table("", name, None, "other_sql", unique_id=name)])
            return name

    def stand_in(self, node: str, sql: str) -> None:
        """From now on, questions to the node, which has no rows or old ones, are asked of what this SQL gives."""
        with self._lock:
            self._texts[node] = _as_table(sql)

    @property
    def dialect(self) -> str:
        """dbt's adapter type."""
        return self._meter.dialect

    def share_rows(self, one: Symptom, other: Symptom) -> bool:
        """Whether two questions to one node are answered by (nearly) the same rows; False where that cannot be told.

        Raises:
            BudgetExceeded: No more may be asked.
        """
        conditions = [self.condition(one), self.condition(other)]
        if None in conditions or one.node != other.node:
            return False
        counts = self.ask([one, other])
        sql = f"select count(*) from {self._text(one.node)} where ({conditions[0]}) and ({conditions[1]})"
        try:
            shared = to_count(self._meter.ask(sql, "are they the same rows?", 1).rows[0][0])
        except WarehouseError:
            return False
        return shared >= _SAME * max(count.failed or 0 for count in counts) > 0

    def condition(self, symptom: Symptom) -> str | None:
        """What the failing rows satisfy; None where that is no condition on one row.

        Raises:
            BudgetExceeded: No more may be asked.
        """
        failing, begin = self.ask([symptom])[0].rows_sql, f"select * from {self._text(symptom.node)} where "
        return failing.removeprefix(begin) if failing is not None and failing.startswith(begin) else None

    def name(self, node: str) -> str:
        """What people call the table."""
        return table_name(self._manifest.find(node)) or node

    def mentions(self, sql: str, node: str) -> bool:
        """Whether the name of the node's table stands anywhere in the SQL."""
        return relation_key(self._text(node)).rpartition(".")[2] in sql.lower()

    def ask_of(self, symptom: Symptom, sql: str) -> Count:
        """The question to its node as other SQL would make it from today's data.

        Raises:
            BudgetExceeded: No more may be asked.
        """
        return self.ask([replace(symptom, node=self.with_sql(symptom.node, sql), count=None)])[0]

    def relation(self, node: str) -> str | None:
        """How SQL names it; None if the manifest has no such node."""
        return self._text(node)

    def rewired(self, node: str, compiled: str, rows: Mapping[str, str]) -> str | None:
        """The ``compiled`` SQL of a node reading other rows: queries by node. None where the node keeps rows of before,
        or its SQL reads none of them, as far as it can be read."""
        found = self._manifest.find(node)
        if found is None or not makes_all_rows(found):
            return None
        named = {relation_key(self._text(one)): query for one, query in rows.items() if self._text(one)}
        return with_rows(compiled, named, dialect_of(self._meter.dialect))

    def count(self, sql: str) -> int | None:
        """How many rows a query of somebody else gives; None if it does more than read, or the database refuses.

        Raises:
            BudgetExceeded: No more may be asked.
        """
        query = only_reading(sql, dialect_of(self._meter.dialect))
        try:
            asked = f"select count(*) from ({query}) as asked"
            return None if query is None else to_count(self._meter.ask(asked, "how many rows fail?", 1).rows[0][0])
        except WarehouseError:
            return None

    def rows(self, node: str) -> int:
        """How many rows it has.

        Raises:
            BudgetExceeded: No more may be asked.
            WarehouseError: The database refuses.
        """
        return to_count(self._meter.ask(f"select count(*) from {self._text(node)}", "how many rows?", 1).rows[0][0])

    def columns(self, node: str) -> tuple[str, ...]:
        """The names of its columns; errors as of `rows`."""
        return self._meter.ask(f"select * from {self._text(node)} where 1 = 0", "which columns?", 1).columns

    def ask(self, symptoms: Sequence[Symptom]) -> list[Count]:
        """A count for each, all of one node in one statement.

        Raises:
            BudgetExceeded: No more may be asked.
        """
        keys = [_key(symptom) for symptom in symptoms]
        by_node: dict[str, dict[str, Symptom]] = {}
        for key, symptom in zip(keys, symptoms, strict=True):
            if key not in self._known:
                by_node.setdefault(symptom.node, {})[key] = symptom
        for node, wanted in by_node.items():
            self._known |= self._counts(node, wanted)
        return [self._known[key] for key in keys]

    def orphans(self, symptom: Symptom) -> Unmatched | None:
        """What the values without a partner look like; None if that could not be asked.

        Raises:
            BudgetExceeded: No more may be asked.
        """
        assert symptom.reference is not None
        here, there = self._text(symptom.node), self._text(symptom.reference.node)
        if here is None or there is None:
            return None
        dialect = self._meter.dialect
        column, target = quoted(dialect, symptom.columns[0]), quoted(dialect, symptom.reference.column)
        sql = (
            f"select count(distinct {column}), min({column}), max({column}), "
            f"(select min({target}) from {there}), (select max({target}) from {there}) from {here} "
            f"where {column} is not null and {column} not in (select {target} from {there} where {target} is not null)"
        )
        try:
            distinct, low, high, least, most = self._meter.ask(sql, "what values have no partner?", 1).rows[0]
        except WarehouseError:
            return None
        ends = (least, low, high, most)
        numbers = [end for end in ends if isinstance(end, int | float) and not isinstance(end, bool)]
        return Unmatched(to_count(distinct), len(numbers) == len(ends) and numbers == sorted(numbers))

    def copies(self, node: str) -> int | None:
        """How many rows are exact copies of another; None where that cannot be told.

        Raises:
            BudgetExceeded: No more may be asked.
        """
        text = self._text(node)
        sql = f"select (select count(*) from {text}), (select count(*) from (select distinct * from {text}) as d)"
        try:
            rows, different = self._meter.ask(sql, "are the duplicates copies of one another?", 1).rows[0]
        except WarehouseError:
            return None
        return to_count(rows) - to_count(different)

    def spread(self, source: ColumnRef) -> float:
        """How far the largest value lies from the ordinary ones: max by mean, of absolute values; 0 where that cannot
        be told, as of texts.

        Raises:
            BudgetExceeded: No more may be asked.
        """
        relation = self._text(source.node)
        if relation is None:
            return 0.0
        size = f"abs({quoted(self._meter.dialect, source.column)})"
        try:
            sql = f"select max({size}), avg({size}) from {relation}"
            most, mean = self._meter.ask(sql, "which of the values is out of the ordinary?", 1).rows[0]
            return float(str(most)) / float(str(mean)) if most is not None and mean else 0.0
        except (WarehouseError, ValueError, ZeroDivisionError):
            return 0.0

    def differs(self, node: str, earlier: str, columns: Sequence[str]) -> bool | None:
        """Whether the earlier SQL makes other rows of today's data, in these columns (in all if none are given); None
        if that could not be asked.

        Raises:
            BudgetExceeded: No more may be asked.
        """
        here, there = self._text(node), self._text(earlier)
        names = ", ".join(quoted(self._meter.dialect, column) for column in columns) or "*"
        one, other = f"select {names} from {here}", f"select {names} from {there}"
        sql = (
            f"select (select count(*) from {here}) - (select count(*) from {there}), "
            f"(select count(*) from ({one} except {other}) as a), (select count(*) from ({other} except {one}) as b)"
        )
        try:
            row = self._meter.ask(sql, "does the changed code make a difference?", 1).rows[0]
        except WarehouseError:
            return None
        return any(to_count(value) for value in row)

    def _text(self, node: str) -> str | None:
        found = self._manifest.find(node)
        return self._texts.get(node) or (found.relation_name if found is not None else None)

    def _counts(self, node: str, wanted: Mapping[str, Symptom]) -> dict[str, Count]:
        name = self.name(node)

        def execute(sql: str, limit: int) -> Rows:
            return self._meter.ask(sql, f"is the fault in {name}?", limit)

        rules = [symptom.rule(str(index)) for index, symptom in enumerate(wanted.values())]
        references = sorted({symptom.reference.node for symptom in wanted.values() if symptom.reference})
        suite = SuiteSection(rules, table=node, references=tuple(references))
        try:
            rows = one_by_one(suite, self._tables, self._relate, self._meter.dialect, execute)
        except AegisError as error:
            return dict.fromkeys(wanted, Count(None, error=error.message))
        by_id = {str(row["rule_id"]): row for row in rows}
        return {key: _count(by_id[str(index)]) for index, key in enumerate(wanted)}

    def _relate(self, table: Table) -> RenderedRelation:
        if table.unique_id in self._texts:
            return RenderedRelation(None, None, table.identifier, self._texts[table.unique_id])
        node = self._manifest.find(table.unique_id) if table.unique_id else None
        return relation_of(table, self._meter.dialect, node.relation_name if node else None)


def _as_table(sql: str) -> str:
    return f"(\n{sql.strip().rstrip(';')}\n) as other_sql"


def _key(symptom: Symptom) -> str:
    return f"{symptom.node}|{symptom.rule('')!r}"


def _count(row: Mapping[str, Any]) -> Count:
    if row["status"] == "error":
        return Count(None, error=str(row["message"]))
    sql = None if row["failing_rows_sql"] is None else str(row["failing_rows_sql"])
    return Count(to_count(row["rows_failed"]), sql, holds=row["status"] == "pass")
