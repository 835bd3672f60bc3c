"""dbt as a subprocess, with a program that plays dbt."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from aegis.dbt.engine.executable import Dbt
from aegis.dbt.engine.invoke import Invocation, Progress, invoke
from aegis.errors import DbtError


def player(tmp_path: Path, body: str, version: str = "1.12.0") -> Dbt:
    path = tmp_path / "dbt"
    path.write_text(f"#!{sys.executable}\nimport json, os, signal, sys, time\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return Dbt(path, version)


def event(level: str = "info", msg: str = "", name: str = "X", **data: object) -> str:
    return json.dumps({"info": {"level": level, "msg": msg, "name": name}, "data": data})


def run(dbt: Dbt, folder: Path, **options: object) -> Invocation:
    return invoke(dbt, ["build"], project_dir=folder, profiles_dir=None, target=None, **options)  # type: ignore[arg-type]


def test_errors_are_kept_and_all_else_is_left_out(tmp_path: Path) -> None:
    lines = [
        event("info", "fine"),
        event("error", "\x1b[31mbroken\x1b[0m\n  0: <unknown>\n  14: clone3\n         at ./sysdeps/clone3.S:81:0"),
        event("error", "broken"),
        "a line that is no event",
        "{not json",
        '{"json": "but no event"}',
        "[1]",
        "",
    ]
    done = run(player(tmp_path, f"print({chr(10).join(lines)!r}); sys.exit(2)"), tmp_path)
    assert done.exit_code == 2 and done.ending == "exit code 2"
    assert done.errors == ("broken", "a line that is no event", "{not json", '{"json": "but no event"}', "[1]")


def test_progress_is_told_of_each_node_that_is_done(tmp_path: Path) -> None:
    node = {"unique_id": "model.shop.orders", "node_status": "success"}
    lines = [
        event(name="LogModelResult", node_info=node, status="OK", execution_time=1.5),
        event(name="NodeFinished", node_info=node),
        event(name="LogModelResult", node_info=None),
        event(name="LogModelResult", node_info={}),
        event(name="Else", node_info=node),
    ]
    told: list[Progress] = []
    run(player(tmp_path, f"print({chr(10).join(lines)!r})"), tmp_path, on_progress=told.append)
    assert told == [Progress("model.shop.orders", "OK", 1.5), Progress("model.shop.orders", "success", None)]


@pytest.mark.parametrize(("version", "told"), [("1.11.8", None), ("1.12.0", "false"), ("2.0.0-preview.196", None)])
def test_a_dbt_that_gives_advice_is_told_to_give_none(tmp_path: Path, version: str, told: str | None) -> None:
    body = "print(os.environ.get('DBT_ENGINE_HINTS_ENABLED'), file=open('seen', 'w'))"
    run(player(tmp_path, body, version), tmp_path, environment={})
    assert (tmp_path / "seen").read_text(encoding="utf-8").strip() == str(told)


def test_output_that_is_not_utf8_is_no_trouble(tmp_path: Path) -> None:
    done = run(player(tmp_path, "sys.stdout.buffer.write(b'caf\\xe9\\n')"), tmp_path)
    assert done.errors == ("caf\N{REPLACEMENT CHARACTER}",)


def test_a_signal_is_told_by_its_name(tmp_path: Path) -> None:
    assert run(player(tmp_path, "os.kill(os.getpid(), signal.SIGSEGV)"), tmp_path).ending == "ended by SIGSEGV"


def test_what_dbt_sees_is_what_it_is_given(tmp_path: Path) -> None:
    body = "print(os.getcwd(), sys.argv[1:], os.environ.get('ONLY'), os.environ.get('HOME'), file=open('seen', 'w'))"
    run(player(tmp_path, body), tmp_path, environment={"ONLY": "this"})
    seen = (tmp_path / "seen").read_text(encoding="utf-8")
    assert seen.startswith(f"{tmp_path} ['build', '--project-dir', '{tmp_path}', '--log-format', 'json'")
    assert seen.endswith("this None\n")


def test_a_program_that_cannot_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(DbtError, match="cannot be run"):
        run(Dbt(tmp_path / "none", "1.12.0"), tmp_path)


STUBBORN = """
signal.signal(signal.SIGINT, signal.SIG_IGN if sys.argv[1] == "x" else lambda *_: (open("cleaned", "w"), sys.exit(1)))
child = os.fork()
if child == 0:
    open("child", "w").write(str(os.getpid()))
    time.sleep(60)
open("ready", "w")
time.sleep(60)
"""


def test_an_interrupt_lets_dbt_clean_up_and_ends_what_it_started(tmp_path: Path) -> None:
    dbt = player(tmp_path, STUBBORN)

    def interrupt() -> None:
        while not ((tmp_path / "ready").exists() and (tmp_path / "child").exists()):
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(dbt, tmp_path)
    assert time.monotonic() - began < 8
    assert (tmp_path / "cleaned").exists()
    child = int((tmp_path / "child").read_text(encoding="utf-8"))
    deadline = time.monotonic() + 5
    while Path(f"/proc/{child}").exists() and " Z " not in Path(f"/proc/{child}/stat").read_text(encoding="utf-8"):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_callback_that_fails_does_not_leave_dbt_behind(tmp_path: Path) -> None:
    line = event(name="NodeFinished", node_info={"unique_id": "a.b.c", "node_status": "x"})
    dbt = player(tmp_path, f"print({line!r}, flush=True); open('pid', 'w').write(str(os.getpid())); time.sleep(60)")

    def fail(_progress: Progress) -> None:
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text(encoding="utf-8"):
            time.sleep(0.02)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        run(dbt, tmp_path, on_progress=fail)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text(encoding="utf-8")), 0)
