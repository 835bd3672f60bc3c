"""The tests' own PostgreSQL: private, and gone afterwards, however the session ends."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg2
import pytest

from integration_tests import servers
from integration_tests.servers import PostgresServer

ROOT = Path(__file__).resolve().parents[1]
KILLED = """
import os, sys
from integration_tests.servers import postgres_server
with postgres_server() as server:
    print(server.port, flush=True)
    os.kill(os.getpid(), 9)
"""


def answers(server: PostgresServer) -> bool:
    try:
        psycopg2.connect(server.dsn, connect_timeout=5).close()
    except psycopg2.OperationalError:
        return False
    return True


@pytest.mark.postgres
def test_a_server_runs_inside_the_block_and_leaves_nothing() -> None:
    with servers.postgres_server() as server:
        assert answers(server)
    assert not answers(server)


@pytest.mark.postgres
def test_two_servers_do_not_disturb_each_other(postgres: PostgresServer) -> None:
    with servers.postgres_server() as other:
        assert other.port != postgres.port
    assert answers(postgres)


@pytest.mark.postgres
def test_the_server_of_a_killed_session_is_removed_by_the_next() -> None:
    before = set(Path(tempfile.gettempdir()).glob(f"{servers.PREFIX}*"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    killed = subprocess.run(
        [sys.executable, "-c", KILLED], capture_output=True, text=True, env=environment, check=False
    )
    assert killed.returncode == -9, killed.stderr
    left = PostgresServer(port=int(killed.stdout))
    folders = set(Path(tempfile.gettempdir()).glob(f"{servers.PREFIX}*")) - before
    servers.remove_stale()
    assert not answers(left)
    assert not [folder for folder in folders if (folder / "data" / "PG_VERSION").exists() and not owned(folder)]


def owned(folder: Path) -> bool:
    """Does a session that is alive use this folder? (Another worker may have started one meanwhile.)"""
    try:
        os.kill(int((folder / servers.OWNER).read_text(encoding="ascii")), 0)
    except (OSError, ValueError):
        return False
    return True


@pytest.mark.postgres
def test_a_program_that_fails_shows_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(servers.ServerError, match="pg_ctl: directory"):
        servers.call([servers.find_programs(tmp_path) / "pg_ctl", "status", "-D", "/no such directory at all"])
