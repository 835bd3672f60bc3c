"""Macros as they were compiled before: to compile those of one suite takes half a second, to load them a hundredth."""

from __future__ import annotations

from contextlib import suppress
from pickle import UnpicklingError

from jinja2.bccache import Bucket, BytecodeCache, FileSystemBytecodeCache

from aegis.dbt.cache import cache_folder


class _MacroCache(FileSystemBytecodeCache):
    """A file that cannot be read or written costs time and nothing else. Jinja compares the source itself."""

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except (OSError, EOFError, UnpicklingError):
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def macro_cache() -> BytecodeCache | None:
    """In a folder that belongs to this user alone; None where there can be none."""
    folder = cache_folder("macros")
    if folder is None:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return None
    return _MacroCache(str(folder), "%s.cache")
