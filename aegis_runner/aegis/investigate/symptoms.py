"""What is wrong, as a question that can be asked of another table: a rule type, its columns and its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from aegis.dbt.artifacts.schema import Manifest, Node
from aegis.dbt.artifacts.suite_meta import SuiteSection, suite_section
from aegis.dbt.graph.column_flow import ColumnRef
from aegis.dbt.graph.generic_tests import equivalent_rule
from aegis.dbt.graph.nodes import calls, named_by, type_of_test
from aegis.dbt.graph.relations import relation_key
from aegis.dbt.graph.row_tests import row_test
from aegis.dbt.graph.tables import Tables, UnknownTable
from aegis.domain.results import Result, ResultKind
from aegis.errors import RefusedError
from aegis.rules.lookup import traits_of
from aegis.rules.model import registry
from aegis.rules.traits import Carry, Key, Traits
from aegis.sql.columns import renamed
from aegis.sql.dialects import dialect_of
from aegis.sql.gate import check_expression

# Arguments of a rule that say who it is and what is tolerated, not what it asks.
_NOT_ASKED = frozenset(
    {"id", "type", "severity", "level", "owner", "description", "runbook", "tags", "keys", "max_failed_pct",
     "max_failed_rows", "warn_pct", "since", "time_column", "uses", "guidance", "column", "columns", "reference_table",
     "reference_column", "where"}
)  # fmt: skip
_SQL = ("expression", "condition")
"""Parameters that are SQL over one row."""


@dataclass(frozen=True, slots=True)
class Symptom:
    """One fault, at one node.

    Attributes:
        node: The dbt node that shows it.
        type: An Aegis rule type.
        columns: The columns it is about, as the rule names them.
        parameters: What else the rule says (values, limits, a pattern, an expression).
        reference: For a foreign key, the column that must have the values.
        where: The condition on the rows that are checked.
        newest: Whether the rule checks only the newest of them (`since`), which is not asked here.
        count: Failing rows, if known.
        dialect: That of its SQL, as sqlglot has it.
        reads: All columns that it reads: those that it is about, and those of its SQL.
    """

    node: str
    type: str
    columns: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    reference: ColumnRef | None = None
    where: str | None = None
    newest: bool = False
    count: int | None = None
    dialect: str | None = None
    reads: tuple[str, ...] = ()

    @property
    def traits(self) -> Traits | None:
        """None for a question that no rule type asks."""
        return traits_of(self.type)

    @property
    def carry(self) -> Carry | None:
        """How it is followed up the lineage; None for a question that no rule type asks."""
        return self.traits.carry if self.traits is not None else None

    @property
    def identifies(self) -> bool:
        """Whether the rule says that its columns identify a row."""
        return self.traits is not None and self.traits.key is Key.IDENTIFIES

    @property
    def is_carried(self) -> bool:
        """Whether the same can be asked of other tables, as far as the rule type and its columns go."""
        return self.carry is Carry.VOLUME or (self.carry not in (None, Carry.NEVER) and bool(self.columns))

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns without which it cannot be asked."""
        return tuple(dict.fromkeys((*self.columns, *self.reads)))

    def at(self, node: str, columns: Mapping[str, str]) -> Symptom:
        """The same question of another node: whole, with its condition on rows, by the names of its columns there."""
        parameters = dict(self.parameters)
        for name in _SQL:
            if name in parameters:
                parameters[name] = renamed(str(parameters[name]), columns, self.dialect)
        if "column_b" in parameters:
            parameters["column_b"] = columns.get(str(parameters["column_b"]), parameters["column_b"])
        return replace(
            self,
            node=node,
            columns=tuple(columns[name] for name in self.columns),
            parameters=parameters,
            where=None if self.where is None else renamed(self.where, columns, self.dialect),
            reads=tuple(columns[name] for name in self.reads),
            count=None,
        )

    def rule(self, identity: str) -> dict[str, Any]:
        """As an argument of the package's macros; a foreign key names its reference by the node's id."""
        rule: dict[str, Any] = {
            "id": identity, "type": self.type, "severity": "high", "level": "error", **self.parameters,
        }  # fmt: skip
        if "columns" in registry()[self.type].parameters():
            rule["columns"] = list(self.columns)
        elif self.columns:
            rule["column"] = self.columns[0]
        if self.reference is not None:
            rule |= {"reference_table": self.reference.node, "reference_column": self.reference.column}
        if self.where:
            rule["where"] = self.where
        return rule


def symptom_of(
    result: Result, manifest: Manifest, tables: Tables, compiled: Callable[[str], str | None] = lambda _uid: None
) -> Symptom | None:
    """What a failed result shows; None where that is not known, or where SQL in it does more than to look at one row.

    ``compiled`` gives the SQL of a test: one that is singular, or that nobody here knows, may be read off it.
    """
    dialect = dialect_of(manifest.metadata.adapter_type or "")
    found = _symptom(result, manifest, tables)
    if found is None and result.kind is ResultKind.TEST:
        found = _of_query(result, manifest, compiled, dialect)
    return None if found is None else _admitted(found, dialect)


def _admitted(symptom: Symptom, dialect: str | None) -> Symptom | None:
    """With its SQL as the gate prints it: whoever wrote the test, it will be run by Aegis itself."""
    where, parameters = symptom.where, dict(symptom.parameters)
    second = parameters.get("column_b")
    read = [] if second is None else [str(second)]
    try:
        if where is not None:
            gated = check_expression(where, dialect)
            where = gated.sql
            read += gated.columns
        for name in _SQL:
            if name in parameters:
                gated = check_expression(str(parameters[name]), dialect)
                parameters[name] = gated.sql
                read += gated.columns
    except RefusedError:
        return None
    columns = symptom.columns or (tuple(read) if "expression" in parameters else ())
    reads = tuple(name for name in dict.fromkeys(read) if name not in columns)
    return replace(symptom, where=where, parameters=parameters, columns=columns, reads=reads, dialect=dialect)


def _symptom(result: Result, manifest: Manifest, tables: Tables) -> Symptom | None:
    node = manifest.find(result.unique_id)
    if node is None or result.node is None:
        return None
    section = suite_section(node)
    if section is not None:
        return _of_rule(result, section, tables)
    return _of_test(node, result, manifest)


def _of_test(node: Node, result: Result, manifest: Manifest) -> Symptom | None:
    """A generic test as the rule that asks the same; None unless every argument of it is understood."""
    found = equivalent_rule(node)
    if found is None or result.node is None:
        return None
    reference = None
    if found.reference is not None:
        target = _table_of(found.reference[0], node, manifest)
        if target is None:
            return None
        reference = ColumnRef(target, found.reference[1])
    return Symptom(
        node=result.node,
        type=found.type,
        columns=found.columns,
        parameters=found.parameters,
        reference=reference,
        where=found.where,
        newest=found.newest,
        # Tests of others may count groups, as dbt's own `unique` and `accepted_values` do.
        count=result.rows_failed if type_of_test(node).startswith("aegis.") else None,
    )


def _of_query(
    result: Result, manifest: Manifest, compiled: Callable[[str], str | None], dialect: str | None
) -> Symptom | None:
    """A test that is one WHERE, or one look for duplicates, over one table that it says it reads."""
    test = manifest.find(result.unique_id)
    counted = test.config.fail_calc if test is not None and test.config is not None else None
    sql = compiled(result.unique_id) if counted in (None, "count(*)") else None
    read = None if sql is None else row_test(sql, dialect)
    if test is None or read is None:
        return None
    parents = [manifest.find(parent) for parent in test.parents]
    named = [one.unique_id for one in parents if one is not None and relation_key(one.relation_name) == read.relation]
    if len(named) != 1:
        return None
    limited = test.config is not None and test.config.limit is not None
    return Symptom(
        node=named[0],
        type=read.rule.type,
        columns=read.rule.columns,
        parameters=read.rule.parameters,
        where=read.rule.where,
        count=result.rows_failed if read.counts_rows and not limited else None,
    )


def _table_of(written: str, test: Node, manifest: Manifest) -> str | None:
    """The parent of a test that ``ref('customers')`` names."""
    named = next(calls(written), None)
    parents = [manifest.find(parent) for parent in test.parents]
    return next((one.unique_id for one in parents if one is not None and named and named_by(one, named)), None)


def _of_rule(result: Result, section: SuiteSection, tables: Tables) -> Symptom | None:
    rule = next((one for one in section.arguments() if one["id"] == result.rule_id), None)
    if rule is None or result.node is None:
        return None
    reference = None
    if "reference_table" in rule:
        try:
            target = tables.find(str(rule["reference_table"])).unique_id
        except UnknownTable:
            return None
        if target is None:
            return None
        reference = ColumnRef(target, str(rule["reference_column"]).lower())
    one = (str(rule["column"]),) if rule.get("column") else ()
    columns = one or tuple(map(str, rule.get("columns") or ()))
    return Symptom(
        node=result.node,
        type=str(rule["type"]),
        columns=columns,
        parameters={name: value for name, value in rule.items() if name not in _NOT_ASKED},
        reference=reference,
        where=str(rule["where"]) if rule.get("where") else None,
        newest=bool(rule.get("since")),
        count=result.rows_failed,
    )
