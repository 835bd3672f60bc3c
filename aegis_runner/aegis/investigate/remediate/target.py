"""A fault at a table whose rows may be fixed: the rule that fails there, and all others that must not get worse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from aegis.dbt.artifacts.suite_meta import suite_section
from aegis.dbt.graph.nodes import node_under_test, plain_name, table_name
from aegis.dbt.graph.tables import tables_of
from aegis.dbt.suites.fixable import Fixable
from aegis.dbt.suites.render import quoted, text_literal
from aegis.domain.report import Finding
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Severity
from aegis.errors import RefusedError, WarehouseError
from aegis.investigate.checks import CheckRunner, Count
from aegis.investigate.query_budget import BudgetExceeded, QueryBudget
from aegis.investigate.symptoms import Symptom, symptom_of
from aegis.investigate.table_facts import column_types, is_fixable
from aegis.rules.model import registry
from aegis.rules.traits import FixKind
from aegis.sql.dialects import dialect_of
from aegis.warehouse.base import Relation, SandboxLimits

if TYPE_CHECKING:
    from aegis.dbt.artifacts.schema import Manifest, Node
    from aegis.investigate.made import Recipes
    from aegis.investigate.remediate.copies import CopyPool


@dataclass(frozen=True)
class TrialContext:
    """What all trials of a run share.

    Attributes:
        manifest: dbt's.
        budget: To ask the user's warehouse with; its warehouse makes the sandbox, where it can.
        personal: Whether the values of a column (of a table) are personal: they stand in no proposal.
        limits: How large a table may be, and how long a trial may take.
        allow: Names of the user's own functions without side effects.
        copies: Copies of tables that trials share; None: each fix target has its own.
        probes: What the investigation asked the warehouse with, and remembers.
        recipes: How the tables below are made; None: they are not looked at.
    """

    manifest: Manifest
    budget: QueryBudget
    personal: Callable[[str, str | None], bool] = lambda _column, _table: False
    limits: SandboxLimits = field(default_factory=SandboxLimits)
    allow: frozenset[str] = frozenset()
    copies: CopyPool | None = None
    probes: CheckRunner | None = None
    recipes: Recipes | None = None

    @cached_property
    def checks(self) -> CheckRunner:
        """Asks rules of the user's warehouse."""
        return self.probes or CheckRunner(self.manifest, self.budget)

    @cached_property
    def rules(self) -> Mapping[str, Mapping[str, Symptom]]:
        """Every rule of the manifest that is known as a question: by node, by its id."""
        found: dict[str, dict[str, Symptom]] = {}
        tables = tables_of(self.manifest)
        for test in self.manifest.nodes.values():
            about = node_under_test(self.manifest, test) if test.resource_type == "test" else None
            for rule_id, rule_type in _named(test) if about is not None else ():
                asked = _as_result(test.unique_id, rule_id, rule_type, about)
                symptom = symptom_of(asked, self.manifest, tables)
                if symptom is not None:
                    found.setdefault(symptom.node, {})[rule_id] = replace(symptom, count=None)
        return found

    def pointing_at(self, node: str) -> dict[str, Symptom]:
        """The foreign keys of other tables that must find their partners in this one, by id."""
        return {
            rule: one
            for rules in self.rules.values()
            for rule, one in rules.items()
            if one.reference is not None and one.reference.node == node and one.node != node
        }


def _named(test: Node) -> list[tuple[str, str]]:
    section = suite_section(test)
    if section is not None:
        return [(str(rule["id"]), str(rule["type"])) for rule in section.arguments()]
    metadata = test.test_metadata
    return [(plain_name(test.unique_id), metadata.kind)] if metadata is not None and metadata.kind else []


def _as_result(test: str, rule_id: str, rule_type: str, node: str | None) -> Result:
    """A result only as far as it says which rule is meant."""
    return Result(
        unique_id=test, rule_id=rule_id, rule_type=rule_type, kind=ResultKind.RULE, status=Status.FAIL,
        severity=Severity.HIGH, node=node,
    )  # fmt: skip


@dataclass(frozen=True)
class FixTarget:
    """One table to be fixed.

    Attributes:
        symptom: The rule that fails there.
        node: The table's dbt node.
        name: What people call it.
        relation: It as dbt writes it in SQL.
        columns: Its columns, name to type in lower case.
        others: The other rules of the table, and the foreign keys of other tables that point at it, by id.
        bench: What all cases share.
        fixable: How its rows can be changed.
        known: What the build itself counted there; None where the fault was found elsewhere.
    """

    symptom: Symptom
    node: Node
    name: str
    relation: str
    columns: Mapping[str, str]
    others: Mapping[str, Symptom]
    bench: TrialContext
    fixable: Fixable = field(default_factory=Fixable)
    known: Count | None = None

    @property
    def adapter(self) -> str:
        return self.bench.budget.dialect

    @property
    def dialect(self) -> str:
        """sqlglot's name of it.

        Raises:
            RefusedError: It has none: SQL of that warehouse cannot be looked into.
        """
        known = dialect_of(self.adapter)
        if known is None:
            raise RefusedError(f"cannot be checked: Aegis cannot parse the SQL of {self.adapter}")
        return known

    @property
    def fixes(self) -> tuple[FixKind, ...]:
        """Kinds of fixes that make sense for the rule."""
        return self.symptom.traits.fixes if self.symptom.traits is not None else ()

    def quoted(self, name: str) -> str:
        return quoted(self.adapter, name)

    @property
    def called(self) -> str:
        """The table by its name alone, as SQL."""
        return self.quoted(relation_of(self.node).name)

    def beside(self, name: str) -> str:
        """A table of this name where the table is, as SQL."""
        place, _, _ = self.relation.rpartition(f".{self.called}")
        return f"{place}.{self.quoted(name)}" if place else self.quoted(name)

    def literal(self, value: str) -> str:
        return text_literal(self.adapter, value)

    def personal(self, column: str) -> bool:
        return self.bench.personal(column, self.name)

    @property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """Columns that are said to identify a row, each a set; those of one column first."""
        said = [one.columns for one in self.others.values() if one.identifies and one.node == self.symptom.node]
        if self.node.primary_key:
            said.append(tuple(self.node.primary_key))
        return tuple(sorted({columns for columns in said if columns}, key=lambda columns: (len(columns), columns)))

    @property
    def needed(self) -> tuple[Relation, ...]:
        """The tables without which there is no trial: the table itself, and the one that its rule points at."""
        return tuple(self._read_by(self.symptom))

    @property
    def wanted(self) -> Mapping[Relation, str]:
        """The tables that the other rules read, with their names in SQL."""
        return self._read_by(*self.others.values())

    def _read_by(self, *symptoms: Symptom) -> dict[Relation, str]:
        nodes = [one.node for one in symptoms] + [one.reference.node for one in symptoms if one.reference is not None]
        found = (self.bench.manifest.find(node) for node in dict.fromkeys(nodes))
        return {relation_of(node): str(node.relation_name) for node in found if node is not None}


def relation_of(node: Node) -> Relation:
    return Relation(node.identifier or node.alias or node.name or "", node.schema_, node.database)


class NotFixable(Exception):
    """Why rows of a table cannot be fixed, in words."""


def fix_target(finding: Finding, symptom: Symptom, bench: TrialContext) -> FixTarget:
    """The table where a finding's fault began, with its rules.

    Raises:
        NotFixable: No change of its rows can be tried.
    """
    origin = finding.rca.origin if finding.rca is not None else symptom.node
    node = bench.manifest.find(origin)
    name = table_name(node) or origin
    if node is None or not node.relation_name:
        raise NotFixable(f"{name}, where it began, is not a table")
    if node.config is not None and node.config.materialized in _NO_ROWS:
        raise NotFixable(f"{name}, where it began, is a {node.config.materialized}: it has no rows of its own to fix")
    if symptom.newest:
        raise NotFixable("the rule checks new rows only (since), and a fix would change older ones too")
    if symptom.where and origin != symptom.node:
        raise NotFixable(
            f"the rule checks some rows only (where), and the same rows of {name}, where it began, are not known"
        )
    there = carried(symptom, finding, origin)
    if there is None:
        raise NotFixable(f"the rule cannot be checked on {name}, where it began")
    try:
        allowed = is_fixable(node, bench.budget)
        if allowed.change is not None:
            raise NotFixable(f"{name}, where it began, {allowed.change}")
        columns = column_types(node, bench.budget)
    except (WarehouseError, BudgetExceeded) as error:
        raise NotFixable(f"the columns of {name} are not known: {error}") from error
    if not {column.lower() for column in there.needs} <= {column.lower() for column in columns}:
        raise NotFixable(f"{name}, where it began, lacks the rule's columns")
    own = {rule: one for rule, one in bench.rules.get(origin, {}).items() if not _same(one, there)}
    others = {**bench.pointing_at(origin), **own}
    known = _counted(finding.result) if origin == symptom.node else None
    return FixTarget(there, node, name, node.relation_name, columns, others, bench, allowed, known)


def _counted(result: Result) -> Count | None:
    told = result.kind is ResultKind.RULE and result.failing_rows_sql is not None
    return Count(result.rows_failed, result.failing_rows_sql) if told and result.rows_failed else None


def failing_rows(target: FixTarget) -> Count:
    """How many rows fail there and the SQL of them, as the build told, or asked now.

    Raises:
        BudgetExceeded: No more may be asked.
    """
    return target.known or target.bench.checks.ask([target.symptom])[0]


_NO_ROWS = frozenset({"view", "ephemeral"})


def _same(one: Symptom, other: Symptom) -> bool:
    return one.rule("") == other.rule("") and one.node == other.node


def carried(symptom: Symptom, finding: Finding, origin: str) -> Symptom | None:
    """The rule as it is asked of the origin: of the column that the path tells, else of columns of the same names."""
    if origin == symptom.node:
        return replace(symptom, count=None)
    hop = next((hop for hop in finding.rca.path if hop.node == origin), None) if finding.rca is not None else None
    if hop is None:
        return None
    if hop.type is not None and hop.type != symptom.type:
        # It changed its form on the way: a value without a partner here is a NULL there.
        columns = tuple((hop.column or "").split(", "))
        return Symptom(origin, hop.type, columns, dialect=symptom.dialect) if _says_all(hop.type) else None
    there = tuple((hop.column or "").split(", "))
    names = {column: column for column in symptom.needs}
    if len(there) == len(symptom.columns):
        names |= dict(zip(symptom.columns, there, strict=True))
    return symptom.at(origin, names)


def _says_all(rule_type: str) -> bool:
    """Whether a rule type says all there is to say by its columns."""
    return rule_type in registry() and set(registry()[rule_type].parameters()) <= {"column", "columns"}


def is_text(kind: str) -> bool:
    """Whether a column type (in lower case) is one of texts, and not of lists of them."""
    return kind.startswith(("varchar", "text", "char", "string")) and not kind.endswith("]")
