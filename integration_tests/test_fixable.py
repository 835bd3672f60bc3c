"""No change of rows is proposed for what is no plain table, or for rows that the rule does not check."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import psycopg2
import pytest

from aegis.dbt.suites.fixable import Fixable, fixable
from aegis.dbt.suites.render import RenderedRelation
from integration_tests.command import aegis, make_database, make_project, quickest, surroundings
from integration_tests.engines import Engine, engines
from integration_tests.postgres_shop import adapter, made
from integration_tests.servers import PostgresServer

SCHEMA = "kinds of tables"
MADE = (
    f'drop schema if exists "{SCHEMA}" cascade; create schema "{SCHEMA}"; set search_path to "{SCHEMA}"',
    "create table plain (id int primary key)",
    "create table lines (id int references plain on delete cascade)",
    "create table loose (id int)",
    "create view seen as select * from plain",
    "create materialized view kept as select * from plain",
    "create table parted (id int) partition by range (id)",
    "create table parted_1 partition of parted for values from (0) to (9)",
    "create table parent (id int)",
    "create table child () inherits (parent)",
    "create table noted (id int)",
    "create function note() returns trigger language plpgsql as 'begin return old; end'",
    "create trigger notes before delete on noted for each row execute function note()",
    "create table ruled (id int)",
    "create rule nothing as on delete to ruled do instead nothing",
    "create table secured (id int)",
    "alter table secured enable row level security",
    "create table computing (place int generated always as identity, id int, "
    "twice int generated always as (id * 2) stored)",
)
REFUSED = {
    "seen": "view", "kept": "materialized view", "parted": "partitioned table", "parent": "inherit from it (child)",
    "noted": "trigger (notes)", "ruled": "rewrite rule (nothing)", "secured": "row-level security",
    "nowhere": "not known to the catalog",
}  # fmt: skip


@pytest.fixture(scope="module")
def tables(postgres: PostgresServer) -> Iterator[None]:
    with made(postgres, MADE) as cursor:
        yield
        cursor.execute(f'drop schema "{SCHEMA}" cascade')


def asked(folder: Path, postgres: PostgresServer, name: str) -> Fixable:
    with adapter(folder, postgres) as warehouse:
        place = RenderedRelation("aegis", SCHEMA, name, f'"aegis"."{SCHEMA}"."{name}"')
        return fixable("postgres", place, warehouse.execute_sample)


@pytest.mark.postgres
@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("name", REFUSED)
def test_what_its_copy_does_not_stand_for_gets_no_fix(tmp_path: Path, postgres: PostgresServer, name: str) -> None:
    assert REFUSED[name] in (asked(tmp_path, postgres, name).change or "")


@pytest.mark.postgres
@pytest.mark.usefixtures("tables")
def test_a_table_that_takes_others_along_loses_no_rows(tmp_path: Path, postgres: PostgresServer) -> None:
    assert asked(tmp_path, postgres, "loose") == Fixable()
    followed = asked(tmp_path, postgres, "plain")
    assert followed.change is None and "takes rows of lines along" in (followed.removal or "")


@pytest.mark.postgres
@pytest.mark.usefixtures("tables")
def test_a_table_tells_what_it_computes_and_numbers(tmp_path: Path, postgres: PostgresServer) -> None:
    assert asked(tmp_path, postgres, "computing") == Fixable(computed={"twice": "(id * 2)"}, numbered=True)


@pytest.mark.postgres
@pytest.mark.parametrize("engine", engines(long="dbt1"))
def test_duplicates_across_partitions_get_no_delete_by_ctid(
    tmp_path: Path, postgres: PostgresServer, engine: Engine
) -> None:
    """A ctid is one of each partition: deleting by it took good rows of the others."""
    with closing(psycopg2.connect(postgres.dsn)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(
            "drop schema if exists lake cascade; create schema lake; "
            "create table lake.events (id int, day int) partition by range (day); "
            "create table lake.one partition of lake.events for values from (0) to (10); "
            "create table lake.two partition of lake.events for values from (10) to (20); "
            "insert into lake.events select i, i % 20 from generate_series(1, 100) i; "
            "insert into lake.events values (7, 7)"
        )
    folder = make_project(tmp_path / "shop", postgres.profile("fixable"), engine)
    (folder / "models" / "lake.yml").write_text("sources: [{name: lake, schema: lake, tables: [{name: events}]}]")
    (folder / "rules" / "lake.yml").write_text("table: lake.events\nrules: [{unique: id}]\n")
    done = aegis("run", "--json", cwd=folder, engine=engine)
    [finding] = [one for one in done.report["findings"] if one["result"]["rule_type"] == "unique"]
    assert finding["proposals"] == []
    assert "partitioned table" in finding["no_proposal"]


@pytest.mark.parametrize(
    ("name", "statements", "why"),
    [
        ("v", ("create table base as select unnest([1, 2, 2, 3, 4, 5, 6]) as id",
               "create view v as select id from base"),
         "is a view"),
        # Its copy would hold what was computed before the fix.
        ("table_type", ("create table table_type (id int, twice int generated always as (id * 2))",
                        "insert into table_type select unnest([1, 2, 2, 3, 4, 5, 6])"),
         "has a generated column (twice)"),
    ],
)  # fmt: skip
def test_what_its_copy_does_not_stand_for_in_a_file_gets_no_delete(
    tmp_path: Path, name: str, statements: tuple[str, ...], why: str
) -> None:
    make_database(tmp_path / "w.duckdb", *statements)
    (tmp_path / "rules.yml").write_text(f"table: {name}\nrules: [{{unique: id}}]\n")
    done = aegis("run", "rules.yml", "--db", "w.duckdb", "--json", cwd=tmp_path)
    [finding] = done.report["findings"]
    assert finding["proposals"] == []
    assert why in finding["no_proposal"]


RAW = (
    "create schema raw",
    "create table raw.orders as select i as id, 'c' || i as customer, 'done' as state, 'old' as kind from range(1, 61) "
    "as r(i)",
    "insert into raw.orders values (7, 'c7', 'done', 'old'), (8, 'c8', 'done', 'old'), (9, 'c9', 'done', 'new')",
    "insert into raw.orders values (9, 'c9', 'done', 'new'), (61, null, 'done', 'new'), (62, null, 'done', 'old')",
    "insert into raw.orders values (63, 'c63', 'Done ', 'new'), (64, 'c64', 'Done ', 'old')",
)
"""Faults of rows that are new, and the same faults of rows that are old."""
TESTS = {
    "unique": ("id", "unique: {config: {where: \"kind = 'new'\"}}"),
    "not_null": ("customer", "not_null: {config: {where: \"kind = 'new'\"}}"),
    "accepted_values": (
        "state",
        "accepted_values: {arguments: {values: [done]}, config: {where: \"kind = 'new'\"}}",
    ),
}


def shop_with_test(folder: Path, on: str, test: str) -> Path:
    """A filtered test, on the source or on a model that passes it through."""
    made = make_project(folder, {"type": "duckdb", "path": "shop.duckdb"}, quickest())
    make_database(made / "shop.duckdb", *RAW)
    for path in (made / "models" / "labels.sql", made / "rules" / "orders.yml"):
        path.unlink()
    (made / "models" / "orders.sql").write_text("select * from {{ source('raw', 'orders') }}\n")
    column, text = TESTS[test]
    orders = f"{{name: orders, columns: [{{name: {column}, data_tests: [{{{text}}}]}}]}}"
    plain = "{name: orders}"
    (made / "models" / "orders.yml").write_text(
        f"sources: [{{name: raw, tables: [{orders if on == 'source' else plain}]}}]\n"
        f"models: [{orders if on == 'model' else plain}]\n"
    )
    subprocess.run([quickest().executable, "build"], cwd=made, env=surroundings(made), check=False, capture_output=True)
    return made


@pytest.mark.parametrize("test", TESTS)
def test_a_fix_of_a_filtered_test_stays_inside_the_filter(tmp_path: Path, test: str) -> None:
    """The same faults outside the filter were deleted, or changed, with the one inside."""
    folder = shop_with_test(tmp_path / "shop", "source", test)
    [finding] = aegis("analyze", "target/", "--json", cwd=folder).report["findings"]
    assert finding["result"]["rows_failed"] == 1
    [proposal] = finding["proposals"]
    assert proposal["trial"]["rows_changed"] == 1
    outside = "select * from raw.orders where kind = 'old' order by all"
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        before = connection.execute(outside).fetchall()
        connection.execute(proposal["sql"])
        assert connection.execute(outside).fetchall() == before


def test_a_filter_that_cannot_be_asked_of_the_origin_leaves_its_rows_alone(tmp_path: Path) -> None:
    folder = shop_with_test(tmp_path / "shop", "model", "not_null")
    [finding] = aegis("analyze", "target/", "--json", cwd=folder).report["findings"]
    assert finding["rca"]["origin"] == "source.shop.raw.orders"
    assert finding["proposals"] == []
    assert "the rule checks some rows only" in finding["no_proposal"]


def test_a_rule_about_new_rows_gets_no_fix_of_old_ones(tmp_path: Path) -> None:
    make_database(
        tmp_path / "w.duckdb",
        "create table t as select i as id, null::int as v, now()::timestamp - to_days(i::int) as at "
        "from range(100) as r(i)",
    )
    (tmp_path / "rules.yml").write_text("table: t\nrules: [{not_null: {column: v, since: 3 days, time_column: at}}]\n")
    done = aegis("run", "rules.yml", "--db", "w.duckdb", "--json", cwd=tmp_path)
    [finding] = done.report["findings"]
    assert finding["proposals"] == []
    assert "new rows only" in finding["no_proposal"]


def test_a_row_is_not_found_by_a_column_that_has_the_name_of_the_row_id(tmp_path: Path) -> None:
    make_database(tmp_path / "w.duckdb", "create table t as select 1 as rowid, unnest([1, 1, 2, 3, 4, 5, 6]) as id")
    (tmp_path / "rules.yml").write_text("table: t\nrules: [{unique: id}]\n")
    done = aegis("run", "rules.yml", "--db", "w.duckdb", "--json", cwd=tmp_path)
    [finding] = done.report["findings"]
    assert finding["proposals"] == []
