"""Whose a connection on loopback is. Linux tells, in its tables of TCP connections (proc(5), ``/proc/net/tcp``)."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = 0
TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_LOCAL, _REMOTE, _STATE, _USER = 1, 2, 3, 7
_LISTENS = "0A"
LOOKS = 3
"""The table is no snapshot: while it changes a row may be missed, but hardly three times."""

Connection = tuple[str, int]


def is_ours(client: Connection, server: Connection) -> bool:
    """Whether a program of this user, or of root, holds the other end of a connection; true as well where the system
    does not tell."""
    for _ in range(LOOKS):
        rows = list(_rows())
        users = [row[_USER] for row in rows if _is(row[_LOCAL], client) and _is(row[_REMOTE], server)]
        if users:
            return all(int(user) in (ROOT, os.geteuid()) for user in users)
    # A table that does not even show that we listen (of a sandbox, say) says nothing of others.
    return not any(row[_STATE] == _LISTENS and _is(row[_LOCAL], server) for row in rows)


def _rows() -> Iterator[list[str]]:
    for table in TABLES:
        try:
            lines = table.read_text(encoding="ascii").splitlines()
        except (OSError, ValueError):
            continue  # not Linux, or a system that does not show it
        yield from (cells for cells in map(str.split, lines[1:]) if len(cells) > _USER)


def _is(cell: str, end: Connection) -> bool:
    """Whether a cell such as ``0100007F:2081`` is this address and port, as IPv4 or as IPv4 inside IPv6; an address is
    written as numbers of the machine's own byte order."""
    address, _, port = cell.partition(":")
    number = int.from_bytes(socket.inet_aton(end[0]), sys.byteorder)
    return int(port, 16) == end[1] and address[-8:] == f"{number:08X}"
