"""A rule's SQL, through the gate. sqlglot is imported only for rules that have SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aegis.errors import Problem, RefusedError, RulesError
from aegis.rules.common import SQL_FIELDS, SourceLocation

if TYPE_CHECKING:
    from aegis.rules.model import Rule
    from aegis.sql.gate import Gated


def gated(rule: Rule, dialect: str | None) -> dict[str, Gated]:
    """What the gate makes of each SQL field that the rule has. Tables may be called anything: before its SQL runs, a
    rule is bound to the relations that dbt or the database knows (`aegis.dbt.suites.bind`); what is not one of them is
    refused.

    Raises:
        RulesError: With a problem for each field that is refused.
    """
    texts = {name: text for name in SQL_FIELDS if (text := rule.__dict__.get(name)) is not None}
    if not texts:
        return {}
    from aegis.sql.gate import check_expression, check_query

    # What the table is called matters to SQL that says so; all else is read once, however many tables it checks.
    own = rule.table.rpartition(".")[2].strip('"`').casefold()
    passed: dict[str, Gated] = {}
    refused: list[Problem] = []
    for name, text in texts.items():
        check = check_query if name == "query" else check_expression
        try:
            table = rule.table if own in text.casefold() else None
            passed[name] = check(text, dialect, table=table, allow=rule.allow_functions, known_tables=True)
        except RefusedError as error:
            source = rule.source or SourceLocation(type(rule).__name__, 0)
            message = error.message if error.hint is None else f"{error.message}\n{error.hint}"
            refused.append(Problem(source.file, source.line or None, rule.id, name, message))
    if refused:
        raise RulesError(refused)
    return passed
