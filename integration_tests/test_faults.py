"""Bad input and faults: a clear error, the right exit code, nothing lost, nothing created, no traceback."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from integration_tests.command import RULES, VERDICTS, aegis, make_shop
from integration_tests.engines import Engine, engines

HOLD = """
import sys, time, duckdb
held = duckdb.connect(sys.argv[1])
print("held", flush=True)
time.sleep(60)
"""


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database and rules that no test changes."""
    folder = tmp_path_factory.mktemp("shop")
    make_shop(folder)
    return folder


@pytest.mark.parametrize("command", ["run", "validate"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "there is no such database"),
        (b"", "is an empty file"),
        (b"garbage" * 1000, "is not a DuckDB database"),
        (b"x", "is not a DuckDB database"),
        (b"\0" * 8 + b"DUCK" + b"\0" * 100, "cannot be opened"),
    ],
    ids=["missing", "empty", "garbage", "one byte", "a head alone"],
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(
    tmp_path: Path, command: str, content: bytes | None, words: str
) -> None:
    (tmp_path / "rules.yml").write_text(RULES, encoding="utf-8")
    database = tmp_path / "shop.duckdb"
    if content is not None:
        database.write_bytes(content)
    done = aegis(command, "rules.yml", "--db", "shop.duckdb", cwd=tmp_path)
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("aegis: shop.duckdb: ") and words in done.err
    assert {path.name for path in tmp_path.iterdir()} - {"audit.db"} == {"rules.yml"} | (
        {"shop.duckdb"} if content is not None else set()
    )
    assert content is None or database.read_bytes() == content


def test_a_database_that_is_cut_short_or_damaged_is_refused(tmp_path: Path) -> None:
    whole = make_shop(tmp_path).read_bytes()
    (tmp_path / "short.duckdb").write_bytes(whole[:5000])
    damaged = bytearray(whole)
    for place in range(12288, len(damaged), 97):
        damaged[place] ^= 0xFF
    (tmp_path / "damaged.duckdb").write_bytes(damaged)
    for name in ("short.duckdb", "damaged.duckdb"):
        done = aegis("run", "rules.yml", "--db", name, cwd=tmp_path)
        assert done.code == 3
        assert f"{name}: cannot be opened" in done.err and "Nothing was changed" in done.err


@pytest.mark.parametrize("path", [".", "", ":memory:", "no/such/folder/x.duckdb", "rules.yml/x"])
def test_a_path_that_is_no_file_is_refused(shop: Path, path: str) -> None:
    before = {one.name for one in shop.iterdir()}
    done = aegis("run", "rules.yml", "--db", path, cwd=shop)
    assert done.code == 3
    assert {one.name for one in shop.iterdir()} <= before | {"audit.db"}


def test_a_database_in_use_says_by_whom_and_can_be_waited_for(tmp_path: Path) -> None:
    make_shop(tmp_path)
    with subprocess.Popen([sys.executable, "-c", HOLD, "shop.duckdb"], cwd=tmp_path, stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
            done = aegis("run", "rules.yml", "--db", "shop.duckdb", cwd=tmp_path)
            assert done.code == 3
            assert f"is in use by another process (pid {holder.pid}" in done.err and "--wait 60" in done.err
            began = time.monotonic()
            waited = aegis("run", "rules.yml", "--db", "shop.duckdb", "--wait", "1", cwd=tmp_path)
            assert waited.code == 3 and time.monotonic() - began >= 1
        finally:
            holder.kill()
    assert aegis("run", "rules.yml", "--db", "shop.duckdb", "--json", cwd=tmp_path).verdicts() == VERDICTS


def test_a_read_only_database_is_checked(tmp_path: Path) -> None:
    database = make_shop(tmp_path)
    database.chmod(0o444)
    assert aegis("run", "rules.yml", "--db", "shop.duckdb", "--json", cwd=tmp_path).verdicts() == VERDICTS


def test_rows_that_only_the_write_ahead_log_holds_are_seen_and_it_stays(tmp_path: Path) -> None:
    make_shop(tmp_path)
    crash = (
        "import duckdb, os; c = duckdb.connect(); c.execute(\"attach 'shop.duckdb' as w (storage_version 'v1.0.0')\");"
        "c.execute('insert into w.orders values (5000, null, 3)'); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", crash], cwd=tmp_path, check=True)
    files = [tmp_path / "shop.duckdb", tmp_path / "shop.duckdb.wal"]
    before = [digest(path) for path in files]
    found = aegis("run", "rules.yml", "--db", "shop.duckdb", "--json", cwd=tmp_path).verdicts()
    assert found["orders_email_not_null"] == ("fail", 101, 1001)
    assert [digest(path) for path in files] == before


NAMES = [
    "my shop.v2.duckdb", "select.duckdb", "main.duckdb", "temp.duckdb", "memory.duckdb", "aegis_store.duckdb",
    "größe ✓.duckdb", ".hidden", "2024-11-20.duckdb", "a'b\"c.duckdb", "{{ x }}.duckdb", "{% raw %}.duckdb",
    "{#.duckdb", "information_schema.db", "a%b#c?d=e.db", "$HOME.db", "UPPER.DB",
]  # fmt: skip
"""File names that are a reserved word, an identifier no more, or Jinja."""


def named() -> list[object]:
    """Each name on dbt 2, which is quick, and a few on every engine; the oddest on dbt 2 every day, the rest with the
    long tests."""
    few, oddest = (
        ("my shop.v2.duckdb", "main.duckdb", "a'b\"c.duckdb"),
        ("a'b\"c.duckdb", "{{ x }}.duckdb", "größe ✓.duckdb"),
    )
    return [
        pytest.param(
            engine.values[0],
            name,
            id=f"{engine.id}-{name}",
            marks=[*engine.marks, *([] if name in oddest and engine.id == "dbt2" else [pytest.mark.long])],
        )
        for engine in engines()
        for name in (NAMES if engine.id == "dbt2" else few)
    ]


@pytest.mark.parametrize(("engine", "name"), named())
def test_a_database_may_be_called_anything(tmp_path: Path, name: str, engine: Engine) -> None:
    before = digest(make_shop(tmp_path, name))
    done = aegis("run", "rules.yml", "--db", name, "--json", cwd=tmp_path, engine=engine)
    assert done.verdicts() == VERDICTS
    assert all(finding["sample"] for finding in done.report["findings"])
    assert digest(tmp_path / name) == before
    assert not list(tmp_path.glob("*.wal"))


def test_a_name_that_duckdb_would_misread_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(RULES, encoding="utf-8")
    for name, words in ((b"back\\slash.db", "a backslash"), (b"caf\xe9.db", "not UTF-8")):
        path = tmp_path / os.fsdecode(name)
        path.write_bytes(b"\0" * 8 + b"DUCK" + b"\0" * 100)
        done = aegis("run", "rules.yml", "--db", path, cwd=tmp_path)
        assert done.code == 3 and words in done.err
