"""The package's own rules, asked of any node: what a suite would count there, in one statement."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from aegis.dbt.artifacts.suite_meta import SuiteSection
from aegis.dbt.graph.nodes import table_name
from aegis.dbt.graph.recompute import makes_all_rows, query_of_all_rows, with_rows
from aegis.dbt.graph.relations import relation_key
from aegis.dbt.graph.state import only_reading
from aegis.dbt.graph.tables import Table, Tables, tables_by_id
from aegis.dbt.suites.render import RenderedRelation
from aegis.dbt.suites.split import one_by_one, relation_of
from aegis.errors import AegisError, ConfigError, WarehouseError
from aegis.investigate.query_budget import QueryBudget, to_count
from aegis.investigate.symptoms import Symptom
from aegis.investigate.table_facts import column_types
from aegis.sql.dialects import dialect_of

if TYPE_CHECKING:
    from aegis.dbt.artifacts.schema import Manifest
    from aegis.warehouse.base import Rows


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows failed, their SQL, and whether the rule holds, as one about a share may; or why not asked."""

    failed: int | None
    rows_sql: str | None = None
    error: str | None = None
    holds: bool = False


class Asker:
    """Asks symptoms of nodes. What was asked once is remembered. Several threads may ask."""

    def __init__(self, manifest: Manifest, budget: QueryBudget) -> None:
        self._manifest = manifest
        self._meter = budget
        self._tables = Tables(tables_by_id(manifest))
        self._known: dict[str, Count] = {}
        self._texts: dict[str, str] = {}
        self._seen: dict[str, Rows] = {}
        self._types: dict[str, Mapping[str, str]] = {}
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
        """The ``compiled`` SQL of a node reading other rows: queries by node. None where the node keeps rows that its
        inputs have no more, or its SQL reads none of them, as far as it can be read."""
        named = {relation_key(self._text(one)): query for one, query in rows.items() if self._text(one)}
        whole = self._query_of_all_rows(node, compiled)
        return None if whole is None else with_rows(whole, named, dialect_of(self._meter.dialect))

    def _query_of_all_rows(self, node: str, compiled: str) -> str | None:
        """Where the node keeps rows of before: what it would be made of anew, if it has as many rows as that gives."""
        found = self._manifest.find(node)
        if found is None or makes_all_rows(found):
            return None if found is None else compiled
        whole = query_of_all_rows(found, compiled, dialect_of(self._meter.dialect))
        try:
            return whole if whole is not None and self.count(whole) == self.rows(node) else None
        except WarehouseError:
            return None

    def count(self, sql: str) -> int | None:
        """How many rows a query of somebody else gives; None if it does more than read, or the database refuses.

        Raises:
            BudgetExceeded: No more may be asked.
        """
        query = only_reading(sql, dialect_of(self._meter.dialect))
        try:
            asked = f"select count(*) from ({query}) as asked"
            return None if query is None else to_count(self._once(asked, "how many rows fail?", 1).rows[0][0])
        except WarehouseError:
            return None

    def rows(self, node: str) -> int:
        """How many rows it has.

        Raises:
            BudgetExceeded: No more may be asked.
            WarehouseError: The database refuses.
        """
        return to_count(self._once(f"select count(*) from {self._text(node)}", "how many rows?", 1).rows[0][0])

    def types(self, node: str) -> Mapping[str, str]:
        """Its columns, name to type in lower case; none where the database does not tell."""
        found = self._manifest.find(node)
        if node not in self._types:
            try:
                self._types[node] = {} if found is None else column_types(found, self._meter)
            except WarehouseError:
                return {}
        return self._types[node]

    def row(self, sql: str, why: str) -> Sequence[Any]:
        """The one row of a query; errors as of `rows`."""
        return self._once(sql, why, 1).rows[0]

    def values(self, sql: str, why: str, most: int) -> list[Any]:
        """The values of a query of one column; none if there are more than ``most``. Errors as of `rows`."""
        found = self._once(sql, why, most + 1).rows
        return [row[0] for row in found] if len(found) <= most else []

    def columns(self, node: str) -> tuple[str, ...]:
        """The names of its columns; errors as of `rows`."""
        return self._once(f"select * from {self._text(node)} where 1 = 0", "which columns?", 1).columns

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

    def _once(self, sql: str, why: str, limit: int) -> Rows:
        """What the query gives, asked once: several findings want to know the same of a table."""
        if sql not in self._seen:
            self._seen[sql] = self._meter.ask(sql, why, limit)
        return self._seen[sql]

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
        except ConfigError:  # of the installation, not of a rule
            raise
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
