"""A suite rule by rule, without dbt's test: to find the rule that broke its statement, or to try rules on no rows.

DuckDB and PostgreSQL have no way to catch an error inside a statement, so one broken expression takes its suite
along. The same macros make a statement for each rule alone; those that run give their rows, the others say why not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from aegis.dbt.artifacts.schema import Manifest, Node
from aegis.dbt.artifacts.suite_meta import RuleArguments, SuiteSection, suite_section
from aegis.dbt.graph.tables import Table, Tables, UnknownTable, tables_of
from aegis.dbt.suites.bind import SQL_PARTS
from aegis.dbt.suites.columns import Execute, columns_of
from aegis.dbt.suites.render import MacroError, RenderedRelation, statement
from aegis.errors import DbtError, WarehouseError

if TYPE_CHECKING:
    from aegis.dbt.artifacts.suite_rows import StoredRow

Relate = Callable[[Table], RenderedRelation]

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_MOST_ROWS = 10_000


def split_suite(manifest: Manifest, unique_id: str, dialect: str, execute: Execute) -> list[StoredRow]:
    """The rows of a suite that could not run as one.

    Raises:
        DbtError: The suite's rules or relations are not in the manifest.
        WarehouseError: Its table cannot be read at all.
    """

    def relate(table: Table) -> RenderedRelation:
        node = manifest.find(table.unique_id) if table.unique_id else None
        return relation_of(table, dialect, node.relation_name if node else None)

    section = _section(manifest.nodes[unique_id])
    return one_by_one(section, tables_of(manifest), relate, dialect, execute)


def one_by_one(
    suite: SuiteSection, tables: Tables, relate: Relate, dialect: str, execute: Execute, *, empty: bool = False
) -> list[StoredRow]:
    """A row for each rule of a suite.

    With ``empty`` nothing is read: each statement sees no rows of its tables, and what is wrong with it shows all the
    same.
    """
    shown = _on_no_rows if empty else _as_it_is
    relation = relate(_found(tables, str(suite.table)))
    columns = columns_of(dialect, relation, execute)
    named = {name: relate(_found(tables, name)) for name in suite.references}
    others, gone = _described(dialect, named, execute)

    def run(rules: Sequence[RuleArguments]) -> list[StoredRow]:
        ready = [_dated(_without(rule, gone)) for rule in rules]
        if empty:
            ready = [_reading_nothing(rule, {"this": relation, **named}) for rule in ready]
        sql = statement(
            dialect, shown(relation), ready, columns,
            references={name: shown(other) for name, other in named.items()},
            reference_columns=others, keys=suite.keys,
        )  # fmt: skip
        return execute(sql, _MOST_ROWS).dicts()

    return _all_or_each(suite.arguments(), run)


def _described(
    dialect: str, relations: Mapping[str, RenderedRelation], execute: Execute
) -> tuple[dict[str, list[dict[str, str]]], dict[str, str]]:
    """The columns of the tables that rules name beside their own, and why some have none."""
    columns: dict[str, list[dict[str, str]]] = {}
    gone: dict[str, str] = {}
    for name, relation in relations.items():
        try:
            columns[name] = columns_of(dialect, relation, execute)
        except WarehouseError as error:
            columns[name], gone[name] = [], error.message
    return columns, gone


def _without(rule: RuleArguments, gone: Mapping[str, str]) -> RuleArguments:
    """A rule that reads a table that cannot be read, as one that says so."""
    texts = [str(rule[part]) for part in SQL_PARTS if part in rule]
    for name, message in gone.items():
        if rule.get("reference_table") == name or any(f"«{name}»" in text for text in texts):
            return {**rule, "error": message}
    return rule


def _all_or_each(
    rules: Sequence[RuleArguments], run: Callable[[Sequence[RuleArguments]], list[StoredRow]]
) -> list[StoredRow]:
    """Halves of what broke, until the rule that breaks stands alone: few statements where few rules are broken."""
    try:
        return run(rules)
    except (MacroError, WarehouseError) as error:
        if len(rules) == 1:
            return [error_row(rules[0], error.message)]
    middle = len(rules) // 2
    return [*_all_or_each(rules[:middle], run), *_all_or_each(rules[middle:], run)]


def relation_of(table: Table, dialect: str, text: str | None = None) -> RenderedRelation:
    """A table as the macros see one; ``text`` is how dbt wrote it, where that is known."""
    from aegis.dbt.suites.render import quoted

    if text is None:
        text = ".".join(quoted(dialect, part) for part in (table.database, table.schema, table.identifier) if part)
    return RenderedRelation(table.database, table.schema, table.identifier, text)


def _found(tables: Tables, name: str) -> Table:
    try:
        return tables.find(name)
    except UnknownTable as unknown:
        raise DbtError(f"dbt knows no table '{name}'") from unknown


def _as_it_is(relation: RenderedRelation) -> RenderedRelation:
    return relation


def _on_no_rows(relation: RenderedRelation) -> RenderedRelation:
    return replace(relation, text=f"(select * from {relation} where 1 = 0) as no_rows")


def _reading_nothing(rule: RuleArguments, relations: Mapping[str, RenderedRelation]) -> RuleArguments:
    """A rule whose own SQL reads no rows. Its tables have aliases already, so theirs may not bring another."""
    changed = dict(rule)
    for field in SQL_PARTS:
        text = changed.get(field)
        if isinstance(text, str):
            for name, relation in relations.items():
                text = text.replace(f"«{name}»", f"(select * from {relation} where 1 = 0)")
            changed[field] = text
    return changed


def _section(node: Node) -> SuiteSection:
    section = suite_section(node)
    if section is None or section.table is None:
        raise DbtError("the manifest does not hold its rules", where=node.unique_id)
    return section


def _dated(rule: RuleArguments) -> RuleArguments:
    """`since` as the macros resolve it: a literal, counted back from now (UTC)."""
    since = rule.get("since")
    if since is None:
        return rule
    if since == "last_success":
        return {**rule, "error": "since: last_success reads the history that dbt stores, which is not asked here"}
    count, unit = str(since).split(" ")
    moment = datetime.now(UTC) - timedelta(seconds=int(count) * _SECONDS[unit.rstrip("s")])
    return {**rule, "cutoff": moment.strftime("%Y-%m-%d %H:%M:%S+00:00")}


def error_row(rule: RuleArguments, message: str) -> StoredRow:
    """The row of a rule that could not run."""
    column = rule.get("column") or ", ".join(rule.get("columns") or ()) or None
    return {
        "rule_id": rule["id"], "rule_type": rule["type"], "severity": rule["severity"], "level": rule["level"],
        "column_name": column, "status": "error", "rows_checked": None, "rows_failed": None, "observed": None,
        "expected": None, "failing_keys": None, "failing_rows_sql": None, "message": message,
    }  # fmt: skip
