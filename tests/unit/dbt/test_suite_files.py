"""The folder of generated suites."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis.dbt.graph.tables import Table
from aegis.dbt.suites.compile import MARK, SuiteFile
from aegis.dbt.suites.files import Changes, compare, is_ours, replace_file, set_aside, write
from aegis.errors import ConfigError

TABLE = Table('ref("t")', "t", None, "t")


def suite(name: str, text: str = "1") -> SuiteFile:
    return SuiteFile(f"{name}.sql", f"{MARK} {text}\n", TABLE, (name,), frozenset())


def test_the_folder_holds_these_suites_afterwards_and_what_others_put_there(tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "aegis"
    assert write(folder, [suite("a"), suite("b")]) == Changes(("a.sql", "b.sql"), (), (), ())
    (folder / "mine.sql").write_text("select 1", encoding="utf-8")
    (folder / "folder.sql").mkdir()
    (folder / "notes.md").write_text(MARK, encoding="utf-8")
    expected = Changes(new=("c.sql",), changed=("b.sql",), same=(), stale=("a.sql",))
    wanted = [suite("b", "2"), suite("c")]
    assert compare(folder, wanted) == expected
    assert sorted(path.name for path in folder.iterdir()) == ["a.sql", "b.sql", "folder.sql", "mine.sql", "notes.md"]
    assert write(folder, wanted) == expected
    assert sorted(path.name for path in folder.iterdir()) == ["b.sql", "c.sql", "folder.sql", "mine.sql", "notes.md"]
    assert not write(folder, wanted).any
    assert (folder / "b.sql").read_text(encoding="utf-8") == f"{MARK} 2\n"


def test_no_suites_make_no_folder(tmp_path: Path) -> None:
    assert not write(tmp_path / "tests" / "aegis", []).any
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_somebody_elses_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "b.sql").write_text("select 1", encoding="utf-8")
    with pytest.raises(ConfigError, match="did not write") as caught:
        write(tmp_path, [suite("a"), suite("b")])
    assert "Nothing was written" in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["b.sql"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "tests").write_text("a file", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be written"):
        write(tmp_path / "tests" / "aegis", [suite("a")])


def test_a_checkout_with_other_line_ends_is_up_to_date(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_bytes(suite("a").text.replace("\n", "\r\n").encode())
    assert not compare(tmp_path, [suite("a")]).any


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        (MARK + " from x", True),
        (f"<<<<<<< HEAD\n{MARK} from x", True),
        ("", False),
        ("select 1 -- " + MARK, False),
        ("<<<<<<< HEAD\nselect 1", False),
        ("\n" + MARK, False),
    ],
)
def test_ours_is_what_begins_as_ours(text: str, ours: bool) -> None:
    assert is_ours(text) is ours


def test_generated_suites_are_out_of_sight_for_a_while_and_come_back(tmp_path: Path) -> None:
    folder, place = tmp_path / "aegis", tmp_path / "target" / "aside"
    write(folder, [suite("a"), suite("b")])
    (folder / "mine.sql").write_text("select 1", encoding="utf-8")
    with pytest.raises(ValueError, match="broken"), set_aside(folder, place) as any_suites:
        assert any_suites
        assert [path.name for path in folder.iterdir()] == ["mine.sql"]
        raise ValueError("broken")
    assert sorted(path.name for path in folder.iterdir()) == ["a.sql", "b.sql", "mine.sql"]
    assert list(place.iterdir()) == []
    with set_aside(tmp_path / "none", place) as any_suites:
        assert not any_suites


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x.sql"
    path.write_text("before", encoding="utf-8")
    with pytest.raises(UnicodeEncodeError):
        replace_file(path, "half \ud800")
    assert path.read_text(encoding="utf-8") == "before"
    replace_file(path, "ä\n")
    assert path.read_bytes() == "ä\n".encode()
    assert path.stat().st_mode & 0o777 == 0o644
    assert [one.name for one in tmp_path.iterdir()] == ["x.sql"]
