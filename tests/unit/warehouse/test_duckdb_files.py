"""DuckDB by its own library: read-only, and able to reach nothing else."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from aegis.errors import WarehouseError
from aegis.warehouse.base import KeepsRows, Warehouse
from aegis.warehouse.duckdb_files import DuckDbFiles, check_file, opening_error
from integration_tests.command import make_database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return make_database(
        tmp_path / "my shop.duckdb",
        "create table t as select 1 as id, 'x' as text",
        "create sequence s",
        'create table odd as select 1 as "a", 2 as "A b"',
    )


@pytest.fixture
def warehouse(path: Path) -> Iterator[DuckDbFiles]:
    found = DuckDbFiles({"my shop": path})
    yield found
    found.close()


def test_it_is_a_warehouse(warehouse: DuckDbFiles) -> None:
    assert isinstance(warehouse, Warehouse)
    warehouse.connect()
    warehouse.connect()
    assert warehouse.execute_scalar("select text from t") == "x"
    assert warehouse.execute_scalar("select 1 where false") is None
    assert warehouse.execute_sample("select * from odd", 5).columns == ("a", "A b")
    assert len(warehouse.execute_sample("select * from range(100)", 7).rows) == 7
    warehouse.close()
    warehouse.close()
    assert warehouse.execute_scalar("select 1") == 1


@pytest.mark.parametrize(
    "sql",
    [
        "insert into t values (2, 'y')", "create table u as select 1", "delete from t", "drop table t",
        "select nextval('s')",
        "copy t to '{folder}/out.csv'", "select * from read_text('/etc/passwd')", "select * from '/etc/passwd'",
        "select * from glob('/*')", "attach '{folder}/new.db'", "export database '{folder}/out'",
        "install httpfs", "load httpfs",
        "set enable_external_access=true", "reset enable_external_access", "set lock_configuration=false",
        "pragma enable_profiling", "checkpoint", "use memory; create table x(i int); attach '/etc/passwd'",
    ],
)  # fmt: skip
def test_nothing_is_written_and_nothing_else_is_reached(warehouse: DuckDbFiles, path: Path, sql: str) -> None:
    before = path.read_bytes()
    try:
        warehouse.execute_sample(sql.format(folder=path.parent), 5)
    except WarehouseError as error:
        assert error.message
    else:
        assert sql in ("checkpoint",), "only what does nothing to a read-only file may pass"
    warehouse.close()
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_query_that_takes_too_long_is_stopped_and_the_next_one_runs(path: Path) -> None:
    warehouse = DuckDbFiles({"x": path}, timeout=0.3)
    began = time.monotonic()
    with pytest.raises(WarehouseError, match=r"longer than 0\.3 s"):
        warehouse.execute_sample(
            "select count(*) from range(100000) a, range(100000) b where hash(a.range, b.range) = 1", 1
        )
    assert time.monotonic() - began < 10
    assert warehouse.execute_scalar("select 1") == 1
    warehouse.close()


def test_a_query_that_is_wrong_gives_duckdbs_words(warehouse: DuckDbFiles) -> None:
    with pytest.raises(WarehouseError, match="no_such"):
        warehouse.execute_sample("select no_such from t", 1)


def test_several_files_are_one_session(path: Path, tmp_path: Path) -> None:
    other = make_database(tmp_path / "other.db", "create table u as select 7 as id")
    warehouse = DuckDbFiles({"a\"b'c": path, "other": other})
    assert warehouse.execute_scalar("select t.id + u.id from t, other.u") == 8
    warehouse.close()


def test_a_failed_opening_lets_go_of_what_was_opened(path: Path, tmp_path: Path) -> None:
    import duckdb

    with pytest.raises(WarehouseError, match="no such database"):
        DuckDbFiles({"a": path, "b": tmp_path / "none.db"}).execute_scalar("select count(*) from b.t")
    with duckdb.connect(str(path)) as connection:
        connection.execute("insert into t values (2, 'y')")
    assert not (tmp_path / "none.db").exists()


def test_a_file_is_attached_once_a_statement_names_it(path: Path, tmp_path: Path) -> None:
    import duckdb

    other = tmp_path / "other.db"
    with duckdb.connect(str(other)) as connection:
        connection.execute("create table u as select 7 as n")
    warehouse = DuckDbFiles({"a": path, 'The "b"': other})
    assert warehouse.execute_scalar("select count(*) from duckdb_databases() where path is not null") == 1
    assert warehouse.execute_scalar('select n from "the ""B""".u') == 7
    assert warehouse.execute_scalar("select count(*) from t") is not None, "the first file is still the default one"
    warehouse.close()


def test_without_the_library_it_says_what_to_install(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("duckdb", "_duckdb"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(WarehouseError, match="pip install") as caught:
        DuckDbFiles({"a": path}).connect()
    assert "not installed" in caught.value.message


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "no such database"), (b"", "empty"), (b"x" * 100, "not a DuckDB"), (b"\0" * 8 + b"DUC", "not a DuckDB")],
)
def test_a_file_that_is_none_is_refused_before_duckdb_sees_it(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "x.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WarehouseError, match=words):
        check_file(path)
    assert path.exists() is (content is not None)
    with pytest.raises(WarehouseError, match="folder"):
        check_file(tmp_path)


def test_a_file_of_a_newer_duckdb_says_so(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[12:20] = (9999).to_bytes(8, "little")
    path.write_bytes(content)
    with pytest.raises(WarehouseError) as caught:
        DuckDbFiles({"x": path}).connect()
    assert "newer DuckDB" in caught.value.message or "cannot be opened" in caught.value.message


def test_a_lock_is_told_with_who_holds_it() -> None:
    message = (
        'IO Error: Could not set lock on file "/x/y.db": Conflicting lock is held in /usr/bin/python3.11 (PID 4711) by '
        "user root. See also https://duckdb.org"
    )
    error = opening_error(Path("y.db"), message)
    assert str(error).startswith("y.db: is in use by another process (pid 4711, python3.11)")
    newer = opening_error(
        Path("y.db"), "Trying to read a database file with version number 99, but we can only read 64"
    )
    assert "newer DuckDB" in newer.message


KEPT = "select * from t where id = 1"


@pytest.mark.parametrize(
    ("sql", "gives"),
    [
        (KEPT, "x"),
        (f"select text from ({KEPT}) as rows", "x"),
        (f"select text from (\n{KEPT}\n) as rows", "x"),
        (f"select text from ({KEPT} and text = 'y') as rows", None),
        (f"{KEPT} and text = 'y'", None),
    ],
)
def test_rows_that_are_kept_are_read_where_their_query_stands_alone(
    warehouse: DuckDbFiles, sql: str, gives: str | None
) -> None:
    assert isinstance(warehouse, KeepsRows)
    before = warehouse.execute_sample(sql, 10)
    assert warehouse.keep_rows([KEPT], 10) == [1]
    assert warehouse.execute_sample(sql, 10) == before
    assert (before.rows[0][-1] if before.rows else None) == gives


def test_a_query_that_ends_in_a_comment_is_kept(warehouse: DuckDbFiles) -> None:
    query = "select * from t -- all of them"
    assert warehouse.keep_rows([query], 10) == [1]
    assert warehouse.execute_scalar(f"select count(*) from (\n{query}\n) as rows") == 1


def test_the_query_of_kept_rows_is_run_once(warehouse: DuckDbFiles) -> None:
    warehouse.connect()
    assert warehouse._connection is not None
    warehouse._connection.execute("create temp sequence counted")
    query = "select nextval('temp.main.counted') as n from t"
    assert warehouse.keep_rows([query], 10) == [1]
    assert [warehouse.execute_scalar(query) for _ in range(3)] == [1, 1, 1]


def test_more_rows_than_are_allowed_are_not_kept(warehouse: DuckDbFiles) -> None:
    query = "select i from range(11) as r(i)"
    assert warehouse.keep_rows([query], 10) == [None]
    assert warehouse.execute_scalar(f"select count(*) from ({query}) as q") == 11
    assert warehouse.execute_scalar("select count(*) from duckdb_tables() where temporary") == 0


def test_a_query_that_is_refused_is_not_kept(warehouse: DuckDbFiles) -> None:
    with pytest.raises(WarehouseError, match="nowhere"):
        warehouse.keep_rows(["select * from nowhere"], 10)


def test_rows_of_one_table_by_several_conditions_are_kept_by_one_look(warehouse: DuckDbFiles) -> None:
    queries = [
        "select * from t where id = 1",
        "select * from t where text is null -- none",
        'select * from "t" where 1 = 0',
    ]
    before = [warehouse.execute_sample(query, 10) for query in queries]
    assert warehouse.keep_rows(queries, 10) == [1, 0, 0]
    assert [warehouse.execute_sample(query, 10) for query in queries] == before
    assert warehouse.execute_scalar("select count(*) from duckdb_tables() where temporary") == 2


def test_a_condition_that_is_refused_does_not_keep_others_from_being_kept(warehouse: DuckDbFiles) -> None:
    fine, broken = "select * from t where id = 1", "select * from t where text::integer = 1"
    with pytest.raises(WarehouseError, match="x"):
        warehouse.keep_rows([fine, broken], 10)
    assert warehouse.execute_sample(fine, 10).rows


def test_rows_of_several_conditions_that_are_too_many_together_are_kept_apart(warehouse: DuckDbFiles) -> None:
    warehouse.connect()
    assert warehouse._connection is not None
    warehouse._connection.execute("create temp table many as select i from range(20) as r(i)")
    few, other, most = (f"select * from temp.main.many where i {what}" for what in ("< 8", "> 11", "> 2"))
    assert warehouse.keep_rows([few, other, most], 10) == [8, 8, None]
    assert warehouse.execute_scalar(f"select count(*) from ({most}) as q") == 17
