"""A trial on PostgreSQL changes temporary copies, and the server itself holds it back from anything else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aegis.errors import WarehouseError
from aegis.warehouse.base import Relation, SandboxLimits, SandboxSession
from aegis.warehouse.dbt_adapter import PostgresAdapter
from integration_tests.postgres_shop import NAME, ORDERS, SCHEMA, SCHEMA_KEPT, everything
from integration_tests.servers import PostgresServer

pytestmark = pytest.mark.postgres


def test_changes_stay_in_the_copy_and_are_taken_back(warehouse: PostgresAdapter, server: Any) -> None:
    before = everything(server)
    assert warehouse.execute_scalar(f"select count(*) from {NAME}") == 100  # both may be open at once
    with warehouse.sandbox([ORDERS, Relation("small", SCHEMA, "aegis")]) as session:
        assert isinstance(session, SandboxSession)
        for _ in range(2):
            session.begin()
            assert session.execute(f"delete from {NAME} where id < 10") == 10
            assert session.execute_scalar(f'select count(*) from "{SCHEMA}".orders') == 90
            assert session.execute_scalar(f'select count(*) from "{SCHEMA}".small') == 3
            session.rollback()
            assert session.execute_scalar(f"select count(*) from {NAME}") == 100
        assert session.execute(f"update {NAME} set status = 'y' where \"orders\".id = 1 or {NAME}.id = 2") == 2
        kept = NAME.replace("orders", "aegis kept")
        session.keep(kept, f"select * from {NAME} where status = 'y'")
        assert session.execute_scalar(f"select count(*) from {kept}") == 2
        session.drop(kept)
        with pytest.raises(WarehouseError):
            session.execute_scalar(f"select count(*) from {kept}")
    assert everything(server) == before


def test_rows_of_a_query_are_enough_where_one_is_given(warehouse: PostgresAdapter) -> None:
    some = {ORDERS: f"select * from {NAME} where id < 5 -- some"}
    with warehouse.sandbox([ORDERS], rows=some) as session:
        assert session.execute_scalar(f"select count(*) from {NAME}") == 5
        with pytest.raises(WarehouseError, match="4 that a trial copies"):
            warehouse.sandbox([ORDERS], SandboxLimits(rows=4), some).__enter__()


def test_an_error_leaves_a_session_that_goes_on_after_a_rollback(warehouse: PostgresAdapter) -> None:
    with warehouse.sandbox([ORDERS]) as session:
        session.begin()
        with pytest.raises(WarehouseError, match="nothing"):
            session.execute(f"update {NAME} set nothing = 1 where id = 1")
        session.rollback()
        session.begin()
        assert session.execute(f"update {NAME} set status = 'y' where id = 1") == 1
        session.rollback()
        session.rollback()


@pytest.mark.parametrize(
    "sql",
    [
        'update "{schema}".secrets set password = null', 'delete from "{schema}"."secrets"',
        'insert into "{schema}".secrets values (1)', 'drop table "{schema}".secrets', 'truncate "{schema}".secrets',
        "select nextval('\"{schema}\".counter')", "create table public.mine (i int)", "create schema mine",
        'alter table "{schema}".secrets add column c int', 'update "{schema}".small set status = null',
        # A name that is written otherwise than dbt does is not replaced: the server refuses it.
        'delete from "{schema}" . "secrets"', 'with gone as (delete from "{schema}".secrets returning *) select 1',
    ],
)  # fmt: skip
def test_the_server_holds_it_back_from_all_but_its_copies(warehouse: PostgresAdapter, server: Any, sql: str) -> None:
    before = everything(server)
    with warehouse.sandbox([ORDERS]) as session:
        for ask in (session.execute, session.execute_scalar, warehouse.execute_scalar):
            with pytest.raises(WarehouseError, match=r"read-only|it was not run"):
                ask(sql.format(schema=SCHEMA))
    assert everything(server) == before


def test_what_is_kept_is_read_in_a_transaction_that_may_not_write(warehouse: PostgresAdapter, server: Any) -> None:
    """Only an empty table is made outside of it, with no SQL but ours."""
    before = everything(server)
    with warehouse.sandbox([ORDERS]) as session:
        for query in (f"select nextval('\"{SCHEMA}\".counter')", f'delete from "{SCHEMA}".secrets returning *'):
            with pytest.raises(WarehouseError):
                session.keep(f'"{SCHEMA}".kept', query)
        session.begin()
        with pytest.raises(AssertionError):
            session.keep(f'"{SCHEMA}".kept', "select 1 as a")
        session.rollback()
    assert everything(server) == before


def test_columns_of_every_type_can_be_kept_and_copied(warehouse: PostgresAdapter, server: Any) -> None:
    server.execute(
        f"create table \"{SCHEMA}\".typed (id int generated always as identity, c char(3) default 'abc', b bit(3), "
        "v varchar(2), n numeric(10, 2), t timestamptz, a int[], j jsonb, s serial)"
    )
    server.execute(
        f"insert into \"{SCHEMA}\".typed (c, b, v, n, a, j) values ('xyz', '101', 'ab', 1.25, '{{1}}', '{{}}')"
    )
    typed = f'"{SCHEMA}"."typed"'
    with warehouse.sandbox([Relation("typed", SCHEMA)]) as session:
        session.keep(f'"{SCHEMA}"."kept"', f"select * from {typed}")
        assert (
            session.execute_scalar(
                f"select count(*) from (select * from {typed} except select * from {SCHEMA_KEPT}) as d"
            )
            == 0
        )
        assert session.execute(f"insert into {typed} (n, s) values (1, 7)") == 1
        assert session.execute_sample(f"select id, c from {typed} order by id", 9).rows == ((1, "xyz"), (1, "abc"))


def test_a_trial_is_the_user_that_the_profile_says(
    warehouse: PostgresAdapter, tmp_path: Path, server: Any, postgres: PostgresServer
) -> None:
    server.execute("drop role if exists tester")
    server.execute(f'create role tester; grant usage on schema "{SCHEMA}" to tester; grant select on orders to tester')
    try:
        profile = {"shop": {"target": "dev", "outputs": {"dev": postgres.profile(SCHEMA) | {"role": "tester"}}}}
        (tmp_path / "profiles.yml").write_text(json.dumps(profile))
        assert warehouse.execute_scalar("select current_user as who") == "tester"
        with warehouse.sandbox([ORDERS]) as session:
            assert session.execute_scalar("select current_user as who") == "tester"
    finally:
        warehouse.close()
        server.execute("drop owned by tester; drop role tester")


@pytest.mark.parametrize(
    "sql",
    ["set status = null where id = 1", "set amount = -1 where id = 1", "set id = 2 where id = 1"],
)
def test_what_the_tables_constraints_refuse_is_refused(warehouse: PostgresAdapter, sql: str) -> None:
    with warehouse.sandbox([ORDERS]) as session, pytest.raises(WarehouseError, match=r"constraint"):
        session.execute(f"update {NAME} {sql}")


def test_a_table_that_cannot_be_copied_is_an_error(warehouse: PostgresAdapter) -> None:
    with (
        pytest.raises(WarehouseError, match="100 rows, more than the 99"),
        warehouse.sandbox([ORDERS], SandboxLimits(rows=99)),
    ):
        pass
    with pytest.raises(WarehouseError, match="does not exist"), warehouse.sandbox([Relation("nothing", SCHEMA)]):
        pass
    with pytest.raises(WarehouseError, match="two tables"), warehouse.sandbox([ORDERS, Relation("orders", "public")]):
        pass
    assert warehouse.execute_scalar("select 1") == 1


def test_a_trial_that_takes_too_long_is_ended(warehouse: PostgresAdapter) -> None:
    with (
        warehouse.sandbox([ORDERS], SandboxLimits(seconds=0.3)) as session,
        pytest.raises(WarehouseError, match=r"0\.3"),
    ):
        session.execute("select count(*) from generate_series(1, 1000000000) as t(i)")


def test_a_user_without_temporary_tables_has_no_trial(
    warehouse: PostgresAdapter, tmp_path: Path, server: Any, postgres: PostgresServer
) -> None:
    server.execute("drop role if exists reader")
    server.execute("create role reader login; revoke temporary on database aegis from public")
    server.execute(f'grant usage on schema "{SCHEMA}" to reader; grant select on orders to reader')
    try:
        profile = {"shop": {"target": "dev", "outputs": {"dev": postgres.profile(SCHEMA) | {"user": "reader"}}}}
        (tmp_path / "profiles.yml").write_text(json.dumps(profile))
        with pytest.raises(WarehouseError, match="temporary tables"), warehouse.sandbox([ORDERS]):
            pass
    finally:
        server.execute("grant temporary on database aegis to public; drop owned by reader; drop role reader")
