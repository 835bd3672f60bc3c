from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import time
from contextlib import closing
from pathlib import Path

import pytest

from aegis.audit import AuditTrail
from aegis.audit.schema import MIGRATIONS
from aegis.errors import AuditError
from tests.unit.audit.support import a_report, a_start, in_child


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def companions(path: Path) -> list[Path]:
    return [path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")]


def test_the_files_are_the_owners_only_whatever_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        with AuditTrail.open(path) as trail:
            trail.finish_run(a_report("r_1"))
            assert [mode(name) for name in companions(path)] == [0o600] * 3
    finally:
        os.umask(before)
    assert mode(path.parent) == 0o700


def test_a_folder_that_was_there_keeps_its_rights(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    AuditTrail.open(tmp_path / "history.db").close()
    assert mode(tmp_path) == 0o755


def test_files_that_others_could_read_are_closed_to_them(path: Path) -> None:
    with AuditTrail.open(path) as trail:
        trail.finish_run(a_report("r_1"))
        for name in companions(path):
            name.chmod(0o644)
        with AuditTrail.open(path):
            assert [mode(name) for name in companions(path)] == [0o600] * 3


def test_the_trail_is_in_wal_mode_and_migrated_once(path: Path) -> None:
    for _ in range(3):
        AuditTrail.open(path).close()
    with closing(sqlite3.connect(path)) as plain:
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        names = [name for (name,) in plain.execute("SELECT name FROM migrations")]
    assert names == [migration.name for migration in MIGRATIONS]


def test_opening_a_trail_costs_less_than_ten_milliseconds(path: Path) -> None:
    with AuditTrail.open(path) as trail:
        trail.finish_run(a_report("r_1"))
    costs = []
    for _ in range(5):
        begin = time.process_time()
        AuditTrail.open(path).close()
        costs.append(time.process_time() - begin)
    assert min(costs) < 0.01


def test_a_reader_never_makes_a_file(path: Path) -> None:
    with pytest.raises(AuditError, match="no audit trail here yet") as raised:
        AuditTrail.open(path, create=False)
    assert str(path) in str(raised.value)
    assert not path.parent.exists()


def test_an_empty_file_becomes_a_trail(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    path.touch()
    with AuditTrail.open(path) as trail:
        trail.finish_run(a_report("r_1"))
        assert trail.verify().ok


@pytest.mark.parametrize("size", [1, 5, 99, 100, 511, 512, 4096, 50_000])
def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, size: int) -> None:
    path = tmp_path / "history.db"
    path.write_bytes(b"x" * size)
    with pytest.raises(AuditError, match="not an SQLite database") as raised:
        AuditTrail.open(path)
    assert raised.value.hint
    assert path.read_bytes() == b"x" * size
    assert sorted(p.name for p in tmp_path.iterdir()) == ["history.db"]


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("CREATE TABLE runs (id)")
    before = path.read_bytes()
    with pytest.raises(AuditError, match="is not an audit trail"):
        AuditTrail.open(path)
    assert path.read_bytes() == before


def test_a_trail_of_a_newer_version_is_left_alone(path: Path) -> None:
    AuditTrail.open(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as plain:
        plain.execute("INSERT INTO migrations VALUES ('9999_later', '2030-01-01')")
    before = path.read_bytes()
    with pytest.raises(AuditError, match=r"newer Aegis.*9999_later") as raised:
        AuditTrail.open(path)
    assert "Update Aegis" in str(raised.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9])
def test_a_truncated_trail_is_an_audit_error(path: Path, keep: float) -> None:
    with AuditTrail.open(path) as trail:
        trail.finish_run(a_report("r_1"))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])

    def use() -> None:
        with AuditTrail.open(path) as trail:
            verification = trail.verify()
            assert not verification.ok
            raise AuditError("damaged as verify saw")

    with pytest.raises(AuditError, match=r"damaged|cannot be used"):
        use()


def test_a_folder_in_place_of_the_file_is_an_audit_error(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="is a folder"):
        AuditTrail.open(tmp_path)


def test_a_file_in_place_of_the_folder_is_an_audit_error(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(AuditError, match="cannot be made here"):
        AuditTrail.open(tmp_path / "home" / "history.db")


def test_a_name_that_is_too_long_is_an_audit_error(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="cannot be made here"):
        AuditTrail.open(tmp_path / ("x" * 300))


@pytest.mark.parametrize("name", ["with space.db", "ä#%?&.db", "quote'\".db", "line\nbreak.db"])
def test_odd_file_names_work(tmp_path: Path, name: str) -> None:
    with AuditTrail.open(tmp_path / name) as trail:
        trail.finish_run(a_report("r_1"))
    with AuditTrail.open(tmp_path / name, create=False) as trail:
        assert trail.verify().ok
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_dangling_link_is_an_audit_error(tmp_path: Path) -> None:
    (tmp_path / "history.db").symlink_to(tmp_path / "nowhere" / "x.db")
    with pytest.raises(AuditError, match="cannot be made here"):
        AuditTrail.open(tmp_path / "history.db")


def test_a_new_trail_in_a_read_only_folder_is_an_audit_error(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    said = in_child(lambda: str(AuditTrail.open(open_folder / "history.db")), unprivileged=True)
    assert "AuditError" in said
    assert "Permission denied" in said
    assert "AEGIS_AUDIT_DB" in said


def test_a_trail_that_may_not_be_read_is_an_audit_error(open_folder: Path) -> None:
    path = open_folder / "history.db"
    AuditTrail.open(path).close()
    path.chmod(0o000)
    assert "raised AuditError" in in_child(lambda: str(AuditTrail.open(path)), unprivileged=True)


@pytest.mark.parametrize(("file", "folder"), [(0o444, 0o755), (0o444, 0o555), (0o666, 0o555)])
def test_a_read_only_trail_is_read_and_refuses_to_be_written(open_folder: Path, file: int, folder: int) -> None:
    path = open_folder / "history.db"
    with AuditTrail.open(path) as trail:
        trail.finish_run(a_report("r_1"))
    path.chmod(file)
    open_folder.chmod(folder)

    def use() -> str:
        with AuditTrail.open(path) as trail:
            assert trail.verify().ok
            assert trail.show() == a_report("r_1")
            assert trail.search("shopify")
            with pytest.raises(AuditError, match="is read-only"):
                trail.start_run(a_start("r_2"))
        return "read"

    assert in_child(use, unprivileged=True) == "read"
    assert sorted(p.name for p in open_folder.iterdir()) == ["history.db"]


def test_a_read_only_copy_with_rows_in_its_wal_shows_them_or_says_why_not(open_folder: Path) -> None:
    source, path = open_folder / "source.db", open_folder / "copy" / "history.db"
    path.parent.mkdir()
    with AuditTrail.open(source) as trail:
        trail.finish_run(a_report("r_1"))
        for ending in ("", "-wal"):
            shutil.copy(f"{source}{ending}", f"{path}{ending}")
            Path(f"{path}{ending}").chmod(0o444)
    path.parent.chmod(0o555)
    said = in_child(lambda: str(len(AuditTrail.open(path).list_runs())), unprivileged=True)
    assert said == "1" or "AuditError" in said


def test_a_read_only_empty_file_is_an_audit_error(open_folder: Path) -> None:
    path = open_folder / "history.db"
    path.touch(0o444)
    assert "has no tables of this version" in in_child(lambda: str(AuditTrail.open(path)), unprivileged=True)
