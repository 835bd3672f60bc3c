"""SQL as lines is the same SQL."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aegis.domain.privacy import MASK
from aegis.report.sql import sql_lines
from aegis.report.text import width_of

LITERALS = st.text(st.sampled_from("a b'\n\t\r\x1b\u202e#[:;-*/\"é売%"), max_size=60)


def answer(sql: str) -> object:
    with duckdb.connect() as connection:
        return connection.execute(sql).fetchall()


@settings(max_examples=200, deadline=None)
@given(first=LITERALS, second=LITERALS, width=st.sampled_from([None, 20, 48, 88]))
def test_a_literal_is_the_same_when_it_is_pasted(first: str, second: str, width: int | None) -> None:
    one, two = (text.replace("'", "''") for text in (first, second))
    sql = (
        f"select '{one}' as first,\n  'a' in ('{two}', 'x') as found -- it's a 'comment\n, '{two}' as \"it's\" /* 'x */"
    )
    lines = sql_lines(sql, width)
    assert lines is not None
    # A terminal puts blanks before each line.
    assert answer("\n".join(f"            {line}" for line in lines)) == [(first, second == "a", second)]
    text = "\n".join(lines)
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "##[" not in text and not any(line.lstrip().startswith("::") for line in lines)


@pytest.mark.parametrize("width", [20, 40, 80])
def test_a_long_statement_is_broken_at_blanks_outside_quotes(width: int) -> None:
    sql = "select id, status from orders where " + " and ".join(f"c{n} <> 'v  {n}'" for n in range(20))
    lines = sql_lines(sql, width)
    assert lines is not None and max(map(width_of, lines)) <= max(width, 20)
    assert " ".join(line.strip() for line in lines) == sql


@pytest.mark.parametrize(
    "sql", ['select "a\x85b" from t', "select timestamp '2024\n-01-01'", "select E'a\nb'", "select $$a\nb$$"]
)
def test_what_cannot_be_shown_to_the_sign_is_not_shown(sql: str) -> None:
    assert sql_lines(sql, 80) is None


def test_where_dialects_differ_nothing_is_touched() -> None:
    sql = "select 'it\\'s   a long one with -- two hyphens' from t where " + "a = 1 and " * 20 + "true"
    assert sql_lines(sql, 40) == [sql]


def test_each_line_of_what_is_no_sql_begins_with_the_mask() -> None:
    lines = sql_lines(f"{MASK} no SQL to run.\n{MASK} delete from t where name = {MASK} and id in (1, 2, 3)", 30)
    assert lines is not None and len(lines) > 2
    assert all(line.startswith(MASK) for line in lines)
