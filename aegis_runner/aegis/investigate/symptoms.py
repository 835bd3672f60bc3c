"""What is wrong, as a question that can be asked of another table: a rule type, its columns and its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from aegis.dbt.anatomy import ColumnRef
from aegis.dbt.nodes import calls, named_by
from aegis.dbt.shapes import Manifest, Node
from aegis.dbt.suite_meta import suite_arguments, suite_section
from aegis.dbt.tables import Tables, UnknownTable
from aegis.domain.results import Result
from aegis.errors import RefusedError
from aegis.sql.columns import renamed
from aegis.sql.dialects import dialect_of
from aegis.sql.gate import check_expression

# Arguments of a rule that say who it is and what is tolerated, not what it asks.
_NOT_ASKED = frozenset(
    {"id", "type", "severity", "level", "owner", "description", "runbook", "tags", "keys", "max_failed_pct",
     "max_failed_rows", "warn_pct", "since", "time_column", "time_zone", "uses", "column", "columns", "reference_table",
     "reference_column", "where"}
)  # fmt: skip


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

    def at(self, node: str, columns: Mapping[str, str]) -> Symptom:
        """The same question of another node, its columns by their names there. A condition on rows is left behind: its
        columns may not be there."""
        parameters = dict(self.parameters)
        if "expression" in parameters:
            parameters["expression"] = renamed(str(parameters["expression"]), columns, self.dialect)
        for name in ("column_a", "column_b"):
            if name in parameters:
                parameters[name] = columns.get(str(parameters[name]), parameters[name])
        moved = tuple(columns[name] for name in self.columns)
        return replace(self, node=node, columns=moved, parameters=parameters, where=None, count=None)

    def rule(self, identity: str) -> dict[str, Any]:
        """As an argument of the package's macros; a foreign key names its reference by the node's id."""
        rule: dict[str, Any] = {
            "id": identity, "type": self.type, "severity": "high", "level": "error", **self.parameters,
        }  # fmt: skip
        if self.type in _OF_MANY:
            rule["columns"] = list(self.columns)
        elif self.columns:
            rule["column"] = self.columns[0]
        if self.reference is not None:
            rule |= {"reference_table": self.reference.node, "reference_column": self.reference.column}
        if self.where:
            rule["where"] = self.where
        return rule


_OF_MANY = frozenset({"composite_unique"})


def symptom_of(result: Result, manifest: Manifest, tables: Tables) -> Symptom | None:
    """What a failed result shows; None where that is not known (a singular test, a test of an unknown package), or
    where SQL in it does more than to look at one row."""
    found = _symptom(result, manifest, tables)
    return None if found is None else _admitted(found, dialect_of(manifest.metadata.adapter_type or ""))


def _admitted(symptom: Symptom, dialect: str | None) -> Symptom | None:
    """With its SQL as the gate prints it: whoever wrote the test, it will be run by Aegis itself."""
    where, parameters = symptom.where, dict(symptom.parameters)
    try:
        if where is not None:
            where = check_expression(where, dialect).sql
        if "expression" in parameters:
            parameters["expression"] = check_expression(str(parameters["expression"]), dialect).sql
    except RefusedError:
        return None
    return replace(symptom, where=where, parameters=parameters, dialect=dialect)


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
    metadata = node.test_metadata
    known = _GENERIC.get(metadata.kind or "") if metadata is not None else None
    if metadata is None or known is None or metadata.namespace not in _PACKAGES:
        return None
    given = {name for name, value in _arguments(node).items() if value is not None}
    if not given <= known.arguments | _PLUMBING:
        return None
    found = known.make(node, result, manifest)
    return None if found is None else replace(found, where=_where(node), count=result.rows_failed)


def _where(node: Node) -> str | None:
    """The rows that a generic test looks at: its `where`, and the `row_condition` of dbt_expectations."""
    conditions = [node.config.where if node.config else None, _arguments(node).get("row_condition")]
    given = [str(one) for one in conditions if one]
    return given[0] if len(given) == 1 else " and ".join(f"({one})" for one in given) or None


def _of_rule(result: Result, section: Mapping[str, Any], tables: Tables) -> Symptom | None:
    rule = next((one for one in suite_arguments(section) if one["id"] == result.rule_id), None)
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
    columns = one or tuple(map(str, rule.get("columns") or ())) or tuple(map(str, rule.get("uses") or ()))
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


def _arguments(node: Node) -> Mapping[str, Any]:
    """A generic test's arguments, which newer dbt keeps under ``arguments``."""
    given = (node.test_metadata.kwargs if node.test_metadata else None) or {}
    nested = given.get("arguments")
    return {**given, **nested} if isinstance(nested, Mapping) else given


def _column(node: Node) -> str | None:
    found = _arguments(node).get("column_name") or node.column_name
    return found.strip('"`') if isinstance(found, str) else None


def _on_column(rule_type: str, *taken: tuple[str, str]) -> _Known:
    def make(node: Node, result: Result, _manifest: Manifest) -> Symptom | None:
        column, given = _column(node), _arguments(node)
        if column is None or result.node is None:
            return None
        parameters = {ours: _exact(given[theirs]) for theirs, ours in taken if given.get(theirs) is not None}
        return Symptom(result.node, rule_type, (column,), parameters)

    return _Known(make, frozenset(theirs for theirs, _ in taken))


def _exact(value: Any) -> Any:
    """A number as the macros want it: no float bends it on its way."""
    if isinstance(value, float):
        return {"decimal": repr(value)}
    return [_exact(one) for one in value] if isinstance(value, list) else value


def _on_columns(node: Node, result: Result, _manifest: Manifest) -> Symptom | None:
    columns = _arguments(node).get("combination_of_columns")
    if not isinstance(columns, list) or result.node is None:
        return None
    return Symptom(result.node, "composite_unique", tuple(map(str, columns)))


def _relationships(node: Node, result: Result, manifest: Manifest) -> Symptom | None:
    column, given = _column(node), _arguments(node)
    named = next(calls(str(given.get("to") or "")), None)
    field_name = given.get("field")
    if column is None or named is None or not isinstance(field_name, str) or result.node is None:
        return None
    others = [manifest.find(parent) for parent in node.parents]
    target = next((one for one in others if one is not None and named_by(one, named)), None)
    if target is None:
        return None
    reference = ColumnRef(target.unique_id, field_name.strip('"`').lower())
    return Symptom(result.node, "foreign_key", (column,), reference=reference)


def _expression(node: Node, result: Result, _manifest: Manifest) -> Symptom | None:
    """dbt_utils.expression_is_true; on a column, the expression follows its name."""
    text, column = _arguments(node).get("expression"), _column(node)
    if not isinstance(text, str) or result.node is None:
        return None
    whole = f"{column} {text}" if column else text
    columns = (column,) if column else ()
    return Symptom(result.node, "sql_expression", columns, {"expression": whole})


@dataclass(frozen=True, slots=True)
class _Known:
    """A generic test that is understood: how to make a symptom of it, and the arguments that `make` takes in. One that
    it does not take in may change what the test asks."""

    make: Callable[[Node, Result, Manifest], Symptom | None]
    arguments: frozenset[str] = frozenset()


_PLUMBING = frozenset({"model", "column_name", "arguments", "row_condition", "name"})
"""Arguments that say what is tested, and those that are read for every test."""

_PACKAGES = frozenset({None, "dbt", "aegis", "dbt_utils", "dbt_expectations"})

_RANGE = (("min_value", "min_value"), ("max_value", "max_value"))
_GENERIC: dict[str, _Known] = {
    "not_null": _on_column("not_null"),
    "unique": _on_column("unique"),
    "accepted_values": _on_column("accepted_values", ("values", "values"), ("quote", "quote")),
    "relationships": _Known(_relationships, frozenset({"to", "field"})),
    "unique_combination_of_columns": _Known(_on_columns, frozenset({"combination_of_columns"})),
    "accepted_range": _on_column("between", *_RANGE),
    "not_empty_string": _on_column("not_empty_string"),
    "expression_is_true": _Known(_expression, frozenset({"expression"})),
    "expect_column_values_to_not_be_null": _on_column("not_null"),
    "expect_column_values_to_be_unique": _on_column("unique"),
    "expect_column_values_to_be_in_set": _on_column("accepted_values", ("value_set", "values")),
    "expect_column_values_to_be_between": _on_column("between", *_RANGE, ("strictly", "strictly")),
    "expect_column_values_to_match_regex": _on_column("regex_match", ("regex", "pattern")),
}
"""dbt's own generic tests and those of its common packages, as rule types."""
