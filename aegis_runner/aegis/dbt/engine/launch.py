"""dbt as a process: how it is started and ended, whatever is done with what it says."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from aegis.dbt.engine.executable import Dbt
from aegis.errors import DbtError, WarehouseError

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
"""Colours, which some messages have whatever dbt is told."""


def _quiet(dbt: Dbt) -> dict[str, str]:
    """No telemetry, and no advice on how to parse faster: dbt 1.12 notes in ``~/.dbt`` that it gave it. (dbt 2 refuses
    a variable of this prefix that it does not know.)"""
    quiet = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    if (1, 12) <= dbt.release < (2,):
        quiet["DBT_ENGINE_HINTS_ENABLED"] = "false"
    return quiet


def command_line(
    dbt: Dbt, arguments: Sequence[str], project_dir: Path, profiles_dir: Path | None, target: str | None
) -> list[str]:
    """A dbt command on one project; a profiles folder or target of None is left to dbt."""
    command = [str(dbt.path), *arguments, "--project-dir", str(project_dir)]
    if profiles_dir is not None:
        command += ["--profiles-dir", str(profiles_dir)]
    if target is not None:
        command += ["--target", target]
    return command


def launch(
    dbt: Dbt,
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str] | None,
    *,
    stderr: int,
    own_group: bool = True,
) -> subprocess.Popen[str]:
    """Start dbt in ``folder``. ``environment`` is what it sees instead of this process's own.

    In a group of its own a terminal's Ctrl-C reaches Aegis only, which passes it on once: see `stop`.

    Raises:
        DbtError: It cannot be started.
        WarehouseError: The command is longer than the operating system takes, as only a query makes it.
    """
    env = dict(os.environ if environment is None else environment)
    for name, value in _quiet(dbt).items():
        env.setdefault(name, value)
    try:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            encoding="utf-8",
            errors="replace",
            process_group=0 if own_group and os.name == "posix" else None,
        )
    except OSError as error:
        if error.errno == errno.E2BIG:
            raise WarehouseError("the query is too long for the command line of dbt") from error
        raise DbtError(f"cannot be run: {error.strerror or error}", where=command[0]) from error


@contextmanager
def killed_after(seconds: float | None, process: subprocess.Popen[str]) -> Iterator[None]:
    """Kill the process if the block takes longer.

    Raises:
        DbtError: It did.
    """
    if seconds is None:
        yield
        return
    late = threading.Event()

    def kill() -> None:
        late.set()
        # The group, though its leader may have ended: a child of it holds the pipe that is read.
        with suppress(ProcessLookupError):
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()

    timer = threading.Timer(seconds, kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    if late.is_set():
        raise DbtError(f"dbt took longer than {seconds:g} s")


def stop(process: subprocess.Popen[str]) -> None:
    """End a dbt in a group of its own, and what it started: as Ctrl-C does, then less politely. A second interrupt ends
    it at once."""
    ended = False
    try:
        for sent, patience in ((signal.SIGINT, 10), (signal.SIGTERM, 5)):
            _send(process, sent)
            try:
                process.communicate(timeout=patience)
                ended = True
                return
            except subprocess.TimeoutExpired:
                continue
    finally:
        if not ended:
            _send(process, signal.SIGKILL)
            process.wait()


def _send(process: subprocess.Popen[str], sent: signal.Signals) -> None:
    """To the whole group, though its leader may have ended: what it started is not left behind."""
    if os.name == "posix":
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sent)
    else:
        process.terminate()
