"""`aegis run RULES --db postgresql://…`: right results without a project, nothing left behind, no password shown."""

from __future__ import annotations

import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aegis.warehouse.postgres_database import PostgresDatabase
from integration_tests.command import PROGRAM, aegis, surroundings
from integration_tests.lonely_postgres import ENCODED, LOCKED, NAME, PASSWORD, Lonely, lonely
from integration_tests.servers import PostgresServer
from integration_tests.test_stops import within

pytestmark = pytest.mark.postgres

RULES = """\
table: orders
severity: high
rules:
  - not_null: [id, email]
  - unique: id
  - between: {column: qty, min_value: 1, max_value: 100}
---
table: Odd Ones.Big T
rules:
  - not_null: Id x
  - foreign_key: {column: Id x, reference_table: orders, reference_column: id}
  - column_type: {column: price, data_type: "numeric(10,2)"}
  - sql_expression: {expression: "nosuch > 1", id: broken}
---
table: kept
rules: [not_null: id]
---
table: parts
rules: [unique: id]
"""
VERDICTS = {
    "orders_id_not_null": ("pass", 0, 1000),
    "orders_email_not_null": ("fail", 100, 1000),
    "orders_id_unique": ("pass", 0, 1000),
    "orders_qty_between": ("fail", 143, 1000),
    "Odd_Ones_Big_T_Id_x_not_null": ("warn", 1, 2),
    "Odd_Ones_Big_T_Id_x_foreign_key": ("pass", 0, 1),
    "Odd_Ones_Big_T_price_column_type": ("pass", 0, 0),
    "broken": ("error", None, None),
    "kept_id_not_null": ("pass", 0, 1000),
    "parts_id_unique": ("warn", 1, 3),
}


@pytest.fixture(scope="module")
def shop(postgres: PostgresServer) -> Iterator[Lonely]:
    with lonely(postgres) as found:
        yield found


@pytest.fixture(autouse=True)
def rules(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(RULES, encoding="utf-8")
    (tmp_path / "small.yml").write_text("{table: orders, rules: [not_null: id]}", encoding="utf-8")
    (tmp_path / "slow.yml").write_text("{table: slow, rules: [not_null: i]}", encoding="utf-8")


def test_somebody_who_may_only_read_gets_every_result_without_dbt_and_the_database_stays_as_it_was(
    shop: Lonely, tmp_path: Path
) -> None:
    before = shop.everything()
    none = {"AEGIS_DBT": "/nowhere/dbt"}
    done = aegis("run", "rules.yml", "--db", shop.address(), "--json", cwd=tmp_path, env=none)
    assert done.verdicts() == VERDICTS
    assert (done.code, done.report["run"]["project"], done.report["run"]["adapter"]) == (1, NAME, "postgres")
    assert done.report["causes"] and not done.report["run"]["dbt_version"]
    assert shop.everything() == before


@pytest.mark.long
def test_a_fix_is_tried_on_temporary_tables_that_go_with_their_session(shop: Lonely, tmp_path: Path) -> None:
    # A plain table: of the shop's own with duplicates, which is partitioned, no copy is made.
    shop.owner.execute("create table twins as select * from (values (1, 'a'), (1, 'a'), (2, 'b')) as t(id, name)")
    (tmp_path / "twins.yml").write_text("{table: twins, rules: [unique: id]}", encoding="utf-8")
    before = shop.everything()
    done = aegis("run", "twins.yml", "--db", shop.address("aegis"), "--json", cwd=tmp_path)
    tried = [proposal for finding in done.report["findings"] for proposal in
             (*finding["proposals"], *finding["rejected"])]  # fmt: skip
    assert [one for one in tried if one["trial"]["verdict"] not in ("not tried", "refused")], done.out
    assert shop.everything() == before
    shop.owner.execute("drop table twins")


def test_validate_tries_each_rule_on_no_rows_of_the_database_that_a_variable_names(
    shop: Lonely, tmp_path: Path
) -> None:
    env = {"AEGIS_DB": shop.address().replace("postgresql:", "postgres:")}
    done = aegis("validate", "rules.yml", cwd=tmp_path, env=env)
    assert done.code == 2 and 'column "nosuch" does not exist' in done.err
    assert "1 error, 9 rules fine" in done.err


def test_a_table_that_is_not_there_is_told_with_its_neighbours(shop: Lonely, tmp_path: Path) -> None:
    (tmp_path / "wrong.yml").write_text("{table: ordrs, rules: [not_null: id]}", encoding="utf-8")
    done = aegis("run", "wrong.yml", "--db", shop.address(), cwd=tmp_path)
    assert done.code == 2
    assert f"there is no table 'ordrs' in {NAME}; did you mean 'orders'" in done.err


def test_the_search_path_says_which_table_a_bare_name_is(shop: Lonely, tmp_path: Path) -> None:
    on_hidden = shop.address("aegis", more="?options=-c%20search_path%3Dhidden,public")
    done = aegis("run", "small.yml", "--db", on_hidden, "--json", cwd=tmp_path)
    assert done.verdicts() == {"orders_id_not_null": ("pass", 0, 1)}


def by_address(shop: Lonely, folder: Path) -> tuple[str, dict[str, str]]:
    return shop.address(LOCKED, ENCODED), {}


def by_variable(shop: Lonely, folder: Path) -> tuple[str, dict[str, str]]:
    return shop.address(LOCKED), {"PGPASSWORD": PASSWORD}


def by_file(shop: Lonely, folder: Path) -> tuple[str, dict[str, str]]:
    escaped = PASSWORD.replace("\\", "\\\\").replace(":", "\\:")
    file = folder / "secret" / "passwords"
    file.parent.mkdir()
    file.write_text(f"*:*:*:{LOCKED}:{escaped}\n", encoding="utf-8")
    file.chmod(0o600)
    return shop.address(LOCKED), {"PGPASSFILE": str(file)}


def by_service(shop: Lonely, folder: Path) -> tuple[str, dict[str, str]]:
    file = folder / "secret" / "services"
    file.parent.mkdir()
    place = f"host={shop.server.host}\nport={shop.server.port}\ndbname={NAME}\nuser={LOCKED}\n"
    file.write_text(f"[shop]\n{place}password={PASSWORD}\n", encoding="utf-8")
    return "postgresql://?service=shop", {"PGSERVICEFILE": str(file)}


def long(*values: object) -> object:
    """What `make test` has one of already."""
    return pytest.param(*values, marks=pytest.mark.long)


@pytest.mark.parametrize("way", [by_address, long(by_variable), by_file, long(by_service)])
def test_a_password_is_used_and_shown_nowhere(shop: Lonely, tmp_path: Path, way: object) -> None:
    assert callable(way)
    address, env = way(shop, tmp_path)
    (tmp_path / "tmp").mkdir()
    process = subprocess.Popen(
        [*PROGRAM, "run", "slow.yml", "small.yml", "--db", address, "--output-json", "report.json", "-v"],
        cwd=tmp_path, env=surroundings(tmp_path, env={"TMPDIR": str(tmp_path / "tmp"), **env}),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        within(30, "the rules run", lambda: running(shop))
        listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
        assert str(process.pid) and address.partition("://")[0] in listed
        shop.owner.execute(f"select pg_cancel_backend(pid) from pg_stat_activity where usename = '{LOCKED}'")
        said, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert "orders_id_not_null" in said and process.returncode == 3  # the slow one was stopped by the server
    written = [path for path in tmp_path.rglob("*") if path.is_file() and "secret" not in path.parts]
    assert {"audit.db", "report.json"} <= {path.name for path in written}
    for canary in ("canary 7f3a", "canary%207f3a"):
        assert canary not in listed + said
        assert [path for path in written if canary.encode() in path.read_bytes()] == []


def running(shop: Lonely) -> bool:
    shop.owner.execute("select count(*) from pg_stat_activity where query like '%slow%' and pid <> pg_backend_pid()")
    return bool(shop.owner.fetchone()[0])


@pytest.mark.parametrize("sent", [signal.SIGINT, long(signal.SIGTERM), signal.SIGKILL])
def test_a_run_that_is_stopped_leaves_nothing_in_the_database(
    shop: Lonely, tmp_path: Path, sent: signal.Signals
) -> None:
    before = shop.everything()
    process = subprocess.Popen(
        [*PROGRAM, "run", "slow.yml", "--db", shop.address()], cwd=tmp_path, env=surroundings(tmp_path),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        within(30, "the rule runs", lambda: running(shop))
        process.send_signal(sent)
        process.communicate(timeout=10)
    finally:
        process.kill()
    assert process.returncode == (-9 if sent is signal.SIGKILL else 130)
    # After SIGKILL nobody tells the server; it looks every few seconds whether somebody still waits.
    within(20, "the server has no session of ours", lambda: shop.sessions() == 0)
    assert shop.everything() == before


WRONG: dict[str, tuple[Callable[[Lonely], str], int, str]] = {
    "password": (lambda shop: shop.address(LOCKED, "wrong-canary"), 3, "password authentication failed"),
    "no password": (lambda shop: shop.address(LOCKED), 3, "no password supplied"),
    "database": (lambda shop: shop.address().replace("lonely", "nosuch"), 3, "does not exist"),
    "port": (lambda shop: "postgresql://u@127.0.0.1:1/x", 3, "refused"),
    "host": (lambda shop: "postgresql://u@nosuch.invalid/x", 3, "host name"),
    "ipv6": (lambda shop: "postgresql://u@[::1]:1/x", 3, "cannot be reached"),
    "socket": (lambda shop: "postgresql://u@%2Fnowhere/x", 3, "/nowhere"),
    "sslmode": (lambda shop: shop.address(more="?sslmode=require"), 3, "SSL"),
    "service": (lambda shop: "postgresql://?service=nosuch", 3, "service"),
    "sign": (lambda shop: "postgresql://u:wrong-can@ary@h/x", 2, "%40"),
    "slash": (lambda shop: "postgresql://u:wrong-ca/nary@h/x", 2, "%2F"),
    "percent": (lambda shop: "postgresql://u:wrong-canary%zz@h/x", 2, "cannot be read"),
    "letters": (lambda shop: "postgresql://u@h:wrong-canary/x", 2, "port"),
    "setting": (lambda shop: shop.address(more="?nosuch=1"), 2, "nosuch"),
    "scheme": (lambda shop: "postgre://u@h/x", 2, "did you mean postgres://"),
}


FIRST = ("password", "port", "slash", "scheme")


@pytest.mark.parametrize("case", [*FIRST, *(long(case) for case in WRONG if case not in FIRST)])
def test_what_is_wrong_with_an_address_is_one_plain_message(shop: Lonely, tmp_path: Path, case: str) -> None:
    address, code, told = WRONG[case]
    done = aegis("run", "small.yml", "--db", address(shop), cwd=tmp_path)
    assert done.code == code, done.err
    assert told in done.err and not done.out
    assert len(done.err.splitlines()) <= 5
    assert not [part for part in ("wrong-can", "ary@h", "nary@h") if part in done.said]


def test_a_server_that_never_answers_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        kept: list[socket.socket] = []
        threading.Thread(target=lambda: kept.append(silent.accept()[0]), daemon=True).start()
        address = f"postgresql://u@127.0.0.1:{silent.getsockname()[1]}/x?connect_timeout=2"
        began = time.monotonic()
        done = aegis("run", "small.yml", "--db", address, cwd=tmp_path)
    assert done.code == 3 and "timeout expired" in done.err
    assert time.monotonic() - began < 15


def test_a_query_of_the_investigation_has_a_limit_and_a_rule_has_none(shop: Lonely) -> None:
    from aegis.errors import WarehouseError

    database = PostgresDatabase(shop.address(), timeout=0.5)
    try:
        database.connect()
        with pytest.raises(WarehouseError, match=r"longer than 0\.5 s"):
            database.execute_sample("select pg_catalog.repeat('x', 10), (select count(*) from orders a, orders b, "
                                    "orders c, orders d)", 1)  # fmt: skip
        assert database.execute_rules("select count(*) from orders a, orders b", 1).rows == ((1_000_000,),)
    finally:
        database.close()


def test_nothing_can_be_written_whatever_a_rule_says(shop: Lonely) -> None:
    from aegis.errors import WarehouseError

    shop.owner.execute(
        "create or replace function adds() returns int language sql volatile as "
        "'insert into parts values (3) returning id'"
    )
    database = PostgresDatabase(shop.address("aegis"))
    try:
        with pytest.raises(WarehouseError, match="read-only transaction"):
            database.execute_rules("select adds()", 1)
    finally:
        database.close()
    shop.owner.execute("select count(*) from parts")
    assert shop.owner.fetchone()[0] == 3
