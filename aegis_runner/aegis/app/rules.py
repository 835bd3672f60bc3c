"""`aegis rules`: looking at rules without running them."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aegis.dbt.graph.tables import AnyTables, Table, quoted
from aegis.errors import ConfigError, RulesError, UsageError

if TYPE_CHECKING:
    from aegis.rules.book import RuleBook
    from aegis.rules.model import Rule

DIALECTS = ("athena", "bigquery", "databricks", "duckdb", "postgres", "redshift", "snowflake", "spark", "trino")


def load(paths: Sequence[Path]) -> RuleBook:
    """The rules of these files and folders, or of the rules/ folder of the project around here. Those that are wrong
    are among the book's broken ones.

    Raises:
        ConfigError: There is no rules/ folder.
    """
    from aegis.connection.project import ProjectOptions, dialect_here
    from aegis.dbt.project.settings import find_project, load_project
    from aegis.rules.load import read_rules

    chosen = list(paths)
    if not chosen:
        project = find_project(Path.cwd())
        folder = load_project(project).rules_dir if project else Path("rules")
        if not folder.is_dir():
            raise ConfigError("there are no rules", where=str(folder), hint="Name a rules file or folder.")
        chosen = [folder]
    return read_rules(chosen, dialect=dialect_here(ProjectOptions()))


def find(book: RuleBook, rule_id: str) -> Rule:
    """The rule of that id.

    Raises:
        RulesError: It is wrong.
        UsageError: There is none; the nearest ids are named.
    """
    by_id = {rule.id: rule for rule in book}
    if rule_id in by_id:
        return by_id[rule_id]
    wrong = [problem for one in book.broken if one.id == rule_id for problem in one.problems]
    if wrong:
        raise RulesError(wrong)
    near = get_close_matches(rule_id, by_id, n=3)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`aegis rules list` shows them all."
    raise UsageError(f"no rule has the id '{rule_id}'", hint=hint)


def sql_of(rule: Rule, dialect: str) -> str:
    """The statement of a suite that holds this one rule. Without a warehouse its columns are taken to be there, and of
    types that fit.

    Raises:
        UsageError: The dialect is not known.
    """
    from aegis.dbt.suites.compile import bind_rules
    from aegis.dbt.suites.render import statement
    from aegis.dbt.suites.split import relation_of
    from aegis.rules.book import RuleBook

    if dialect not in DIALECTS:
        raise UsageError(f"--dialect cannot be '{dialect}'", hint=f"It is one of {', '.join(DIALECTS)}.")
    tables = AnyTables(lambda database, schema, name: Table(f"ref({quoted(name)})", name, schema, name, database))
    suite = bind_rules(RuleBook((rule,)), tables, dialect=None)[0]
    arguments = dict(suite.arguments()[0])
    if "since" in arguments:
        arguments["cutoff"] = f"(now, less {arguments['since']})"
    referenced = [
        {"name": str(arguments[name]), "type": "unknown"} for name in ("reference_column",) if name in arguments
    ]
    return statement(
        dialect,
        relation_of(tables.find(rule.table, rule.schema_), dialect),
        [arguments],
        [{"name": name, "type": "unknown"} for name in _columns(arguments)],
        references={name: relation_of(tables.find(name), dialect) for name in suite.references},
        reference_columns=dict.fromkeys(suite.references, referenced),
        keys=suite.keys,
    )


def _columns(arguments: dict[str, Any]) -> list[str]:
    named = [arguments.get("column"), arguments.get("column_b"), arguments.get("time_column")]
    named += [*arguments.get("columns", ()), *arguments.get("uses", ()), *arguments.get("keys", ())]
    return list(dict.fromkeys(str(name) for name in named if name is not None))
