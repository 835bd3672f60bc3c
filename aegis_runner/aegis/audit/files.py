"""Writing what leaves the trail: whole or not at all, over nothing that is there, and for its owner only."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from pydantic import JsonValue

from aegis.errors import UsageError

# Readers of lines, and YAML, take some of these for the end of a line, and YAML takes others not at all.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def json_text(value: JsonValue, indent: int | None = None) -> str:
    """JSON that is YAML too, and without ``indent`` one line whoever splits it."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    if text.isascii() and "\x7f" not in text:  # the usual text, at once
        return text + "\n"
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"


def check_free(path: Path, *, force: bool) -> Path:
    """Where to write, links followed.

    Raises:
        UsageError: something is there, and ``force`` is off or it is no plain file; or there is no such folder.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        raise UsageError("this file cannot be overwritten", where=str(path), hint="Name another file.")
    if target.exists() and not force:
        raise UsageError(
            "there is a file of this name; it was left alone", where=str(path), hint="Name another, or give --force."
        )
    if not target.parent.is_dir():
        raise UsageError("there is no such folder", where=str(path.parent), hint="Make it first.")
    return target


def write_private(path: Path, texts: Iterable[str], *, force: bool) -> None:
    """Write a file, 0600, under another name first: until all is written, nobody sees it and nothing is replaced.

    Raises:
        UsageError: something is there and ``force`` is off, or it cannot be written.
    """
    target = check_free(path, force=force)
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    except OSError as error:
        raise _unwritten(path, error) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="\n") as file:
            for text in texts:
                file.write(text)
            file.flush()
            os.fsync(file.fileno())
        check_free(path, force=force)  # it may have come in the meantime
        Path(temporary).replace(target)
    except OSError as error:
        raise _unwritten(path, error) from error
    finally:
        Path(temporary).unlink(missing_ok=True)


def _unwritten(path: Path, error: OSError) -> UsageError:
    reason = error.strerror or str(error)
    return UsageError(f"cannot be written: {reason}", where=str(path), hint="Nothing was left there.")
