"""Rules bound to the tables that dbt knows: which table each is about, and which others its SQL reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aegis.dbt.graph.tables import DISABLED, Table, Tables, UnknownTable
from aegis.errors import Problem, RulesError

if TYPE_CHECKING:
    from pydantic import JsonValue

    from aegis.rules.book import RuleBook
    from aegis.rules.model import Rule
    from aegis.sql.tables import TableRef

SQL_PARTS = ("expression", "condition", "query", "where")
"""The arguments of a rule that are SQL; tables named in them become marks such as ``«raw.orders»``."""

TABLE = "scope.table"
"""Where a rule names its own table."""

THIS = "«this»"
"""The mark of the rule's own table."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A rule with its table, the macro's arguments, and the tables it reads beside its own, by the names it uses."""

    rule: Rule
    table: Table
    arguments: Mapping[str, JsonValue]
    references: Mapping[str, Table]


@dataclass(frozen=True, slots=True)
class Missing:
    """A table that a rule names and dbt does not know; ``schema`` is the one the rule gives beside the name."""

    rule: Rule
    name: str
    schema: str | None


@dataclass(slots=True)
class _Binding:
    """What binding one rule after another gathers."""

    tables: Tables
    dialect: str | None
    problems: list[Problem] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)

    def find(self, rule: Rule, place: str, name: str, schema: str | None, database: str | None) -> Table | None:
        """The table of that name, else a problem."""
        try:
            table = self.tables.find(name, schema, database)
        except UnknownTable as unknown:
            if not unknown.ambiguous and unknown.reason is None:
                self.missing.append(Missing(rule, name, schema))
            self.problems.append(_unknown(rule, place, unknown))
            return None
        if table.unfit is not None:
            self.problems.append(_problem(rule, place, f"'{name}' {table.unfit}"))
            return None
        if table.disabled and place != TABLE:
            # dbt leaves out a test that reads it, and with it all other rules of the suite.
            self.problems.append(_problem(rule, place, f"'{name}' {DISABLED}"))
            return None
        return table

    def reference(self, rule: Rule, place: str, name: str, about: Table | None) -> Table | None:
        """A table that a rule reads beside its own, which a test of its own table may read, else a problem."""
        found = self.find(rule, place, name, None, None)
        if found is None or about is None or not found.private or found.group == about.group:
            return found
        self.problems.append(_problem(rule, place, _private(found, about)))
        return None


def _private(found: Table, about: Table) -> str:
    """A suite is of its table's group, as dbt wants it of whoever reads a private model."""
    place = f"is of the group '{about.group}'" if about.group else "is of no group"
    return (
        f"'{found.label}' is private to the group '{found.group}', and '{about.label}' {place}, so no test of it may "
        f"read that model; give '{found.label}' the access 'protected', or put the rule on a table of the group"
    )


def bind(book: RuleBook, tables: Tables, dialect: str | None) -> tuple[Bound, ...]:
    """Every rule that runs (deprecated ones do not), in the book's order.

    Raises:
        RulesError: Tables that dbt does not know, all of them, with the source entry to add.
    """
    binding = _Binding(tables, dialect)
    bound = [_bind(rule, binding) for rule in book if rule.status != "deprecated"]
    if binding.problems:
        wrong = {problem.rule_id for problem in binding.problems}
        raise RulesError(binding.problems, fine=len(book) - len(wrong))
    return tuple(entry for entry in bound if entry is not None)


def missing_tables(book: RuleBook, tables: Tables, dialect: str | None) -> tuple[Missing, ...]:
    """The tables that rules name and dbt does not know."""
    binding = _Binding(tables, dialect)
    for rule in book:
        if rule.status != "deprecated":
            _bind(rule, binding)
    return tuple(binding.missing)


def _bind(rule: Rule, binding: _Binding) -> Bound | None:
    wrong = len(binding.problems)
    table = binding.find(rule, TABLE, rule.table, rule.schema_, rule.database)
    arguments = dict(rule.arguments(binding.dialect))
    if table is not None:
        _time_column(rule, table, arguments, binding)
    references: dict[str, Table] = {}
    reference = arguments.get("reference_table")
    if isinstance(reference, str):
        found = binding.reference(rule, "logic.reference_table", reference, table)
        references |= {reference: found} if found else {}
    for name in SQL_PARTS:
        text = arguments.get(name)
        # An expression without a SELECT reads no table.
        if isinstance(text, str) and (name == "query" or "select" in text.lower()):
            arguments[name] = _with_marks(rule, name, text, table, references, binding)
    if table is None or len(binding.problems) > wrong:
        return None
    return Bound(rule, table, arguments, references)


def _time_column(rule: Rule, table: Table, arguments: dict[str, Any], binding: _Binding) -> None:
    if arguments.get("since") is None or arguments.get("time_column") is not None:
        return
    if table.time_column is None:
        message = (
            "since needs the column that tells a row's time: add scope.time_column (or a source's loaded_at_field)"
        )
        binding.problems.append(_problem(rule, "scope.since", message))
    else:
        arguments["time_column"] = table.time_column


def _with_marks(
    rule: Rule, name: str, text: str, table: Table | None, references: dict[str, Table], binding: _Binding
) -> str:
    """SQL whose table names are replaced by the marks that the macros fill with relations."""
    from aegis.sql.tables import replace_tables

    # A table that is not declared yet goes by its last name too, as it will once it is.
    own = {rule.table.lower(), table.label.lower() if table else rule.table.lower().rpartition(".")[2]}

    def mark(reference: TableRef) -> str | None:
        written = str(reference)
        if written.lower() in own:
            return THIS
        found = binding.reference(rule, f"logic.{name}", written, table)
        if found is None:
            return None
        if table is not None and found.call == table.call:
            return THIS
        references[written] = found
        return f"«{written}»"

    return replace_tables(text, mark, dialect=binding.dialect)


def _unknown(rule: Rule, place: str, unknown: UnknownTable) -> Problem:
    if unknown.ambiguous:
        return _problem(rule, place, f"'{unknown.name}' may be {' or '.join(unknown.candidates)}; write which one")
    if unknown.reason is not None:
        return _problem(rule, place, f"'{unknown.name}' {unknown.reason}")
    near = f"; did you mean {' or '.join(repr(name) for name in unknown.candidates)}?" if unknown.candidates else ""
    if unknown.file is not None:
        return _problem(rule, place, f"there is no table '{unknown.name}' in {unknown.file}{near}")
    if not unknown.name.isascii():
        near += (
            "\ndbt 2 folds letters outside ASCII, and keeps one of several names that are then the same: declare the "
            "table under a plain name, and its own as its identifier"
        )
    schema, _, table = unknown.name.rpartition(".")
    source = schema.rpartition(".")[2] or rule.schema_ or "raw"
    return _problem(
        rule,
        place,
        f"dbt knows no table '{unknown.name}'{near}\n"
        "If it is a table that dbt does not build, declare it (`aegis compile --declare-sources` does so):\n"
        f"  sources: [{{name: {source}, tables: [{{name: {table}}}]}}]",
    )


def _problem(rule: Rule, place: str, message: str) -> Problem:
    source = rule.source
    return Problem(source.file if source else "rules", source.line or None if source else None, rule.id, place, message)
