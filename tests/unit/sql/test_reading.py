"""What may go where nothing else holds a writer back: one query that only reads, each of its columns with a name."""

from __future__ import annotations

import pytest

from aegis.errors import RefusedError
from aegis.sql.read_only import check_reading, reading, with_names

WRITES = (
    "delete from t", "with d as (delete from t returning *) select * from d", "select 1; delete from t",
    "select 1; commit; delete from t; commit; select 1", "select * into u from t", "select nextval('s')",
    "select * from t for update", "insert into t values (1)", "drop table t", "create table u as select 1",
    "copy t to 'x'", "vacuum t", "call p()", "select pg_sleep(9)", "select dblink_exec('x', 'delete from t')",
    "with u as (update t set a = 1 returning *), v as (select 1) select * from v, u", "set a = 1", "commit",
    "explain analyze delete from t", "select query_to_xml('delete from t', true, true, '')", "values (1)",
    "select lo_unlink(1)", "truncate t", "merge into t using u on t.a = u.a when matched then delete", "", "select (",
)  # fmt: skip
READS = (
    "select 1 as a", "select a, b from t where a like '%;%' -- a comment; of theirs",
    "select my_own_function(a) as x from t",
    "with x as (select 1 as a) select * from x", "select a from t union all select a from u",
    "select t.* from (select * from t) as t left join u on t.a = u.a", "describe select * from t",
    "select random() as r, current_timestamp as n",
)  # fmt: skip


@pytest.mark.parametrize("dialect", ["postgres", "duckdb", "snowflake", "bigquery"])
@pytest.mark.parametrize("sql", WRITES)
def test_what_does_more_than_read_is_refused(sql: str, dialect: str) -> None:
    with pytest.raises(RefusedError):
        check_reading(sql, dialect)


@pytest.mark.parametrize("sql", READS)
def test_what_reads_passes(sql: str) -> None:
    assert reading(sql, "duckdb").casefold().split("--")[0].split()[:2] == sql.casefold().split()[:2]


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("""select "nextval"('s')""", "postgres"), ("""select "dblink_exec"('x')""", "postgres"),
        ("select `external_query`('x')", "bigquery"), ("""select m.system."query"('x')""", "trino"),
        ('select "SYSTEM$ABORT_SESSION"(1)', "snowflake"), ("select s.nextval", "snowflake"),
        ("select ts_rewrite('a', 'delete from t')", "postgres"), ("select load_extension('x')", "sqlite"),
    ],
)  # fmt: skip
def test_names_in_quotes_hide_no_function(sql: str, dialect: str) -> None:
    with pytest.raises(RefusedError):
        check_reading(sql, dialect)


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("select 1 delete from t", "tsql"), ("select a from t commit", "tsql"),
        ("select 1 ->> truncate t", "snowflake"),
        ("with x as (select 1 as a) -- \\\n /*\n insert into t -- */\n select a from x", "databricks"),
        ("select 1 as a /*! into outfile 'x' */", "mysql"),
    ],
)  # fmt: skip
def test_what_a_warehouse_would_read_otherwise_is_printed_as_the_parser_read_it(sql: str, dialect: str) -> None:
    """Each of these does more than read where it is run as it is written."""
    try:
        said = reading(sql, dialect).lower()
    except RefusedError:
        return
    assert "--" not in said and "/*" not in said and "insert" not in said and "outfile" not in said
    assert not any(word in said for word in (" delete", " commit", " truncate")) or " as " in said


def test_columns_without_a_name_of_their_own_get_one() -> None:
    sql = "select count(*), count(distinct a), b, B, c as b, a + 1, max(d) as e from t group by b order by 2"
    assert with_names(sql, "postgres") == (
        "SELECT COUNT(*) AS count, COUNT(DISTINCT a) AS aegis_column_1, b, B AS aegis_column_3, "
        "c AS aegis_column_4, a + 1 AS aegis_column_5, MAX(d) AS e FROM t GROUP BY b ORDER BY 2"
    )
    assert with_names('select x as "a", y as "A" from k order by "A"', "duckdb") == (
        'SELECT x AS "a", y AS "A" FROM k ORDER BY "A"'
    )
    both = with_names("(select count(*) from t) union all select 1", "duckdb")
    assert both == "(SELECT COUNT(*) AS count FROM t) UNION ALL SELECT 1"
    by_name = "SELECT COUNT(*) FROM t UNION ALL BY NAME SELECT COUNT(*) FROM u"
    assert with_names(by_name, "duckdb") == by_name
