"""A run that is stopped or killed: dbt goes with it, private folders are removed, trail and data are as they were."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from integration_tests.command import PROGRAM, VERDICTS, aegis, make_database, make_shop, surroundings
from integration_tests.engines import Engine, engines

SLOW_RULES = """\
table: many
severity: high
rules:
  - custom_sql: {query: "select count(*) < 0 from many a, many b, many c where hash(a.i, b.i, c.i) = 7", id: endless}
"""


def make_endless(folder: Path) -> Path:
    """A rule that takes minutes."""
    folder.mkdir(exist_ok=True)
    (folder / "rules.yml").write_text(SLOW_RULES, encoding="utf-8")
    return make_database(folder / "shop.duckdb", "create table many as select i from range(20000) as t(i)")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def processes(word: str) -> list[int]:
    """Ids of the processes whose command line holds a word."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def within(seconds: float, what: str, happened: object) -> None:
    assert callable(happened)
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


@contextmanager
def started(folder: Path, engine: Engine | None = None, *more: str) -> Iterator[subprocess.Popen[str]]:
    """`aegis run --db`, in a process group and a temporary folder of its own."""
    (folder / "tmp").mkdir(exist_ok=True)
    process = subprocess.Popen(
        [*PROGRAM, "run", "rules.yml", "--db", "shop.duckdb", *more],
        cwd=folder,
        env=surroundings(folder, engine, {"TMPDIR": str(folder / "tmp")}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        for left in processes(str(folder / "tmp")):
            os.kill(left, signal.SIGKILL)
        process.communicate()


def stops() -> list[object]:
    """Each way on dbt 2; on dbt 1 the one that people use, the others with the long tests."""
    return [
        pytest.param(engine.values[0], how, id=f"{how}-{engine.id}",
                     marks=[*engine.marks, *([] if how == "Ctrl-C" or engine.id == "dbt2" else [pytest.mark.long])])
        for how in ("Ctrl-C", "SIGINT to Aegis alone", "SIGTERM") for engine in engines()
    ]  # fmt: skip


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="the test looks for processes in /proc")
@pytest.mark.parametrize(("engine", "how"), stops())
def test_a_run_that_is_stopped_takes_dbt_along_and_leaves_nothing(tmp_path: Path, engine: Engine, how: str) -> None:
    before = digest(make_endless(tmp_path))
    with started(tmp_path, engine) as process:
        within(60, "dbt runs", lambda: processes(str(tmp_path / "tmp")))
        within(60, "dbt has begun", lambda: list((tmp_path / "tmp").glob("aegis-run-*/target/compiled/**/*.sql")) or
               list((tmp_path / "tmp").glob("aegis-run-*/aegis_store.duckdb")))  # fmt: skip
        if how == "Ctrl-C":
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.send_signal(signal.SIGTERM if how == "SIGTERM" else signal.SIGINT)
        out, err = process.communicate(timeout=40)
        assert (process.returncode, out) == (130, "")
        assert err == "aegis: stopped. What had finished before is in the audit trail.\n"
        within(5, "dbt is gone", lambda: not processes(str(tmp_path / "tmp")))
        assert [path.name for path in (tmp_path / "tmp").iterdir() if path.name.startswith("aegis-")] == []
    assert digest(tmp_path / "shop.duckdb") == before
    assert aegis("audit", "verify", cwd=tmp_path).code == 0


@pytest.mark.parametrize(
    "moments",
    [pytest.param(3, id="three moments"), pytest.param(20, id="twenty moments", marks=pytest.mark.long)],
)
def test_a_run_that_is_killed_harms_no_other(tmp_path: Path, moments: int) -> None:
    """At random moments; the finished runs before stay in the trail, the next run works."""
    before = digest(make_shop(tmp_path))
    temporary = {"TMPDIR": str(tmp_path / "tmp")}
    (tmp_path / "tmp").mkdir()
    began = time.monotonic()
    first = aegis("run", "rules.yml", "--db", "shop.duckdb", "--json", cwd=tmp_path, env=temporary)
    whole = time.monotonic() - began
    finished = [first.report["run"]["run_id"]]
    chance = random.Random(20_131_120)
    for _ in range(moments):
        with started(tmp_path) as process:
            time.sleep(chance.uniform(0.02, 1) * whole)
            process.kill()
        assert aegis("audit", "verify", cwd=tmp_path).code == 0
    after = aegis("run", "rules.yml", "--db", "shop.duckdb", "--json", cwd=tmp_path, env=temporary)
    assert after.verdicts() == VERDICTS
    finished.append(after.report["run"]["run_id"])
    assert digest(tmp_path / "shop.duckdb") == before
    for run_id in finished:
        shown = aegis("audit", "show", run_id, "--format", "json", cwd=tmp_path)
        assert shown.verdicts() == VERDICTS
    assert not list((tmp_path / "tmp").glob("aegis-run-*")), "what killed runs left behind is removed by the next"


def test_two_runs_at_once_both_tell_the_truth(tmp_path: Path) -> None:
    make_shop(tmp_path)
    with started(tmp_path, None, "--json") as one, started(tmp_path, None, "--json") as other:
        for process in (one, other):
            out, err = process.communicate(timeout=120)
            assert process.returncode == 1, err
            assert '"orders_email_not_null"' in out
    runs = aegis("audit", "list-runs", "--json", cwd=tmp_path)
    assert runs.out.count('"run_id"') == 2
    assert aegis("audit", "verify", cwd=tmp_path).code == 0


def test_others_may_read_the_database_meanwhile(tmp_path: Path) -> None:
    import duckdb

    make_endless(tmp_path)
    with started(tmp_path) as process:
        within(60, "dbt runs", lambda: list((tmp_path / "tmp").glob("aegis-run-*/aegis_store.duckdb")))
        with duckdb.connect(str(tmp_path / "shop.duckdb"), read_only=True) as connection:
            assert connection.execute("select count(*) from many").fetchall() == [(20000,)]
        assert process.poll() is None


def test_a_place_for_private_files_that_is_missing_or_full_is_told(tmp_path: Path) -> None:
    make_shop(tmp_path)
    done = aegis("run", "rules.yml", "--db", "shop.duckdb", "--json", cwd=tmp_path, env={"TMPDIR": "/no/such/folder"})
    assert done.verdicts() == VERDICTS, "Python falls back to another place"
    for kilobytes, words in ((0, "there is no place for a private project"), (40, "gave no results")):
        limited = f'ulimit -f {kilobytes}; exec "$@"'
        ended = subprocess.run(
            ["bash", "-c", limited, "bash", *PROGRAM, "run", "rules.yml", "--db", "shop.duckdb", "--no-audit"],
            cwd=tmp_path,
            env=surroundings(tmp_path),
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 3, ended.stderr
        assert ended.stderr.startswith("aegis: ") and words in ended.stderr
