"""Duplicates in a table that is large enough for its keys to be counted by buckets: as plain SQL counts them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from integration_tests.command import aegis, make_database
from integration_tests.engines import Engine, engines

ROWS = 220_000
MADE = f"""\
create table orders as select
    case when i % 50000 = 7 then null when i % 9000 = 1 then i - 1 else i end as id,
    case when i % 40000 = 3 then null else i // 20 end as customer,
    case when i % 30000 in (5, 6) then 0 else i % 20 end as line
from range({ROWS}) as t(i)
"""
RULES = """\
table: orders
severity: high
rules:
  - unique: id
  - composite_unique: {columns: [customer, line]}
  - composite_unique: {columns: [customer, line], where: "line < 19 or id is null", id: some}
"""


def extra(database: Path, columns: str, where: str) -> int:
    """Rows beyond the first of each combination."""
    with duckdb.connect(str(database), read_only=True) as connection:
        sql = f"select sum(n - 1) from (select count(*) as n from orders where {where} group by {columns})"
        row = connection.execute(sql).fetchone()
    return int(row[0]) if row is not None else -1


@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_duplicates_of_a_large_table_are_those_of_plain_sql(tmp_path: Path, engine: Engine) -> None:
    database = make_database(tmp_path / "shop.duckdb", MADE)
    (tmp_path / "rules.yml").write_text(RULES, encoding="utf-8")
    done = aegis("run", "rules.yml", "--db", "shop.duckdb", "--json", cwd=tmp_path, engine=engine)
    assert done.code == 1, done.said
    failed = {one["rule_id"]: one["rows_failed"] for one in done.report["results"]}
    pair, where = "customer, line", "(line < 19 or id is null)"
    assert failed == {
        "orders_id_unique": extra(database, "id", "id is not null"),
        "orders_customer_line_composite_unique": extra(database, pair, "true"),
        "some": extra(database, pair, where),
    }
    assert min(failed.values()) > 0
