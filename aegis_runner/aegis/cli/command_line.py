"""The words that a process was started with are shown to everybody on the machine: a password among them is blanked,
and of an address that is told of a run everything but its scheme."""

from __future__ import annotations

import re
import sys
from pathlib import Path

_PASSWORD = re.compile(
    rb"--notify[\0=][A-Za-z][A-Za-z0-9+.-]*://(?P<address>[^\0]+)"
    rb"|[a-z][a-z0-9+.-]*://[^\0/:@]*:(?P<password>[^\0/@]+)@|[?&](?:ssl)?password=(?P<setting>[^\0&]+)"
)


def hide_passwords() -> None:
    """Overwrite the passwords of addresses in this process's own command line, as `ps` shows it. ``sys.argv`` keeps
    them. Where the system gives no way to do so, they stay: AEGIS_DB and PGPASSWORD are the way then."""
    if not any("://" in word for word in sys.argv) or not sys.platform.startswith("linux"):
        return
    try:
        # After the last parenthesis: a program's name may hold anything. Fields 48 and 49 are arg_start and arg_end.
        fields = Path("/proc/self/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        words = Path("/proc/self/cmdline").read_bytes()
        start, end = int(fields[45]), int(fields[46])
    except (OSError, ValueError, IndexError):
        return
    if not 0 < start < end or len(words) > end - start:
        return
    import ctypes

    for found in _PASSWORD.finditer(words):
        first, last = found.span(found.lastgroup or 0)
        ctypes.memset(start + first, ord("*"), last - first)
