"""What PostgreSQL might run as several statements is refused, and what begins as no query does."""

from __future__ import annotations

import pytest

from aegis.errors import WarehouseError
from aegis.warehouse.postgres_text import CHANGES, READS, check_statement

ONE = (
    "select 1", "select 1;", "select 1 ;\n;", "select ';'", "select 'it''s; fine'", 'select ";" from "a;""b"',
    "select 1 -- a; comment\n", "select 1 -- a; comment", "-- a comment\nselect 1", "/* a comment */ select 1",
    "\n  (select 1) union (select 2)", "with a as (select 1) select * from a", "values (1)", "table t",
    "select $$a$$", r"select '\d+;' || '$;'", "select '/*;' || ' ;'", r"select '\'';'",
    r"select E'\\d+;' || E'it\'s;' || e'it''s;'", r"select (E'\\;'), ';' from t where a ~ E'\\w;'",
    "select 1 /* a comment */ + 1", "-- one\n/* two */\n-- three\nSELECT 1",
)  # fmt: skip
EVIL = "; commit; begin read write; delete from t; commit"
# PostgreSQL 15 runs each of them as several; many were found by asking it.
SEVERAL = (
    f"select 1{EVIL}", f"select ''{EVIL}; --'", f'select "a"{EVIL}', f"select 1 /* */{EVIL} /* */",
    f"select 1 -- x\n{EVIL}", f"select 1 -- x\r{EVIL}", f"select $$a$${EVIL}; $$b$$",
    f"select $x$a$x${EVIL}; $x$b$x$",
    rf"select E'a\\'{EVIL}; --'", f"select 1 /* /* */{EVIL} /* */ */", f"select name'a'{EVIL}; --'",
    f"select a$b${EVIL}; select a$b$ from t", f"select $1${EVIL}; $1$", rf"select ae'\'{EVIL}; --'",
    f"; select 1{EVIL}",
    f"select 1 as €$a${EVIL}; select 1 as €$a$", f"select 1 as \u00a0$a${EVIL}; select 1 as \u00a0$a$",
    f"select $€$ ' $€${EVIL}; --'", f"select $٣$ ' $٣${EVIL}; --'", f"select E'a'\n'\\''{EVIL}; --'",
    rf"select E'a'{chr(10)}'\' , '{EVIL}; --'", rf"select E'a' -- x{chr(10)} -- y{chr(10)}'\' , '{EVIL}; --'",
    rf"select E'a\'{EVIL}; --", rf"select date'\'{EVIL}; --'", rf"select é'\'{EVIL}; --'", rf"select E'\\'{EVIL}; --'",
    rf"select E''{EVIL}; select E'\''", rf"select a$e'\'{EVIL}; --'",
    f"select 1 /*/*/ ' */ */{EVIL}; --'", f"select U&'a'{EVIL}", f"select B'1'{EVIL}",
    f"select 1\0{EVIL}", "select 1 \0 + 1", "select '\ud800'",
)  # fmt: skip
OTHERS = (
    "", "-- nothing", "delete from t", "insert into t values (1)", "commit", "begin", "set transaction read write",
    "set session characteristics as transaction read write", "copy (select 1) to program 'touch x'",
    "copy t to '/x'",
    "do $$ begin end $$", "call p()", "drop table t", "notify a", "vacuum t", "explain analyze delete from t",
    "truncate t", "prepare x as delete from t", "execute x", "lock t", "/* /* */ */ select 1",
    "discard all", "show all",
)  # fmt: skip


@pytest.mark.parametrize("sql", ONE)
def test_one_query_passes(sql: str) -> None:
    check_statement(sql)


@pytest.mark.parametrize("sql", SEVERAL)
def test_what_may_be_several_is_refused(sql: str) -> None:
    with pytest.raises(WarehouseError, match="it was not run"):
        check_statement(sql, READS + CHANGES)


@pytest.mark.parametrize("sql", OTHERS)
def test_what_begins_otherwise_is_refused(sql: str) -> None:
    with pytest.raises(WarehouseError, match="it was not run"):
        check_statement(sql)


@pytest.mark.parametrize("word", CHANGES)
def test_changes_pass_where_they_may(word: str) -> None:
    check_statement(f"-- a fix\n{word} it", READS + CHANGES)
    with pytest.raises(WarehouseError, match=f"begins with '{word.upper()}'"):
        check_statement(f"-- a fix\n{word} it")


@pytest.mark.parametrize(
    "sql",
    [
        "select pg_terminate_backend(1)",
        "select \"dblink_exec\"('x')",
        'select U&"dblink\\005Fexec"(1)',
        "select lo_export (1, 'x')",
    ],
)
def test_what_acts_whatever_a_transaction_may_do_is_refused(sql: str) -> None:
    with pytest.raises(WarehouseError, match="it was not run"):
        check_statement(sql)
