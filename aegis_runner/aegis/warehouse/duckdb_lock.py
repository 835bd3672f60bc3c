"""Who holds a DuckDB file open, asked of the operating system.

DuckDB locks the whole file by POSIX record locks: writers exclusively, readers shared; a build needs it alone. Linux
lists all locks in /proc/locks (proc(5)). The file is not opened for this: to close it again would end a lock that
this very process may have on it (fcntl(2)).
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from aegis.errors import WarehouseError

_LOCKS = Path("/proc/locks")


def holder(path: Path) -> int | None:
    """The id of a process that holds the file; None where none does, or where nobody can tell."""
    try:
        found = path.stat()
        locks = _LOCKS.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return None
    place = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
    for line in locks.splitlines():
        # `1: POSIX ADVISORY WRITE 4711 fd:01:1835 0 EOF`; one that waits for a lock has an arrow before its kind.
        words = line.split()
        if len(words) == 8 and words[5] == place and words[4].isdigit():
            return int(words[4])
    return None


def wait_until_free(path: Path, seconds: float) -> None:
    """Return once nobody holds the file.

    Raises:
        WarehouseError: Somebody still does after so many seconds.
    """
    deadline = time.monotonic() + seconds
    while (pid := holder(path)) is not None:
        if time.monotonic() >= deadline:
            raise in_use(path, pid, _program(pid))
        time.sleep(0.2)


def in_use(path: Path, pid: int, program: str) -> WarehouseError:
    """The file is somebody else's for now."""
    return WarehouseError(
        f"is in use by another process (pid {pid}{', ' + program if program else ''})",
        where=str(path),
        hint="Close it, or wait with --wait 60. Nothing was changed.",
    )


def _program(pid: int) -> str:
    """The name of a process, as far as it may be known."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
