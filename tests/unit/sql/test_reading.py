"""What may go where nothing else holds a writer back: one query that only reads, each of its columns with a name."""

from __future__ import annotations

import pytest

from aegis.errors import RefusedError
from aegis.sql.reading import check_reading, with_names

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
def test_what_reads_passes_as_it_is_written(sql: str) -> None:
    assert with_names(sql, "duckdb") is sql


def test_columns_without_a_name_of_their_own_get_one() -> None:
    sql = "select count(*), count(distinct a), b, B, c as b, max(d) as e from t group by b order by 2"
    assert with_names(sql, "postgres") == (
        "SELECT COUNT(*) AS aegis_column_0, COUNT(DISTINCT a) AS aegis_column_1, b, B AS aegis_column_3, "
        "c AS aegis_column_4, MAX(d) AS e FROM t GROUP BY b ORDER BY 2"
    )
    both = with_names("(select count(*) from t) union all select 1", "duckdb")
    assert both == "(SELECT COUNT(*) AS aegis_column_0 FROM t) UNION ALL SELECT 1"
