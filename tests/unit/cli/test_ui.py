"""`aegis ui` as a program: it says its address, ends with Ctrl-C, and says what is missing."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from aegis.audit import AuditTrail
from aegis.cli.main import app
from aegis.errors import AuditError, ConfigError, UsageError
from tests.unit.audit.support import a_report

PROGRAM = "from aegis.cli import main; main()"


@pytest.fixture
def trail(tmp_path: Path) -> Path:
    path = tmp_path / "history.db"
    with AuditTrail.open(path) as opened:
        opened.finish_run(a_report("r_1"))
    return path


def failed(*words: str) -> BaseException:
    done = CliRunner().invoke(app, ["ui", *words])
    assert done.exception is not None
    return done.exception


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_says_its_address_answers_there_and_ends_when_it_is_stopped(trail: Path, sign: signal.Signals) -> None:
    command = [sys.executable, "-c", PROGRAM, "ui", "--port", "0", "--audit-db", str(trail)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None and server.stderr is not None
            line = server.stdout.readline()
            assert str(trail) in line
            assert "r_1" in httpx.get(line.split()[0], trust_env=False).text
            server.send_signal(sign)
            assert server.wait(20) == 0
            assert server.stderr.read() == ""
        finally:
            server.kill()


def test_a_missing_trail_is_told_before_anything_is_served(tmp_path: Path) -> None:
    error = failed("--audit-db", str(tmp_path / "none.db"))
    assert isinstance(error, AuditError) and "there is no audit trail here yet" in str(error)
    assert not list(tmp_path.iterdir()), "and none is made"


def test_a_file_that_is_not_a_trail_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_text("no trail " * 100)
    assert isinstance(error := failed("--audit-db", str(path)), AuditError)
    assert "not an audit trail" in str(error)


def test_a_port_in_use_is_told_with_another_way(trail: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        error = failed("--audit-db", str(trail), "--port", str(port))
    assert isinstance(error, UsageError) and f"port {port}" in str(error) and "--port" in str(error)


def test_without_the_extra_it_says_what_to_install(trail: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aegis.ui.serve.find_spec", lambda name: None)
    error = failed("--audit-db", str(trail))
    assert isinstance(error, ConfigError) and "pip install 'aegis-dbt[ui]'" in str(error)
