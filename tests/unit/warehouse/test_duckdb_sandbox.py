"""A sandbox has copies under the same names, can reach nothing else, and leaves no trace in the user's file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from aegis.errors import WarehouseError
from aegis.warehouse.base import Relation, Sandbox, SandboxLimits, SandboxSession, Warehouse
from aegis.warehouse.dbt_adapter import DbtAdapter
from aegis.warehouse.duckdb_files import DuckDbFiles
from integration_tests.command import make_database

ORDERS = Relation("orders", "raw", "shop")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return make_database(
        tmp_path / "shop.duckdb",
        "create schema raw",
        "create table raw.orders as select i as id, 'x' as status from range(100) as r(i)",
        "create table secrets as select 'x' as password",
        "create view small as select * from raw.orders where id < 3",
        "create table strict (id int primary key, name text not null, code int unique)",
        "insert into strict values (1, 'a', 1), (2, 'b', 2)",
    )


@pytest.fixture
def warehouse(path: Path) -> DuckDbFiles:
    return DuckDbFiles({"shop": path})


def fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_duckdb_has_the_capability_and_others_do_not(warehouse: DuckDbFiles, tmp_path: Path) -> None:
    assert isinstance(warehouse, Sandbox)
    assert not isinstance(DbtAdapter("postgres", tmp_path, tmp_path, "dev"), Sandbox)
    with warehouse.sandbox([ORDERS]) as session:
        assert isinstance(session, SandboxSession) and isinstance(session, Warehouse)


def test_changes_stay_in_the_copy_and_are_taken_back(warehouse: DuckDbFiles, path: Path) -> None:
    before = fingerprint(path)
    assert warehouse.execute_scalar("select count(*) from raw.orders") == 100  # both may be open at once
    with warehouse.sandbox([ORDERS, Relation("small")]) as session:
        for _ in range(2):
            session.begin()
            assert session.execute('delete from "shop"."raw"."orders" where id < 10') == 10
            assert session.execute_scalar("select count(*) from raw.orders") == 90
            assert session.execute_scalar("select count(*) from small") == 3
            session.rollback()
            assert session.execute_scalar("select count(*) from raw.orders") == 100
    assert warehouse.execute_scalar("select count(*) from raw.orders") == 100
    warehouse.close()
    assert fingerprint(path) == before
    assert sorted(one.name for one in path.parent.iterdir()) == ["shop.duckdb"]


def test_an_error_leaves_a_session_that_goes_on_after_a_rollback(warehouse: DuckDbFiles) -> None:
    with warehouse.sandbox([ORDERS]) as session:
        session.begin()
        with pytest.raises(WarehouseError):
            session.execute("update raw.orders set nothing = 1 where id = 1")
        session.rollback()
        session.begin()
        assert session.execute("update raw.orders set status = 'y' where id = 1") == 1
        session.rollback()
        session.rollback()


@pytest.mark.parametrize(
    "sql",
    [
        "select * from secrets", "select * from read_text('/etc/passwd')", "attach '{path}' as u",
        "copy raw.orders to '{folder}/x.csv'", "set enable_external_access = true", "install httpfs", "load httpfs",
        "set lock_configuration = false", "select * from '{path}'", "export database '{folder}/e'",
    ],
)  # fmt: skip
def test_it_reaches_nothing_but_its_copies(warehouse: DuckDbFiles, path: Path, sql: str) -> None:
    before = fingerprint(path)
    with warehouse.sandbox([ORDERS]) as session, pytest.raises(WarehouseError):
        session.execute(sql.format(path=path, folder=path.parent))
    assert fingerprint(path) == before
    assert sorted(one.name for one in path.parent.iterdir()) == ["shop.duckdb"]


@pytest.mark.parametrize(
    "sql",
    [
        "update strict set name = null where id = 1", "update strict set code = 2 where id = 1",
        "insert into strict values (1, 'c', 3)",
    ],
)  # fmt: skip
def test_what_the_tables_constraints_refuse_is_refused(warehouse: DuckDbFiles, sql: str) -> None:
    with warehouse.sandbox([Relation("strict")]) as session, pytest.raises(WarehouseError, match=r"(?i)constraint"):
        session.execute(sql)


def test_a_table_that_is_too_large_is_not_copied(warehouse: DuckDbFiles) -> None:
    limits = SandboxLimits(rows=99)
    with pytest.raises(WarehouseError, match="100 rows, more than the 99"), warehouse.sandbox([ORDERS], limits):
        pass


def test_a_trial_that_takes_too_long_is_ended(warehouse: DuckDbFiles) -> None:
    with (
        warehouse.sandbox([ORDERS], SandboxLimits(seconds=0.3)) as session,
        pytest.raises(WarehouseError, match=r"0\.3"),
    ):
        session.execute("select sum(hash(a.i + b.i)) from range(10000000) a(i), range(1000) b(i)")


def test_a_table_that_is_not_there_is_an_error(warehouse: DuckDbFiles) -> None:
    with pytest.raises(WarehouseError), warehouse.sandbox([Relation("nothing")]):
        pass
    with pytest.raises(WarehouseError, match="no database 'else'"), warehouse.sandbox([Relation("t", "main", "else")]):
        pass


def test_tables_of_several_files_keep_their_names(warehouse: DuckDbFiles, path: Path) -> None:
    other = make_database(path.with_name("other.duckdb"), "create table t as select 1 as id")
    both = DuckDbFiles({"shop": path, "Other one": other})
    with both.sandbox([ORDERS, Relation("t", "main", "other one")]) as session:
        assert session.execute_scalar('select count(*) from shop.raw.orders, "Other one".main.t') == 100
