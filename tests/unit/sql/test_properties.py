"""Laws of the gate over texts that nobody would write."""

from __future__ import annotations

import sqlglot
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from aegis.errors import RefusedError
from aegis.sql.gate import check_expression, check_query
from tests.unit.sql.hostile import EXPRESSIONS, QUERIES

DIALECTS = st.sampled_from([None, "duckdb", "postgres", "bigquery", "snowflake", "databricks", "trino", "mysql"])
WORDS = """
    a b.c x 1 2.5 'x' '' "q" `b` null true ( ) [ ] { } , ; . : :: = <> < >= + - * / % || | & ^ ~ ! ? @ # $ $$ \\
    -- /* */ {{ }} {% %} {# #} and or not in is like between case when then else end cast as exists any all
    select from where union with values insert delete drop table into for update limit order by group
    count( lower( coalesce( read_csv( getenv( f( now() interval date over partition -> => := E' U&' r' b'
"""
PIECES = [*WORDS.split(), "\n", "\t"]
JUNK = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.sampled_from([sql for _, sql in EXPRESSIONS + QUERIES if len(sql) < 200]).flatmap(
        lambda sql: st.integers(0, len(sql)).map(lambda at: sql[:at] + " " + sql[at:])
    ),
)


@settings(max_examples=400, deadline=None)
@given(JUNK, DIALECTS)
@example("a) AS x, (b", "duckdb")
@example("a -> b", "duckdb")
def test_what_passes_is_one_expression_and_passes_again_unchanged(text: str, dialect: str | None) -> None:
    try:
        passed = check_expression(text, dialect)
    except RefusedError:
        return
    tree = sqlglot.parse_one(f"SELECT 1 AS before, ({passed.sql}) AS checked, 2 AS after FROM t", dialect=dialect)
    assert isinstance(tree, exp.Select)
    assert tree.named_selects == ["before", "checked", "after"]
    assert {name for name, value in tree.args.items() if value} == {"expressions", "from_"}
    assert not list(tree.find_all(exp.DML, exp.DDL, exp.Command, exp.Into))
    assert check_expression(passed.sql, dialect).sql == passed.sql


@settings(max_examples=300, deadline=None)
@given(JUNK.map(lambda text: f"select {text}"), DIALECTS)
@example("select " + "{'a':" * 25 + "1" + "}" * 25, "trino")  # printed, it is nested more deeply
def test_what_passes_is_one_query_and_passes_again_unchanged(text: str, dialect: str | None) -> None:
    try:
        passed = check_query(text, dialect)
    except RefusedError:
        return
    tree = sqlglot.parse_one(f"SELECT * FROM ({passed.sql}) AS checked", dialect=dialect)
    assert isinstance(tree, exp.Select)
    assert not list(tree.find_all(exp.DML, exp.DDL, exp.Command, exp.Into))
    assert check_query(passed.sql, dialect).sql == passed.sql


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30))
def test_a_text_literal_is_the_same_text_after_the_gate(text: str) -> None:
    literal = "'" + text.replace("'", "''") + "'"
    try:
        passed = check_expression(f"a = {literal}", "duckdb")
    except RefusedError as refused:
        assert "Jinja" in refused.message
        return
    tree = sqlglot.parse_one(passed.sql, dialect="duckdb")
    assert tree.expression.name == text
