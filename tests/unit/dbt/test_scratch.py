"""The private project of a database without one."""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path

import pytest

from aegis.dbt.scratch.private_project import (
    ATTACHED,
    PREFIX,
    database_name,
    duckdb_name,
    make_project,
    private_folder,
    table_in,
)
from aegis.dbt.suites.compile import SuiteFile
from aegis.errors import WarehouseError


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("shop.duckdb", "shop"), ("my shop.v2.duckdb", "my shop"), ("noext", "noext"), (".hidden", "hidden"),
        ("main.db", "main_db"), ("MAIN.db", "MAIN_db"), ("temp.x", "temp_db"), ("größe.db", "größe"),
        ("2024-1.db", "2024-1"),
    ],
)  # fmt: skip
def test_a_file_is_called_as_duckdb_calls_it(tmp_path: Path, file: str, name: str) -> None:
    import duckdb

    assert database_name(tmp_path / file) == duckdb_name(tmp_path / file) == name
    with duckdb.connect(str(tmp_path / file)) as connection:
        assert connection.execute("select current_database()").fetchone() == (name,)


@pytest.mark.parametrize(
    "file",
    [
        "aegis_store.duckdb",
        "SYSTEM.db",
        "memory.db",
        "information_schema.x",
        "a'b.db",
        'a"b.db',
        "{{ x }}.db",
        "{#.db",
        "a`b",
        "...",
    ],
)
def test_a_name_that_would_not_do_is_replaced(file: str) -> None:
    assert database_name(Path("/data") / file) == ATTACHED


@pytest.mark.parametrize(("major", "alias"), [(1, '"my shop"'), (2, "my shop")])
def test_the_users_file_is_attached_read_only_under_its_name(tmp_path: Path, major: int, alias: str) -> None:
    project = make_project(tmp_path, Path("/data/my shop.db"), [], [], {}, here=tmp_path, threads=3, dbt_major=major)
    profile = json.loads((tmp_path / "profiles.yml").read_text(encoding="utf-8"))["aegis"]["outputs"]["run"]
    assert profile["attach"] == [{"path": "/data/my shop.db", "alias": alias, "read_only": True}]
    assert project.files["my shop"] == Path("/data/my shop.db")
    assert profile["threads"] == 3


@pytest.mark.parametrize("major", [1, 2])
@pytest.mark.parametrize("name", ["mine", "his, hers", "{{ ours }}"])
def test_files_that_views_read_are_found_from_where_the_person_is(tmp_path: Path, name: str, major: int) -> None:
    """A comma would part DuckDB's search path in two, and braces are dbt's: then a link stands for the folder."""
    here, folder = tmp_path / name, tmp_path / "project"
    here.mkdir()
    folder.mkdir()
    make_project(folder, Path("/data/db.duckdb"), [], [], {}, here=here, threads=1, dbt_major=major)
    profile = json.loads((folder / "profiles.yml").read_text(encoding="utf-8"))["aegis"]["outputs"]["run"]
    path = profile["settings"]["file_search_path"]
    assert (folder / path).resolve() == here.resolve() and not set(path) & set(",{")
    assert Path(profile["path"]).is_absolute() == (major == 2), "dbt 2 runs in that folder, and nothing stays there"


def test_a_private_project_holds_the_macros_of_its_rule_types_and_no_others(tmp_path: Path) -> None:
    table = table_in("db", "main", "orders", rows=10)
    suite = SuiteFile("aegis_orders.sql", "text", table, ("r",), frozenset({"not_null"}))
    make_project(tmp_path, Path("/data/db.duckdb"), [suite], [table], {}, here=tmp_path, threads=1, dbt_major=2)
    names = {path.name for path in (tmp_path / "macros").iterdir()}
    assert {"rules_not_null.sql", "suite_statement.sql", "dialect_dialect.sql"} <= names
    assert "rules_unique.sql" not in names and not any(path.is_symlink() for path in (tmp_path / "macros").iterdir())


@pytest.mark.parametrize(("rows", "threads"), [([10, 200_000], 1), ([10, 300_000], None), ([10, None], None)])
def test_a_statement_gets_threads_where_a_table_is_worth_them(
    tmp_path: Path, rows: list[int | None], threads: int | None
) -> None:
    tables = [table_in("db", "main", f"t{count}", rows=count) for count in rows]
    make_project(tmp_path, Path("/data/db.duckdb"), [], tables, {}, here=tmp_path, threads=1, dbt_major=2)
    profile = json.loads((tmp_path / "profiles.yml").read_text(encoding="utf-8"))["aegis"]["outputs"]["run"]
    assert profile["settings"]["threads"] == (threads or os.cpu_count())


def test_tables_are_sources_whatever_they_are_called(tmp_path: Path) -> None:
    tables = [table_in("db", "main", 'we"ird'), table_in("db", "other", "x"), table_in("db", "main", "x")]
    make_project(tmp_path, Path("/data/db.duckdb"), [], tables, {}, here=tmp_path, threads=1, dbt_major=1)
    sources = json.loads((tmp_path / "models" / "sources.yml").read_text(encoding="utf-8"))["sources"]
    names = {s["name"]: [t["identifier"] for t in s["tables"]] for s in sources}
    assert names == {"main": ['we""ird', "x"], "other": ["x"]}
    assert all(re.fullmatch(r"\w+", t["name"], re.ASCII) for s in sources for t in s["tables"])
    assert [table.label for table in tables] == ['we"ird', "other.x", "x"]


def test_a_path_that_dbt_would_render_is_linked_with_its_log(tmp_path: Path) -> None:
    real = tmp_path / "{{ data }}"
    real.mkdir()
    (real / "x.db").write_bytes(b"db")
    (real / "x.db.wal").write_bytes(b"wal")
    folder = tmp_path / "project"
    folder.mkdir()
    make_project(folder, real / "x.db", [], [], {}, here=tmp_path, threads=1, dbt_major=2)
    profile = json.loads((folder / "profiles.yml").read_text(encoding="utf-8"))["aegis"]["outputs"]["run"]
    linked = Path(profile["attach"][0]["path"])
    assert linked.parent == folder and linked.read_bytes() == b"db"
    assert linked.with_name(linked.name + ".wal").read_bytes() == b"wal"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="cannot be written"):
        make_project(tmp_path / "none", Path("/data/x.db"), [], [], {}, here=tmp_path, threads=1, dbt_major=1)


@pytest.fixture
def own_temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_private_folder_is_gone_afterwards_however_its_block_ends(own_temp: Path) -> None:
    with pytest.raises(KeyboardInterrupt), private_folder() as folder:
        (folder / "x").write_text("y", encoding="utf-8")
        assert folder.parent == own_temp and folder.stat().st_mode & 0o077 == 0
        raise KeyboardInterrupt
    assert list(own_temp.iterdir()) == []


def test_what_killed_runs_left_is_removed_and_what_others_use_is_not(own_temp: Path) -> None:
    """However far the killed run had come with tidying up itself."""
    child = os.fork()
    if child == 0:
        with private_folder() as folder:
            (folder / "keys").write_text("private", encoding="utf-8")
            os._exit(9)
    os.waitpid(child, 0)
    (own_temp / f"{PREFIX}half-removed").mkdir()
    (own_temp / "aegis-else").mkdir()
    (own_temp / f"{PREFIX}link").symlink_to(own_temp / "aegis-else")
    assert len(list(own_temp.iterdir())) == 4
    with private_folder() as first, private_folder() as second:
        kept = [first, second, own_temp / "aegis-else", own_temp / f"{PREFIX}link"]
        assert sorted(own_temp.iterdir()) == sorted(kept)


def test_no_place_for_a_folder_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/no/such/folder")
    with pytest.raises(WarehouseError, match="no place for a private project"), private_folder():
        pass
