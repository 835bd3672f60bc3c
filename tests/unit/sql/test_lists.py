"""The lists behind the gate are about syntax and functions that there are, and agree with each other."""

from __future__ import annotations

import re

import duckdb
import pytest
from sqlglot import exp

from aegis.sql import functions, nodes
from aegis.sql.dialects import dialect_of


def test_every_allowed_kind_of_syntax_is_one_that_sqlglot_has() -> None:
    assert sorted(name for name in nodes.ALLOWED if not hasattr(exp, name)) == []


def test_no_statement_that_changes_something_is_allowed() -> None:
    changing = (exp.DML, exp.DDL, exp.Command, exp.Into, exp.Lock, exp.Placeholder, exp.Parameter)
    allowed = [getattr(exp, name) for name in nodes.ALLOWED]
    # A SELECT counts as DML in sqlglot's class tree; its parts are checked one by one.
    queries = (exp.Query, exp.Values)
    assert [kind for kind in allowed if issubclass(kind, changing) and not issubclass(kind, queries)] == []


def test_every_refused_function_is_one_that_sqlglot_has() -> None:
    named = set(functions._KNOWN_AND_REFUSED) | functions.TABLE_FUNCTIONS
    assert sorted(name for name in named if not hasattr(exp, name)) == []


def test_no_function_is_both_known_and_dangerous() -> None:
    assert sorted(name for name in functions.known_names() if functions.danger(name)) == []


def test_the_names_are_plain_and_lower_case() -> None:
    assert sorted(name for name in functions.known_names() if not re.fullmatch("[a-z][a-z0-9_]*", name)) == []


def test_no_function_of_duckdb_with_side_effects_is_known() -> None:
    asked = "select distinct function_name from duckdb_functions() where has_side_effects"
    effects = {name for (name,) in duckdb.execute(asked).fetchall()}
    assert effects & functions.known_names() == set()


def test_of_duckdbs_table_functions_only_those_with_a_harmless_namesake_are_known() -> None:
    asked = "select distinct function_name from duckdb_functions() where function_type in ('table', 'pragma')"
    tables = {name for (name,) in duckdb.execute(asked).fetchall()}
    assert tables & functions.known_names() == {"generate_series", "histogram", "range", "repeat", "version"} & tables


@pytest.mark.parametrize("adapter", ["athena", "bigquery", "databricks", "duckdb", "postgres", "redshift", "snowflake"])
def test_every_adapter_that_we_offer_has_a_dialect(adapter: str) -> None:
    import sqlglot

    dialect = dialect_of(adapter)
    assert dialect is not None
    assert sqlglot.Dialect.get_or_raise(dialect) is not None


def test_an_adapter_that_nobody_knows_has_none() -> None:
    assert dialect_of("abacus") is None
