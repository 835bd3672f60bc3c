"""Values of a test whose arguments are Jinja, from the SQL that dbt compiled of it, where the manifest has that."""

from __future__ import annotations

from typing import Any


def compiled_list(sql: str | None, dialect: str | None) -> tuple[list[Any], bool] | None:
    """The values of the one list that the SQL looks a value up in, as the test was given them, and whether it puts
    them in quotes; None where the SQL does not tell."""
    import sqlglot
    from sqlglot import exp

    from aegis.sql.dialects import dialect_of

    if not sql:
        return None
    read = dialect_of(dialect or "")
    try:
        tree = sqlglot.parse_one(sql, read=read)
    except sqlglot.errors.SqlglotError:
        return None
    found = list(tree.find_all(exp.In))
    entries = found[0].expressions if len(found) == 1 else []
    if not entries:
        return None
    if all(isinstance(entry, exp.Literal) and entry.is_string for entry in entries):
        return [entry.this.replace("'", "''") for entry in entries], True
    return [entry.sql(dialect=read) for entry in entries], False
