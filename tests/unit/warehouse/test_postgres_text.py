"""What PostgreSQL would run as several statements is refused; quotes and comments hide nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aegis.errors import WarehouseError
from aegis.warehouse.postgres_text import check_one_statement

ONE = (
    "select 1", "select 1;", "select 1 ;\n", "select ';'", "select 'it''s; fine'", 'select ";" from "a;""b"',
    "select 1 -- a; comment\n", "select 1 /* a; comment */ + 1", "select $$a; b$$", "select $x$a; $$ b$x$",
    "select E'\\';'", "select e'a''; b'", "select a$b$ from t", "select '\\'", "select 1 -- ';\n + 2",
    "select /* ' */ 1 /* ' */",
)  # fmt: skip
SEVERAL = (
    "select 1; select 2", "select 1; commit; drop table t", "select ''; drop table t; --'", "; ; select 1; ;",
    "select '\\'; drop table t; --'", 'select "a"; drop table t', "select 1 /* */; drop table t /* */",
    "select 1 -- x\n; drop table t", "select 1 -- x\r; drop table t", "select $$a$$; drop table t; $$b$$",
    "select $x$a$x$; drop table t; $x$b$x$", "select E'a\\\\'; drop table t; --'",
    "select 1 /* /* */; drop table t; /* */ */", "select name'a'; drop table t; --'",
    "select a$b$; drop table t; select a$b$ from t", "select $1$; drop table t; $1$",
    "select ae'\\'; drop table t; --'",
)  # fmt: skip


@pytest.mark.parametrize("sql", ONE)
def test_one_statement_passes(sql: str) -> None:
    check_one_statement(sql)


@pytest.mark.parametrize("sql", SEVERAL)
def test_several_are_refused(sql: str) -> None:
    with pytest.raises(WarehouseError, match="more than one statement"):
        check_one_statement(sql)


PIECES = st.sampled_from(
    ["select 1", "';'", "'", "''", '"', "$$", "$x$", "--", "\n", "/*", "*/", "E'", "\\", " ", "a", "$1$"]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_what_passes_before_a_second_statement_holds_it_inside_something_quiet(text: str) -> None:
    """If a text and a statement after it pass together, the text left something open that swallows the statement."""
    try:
        check_one_statement(f"{text}; drop table t")
    except WarehouseError:
        return
    try:
        check_one_statement(f"{text}\n; drop table t")
    except WarehouseError:
        assert "--" in text
        return
    closers = ("'", '"', "*/", "$$", "$x$", "\\'")
    assert any(_refused(f"{text}{closer}; drop table t") for closer in closers), text


def _refused(sql: str) -> bool:
    try:
        check_one_statement(sql)
    except WarehouseError:
        return True
    return False
