"""What dbt 1 remembers of a parse, kept between runs of private projects.

Parsing the adapter's and our macros anew costs a second of CPU; with its own ``partial_parse.msgpack`` in place dbt
parses only what has changed, and it checks that itself. The cache is a convenience: a run without it is only slower.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from aegis.dbt.cache import cache_folder

_FILE = "partial_parse.msgpack"
_KEPT = 20


def key(*parts: str) -> str:
    """A file name for what must be the same for dbt to use a parse again."""
    return sha256("\0".join(parts).encode()).hexdigest()[:32]


def restore(name: str, target_dir: Path) -> None:
    """Put a kept parse where dbt looks for it, if there is one."""
    folder = cache_folder("parse")
    if folder is None or not (folder / name).is_file():
        return
    with suppress(OSError):  # slower without it, and as right
        target_dir.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / name, target_dir / _FILE)


def keep(name: str, target_dir: Path) -> None:
    """Keep dbt's parse for the next run, and only the newest few of all."""
    folder, made = cache_folder("parse"), target_dir / _FILE
    if folder is None or not made.is_file():
        return
    with suppress(OSError):  # a read-only home costs speed, never a run
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = folder / f".{name}.{os.getpid()}"
        shutil.copyfile(made, partial)
        partial.chmod(0o600)
        partial.replace(folder / name)
        old = sorted(folder.glob("[0-9a-f]*"), key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT:]
        for path in old:
            path.unlink(missing_ok=True)
