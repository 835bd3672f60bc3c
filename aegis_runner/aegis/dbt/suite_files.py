"""The folder of generated suites: written, compared, and cleared of what is ours and stale."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from aegis.dbt.compile import MARK, SuiteFile
from aegis.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Changes:
    """Names of suite files, by what writing them does (or would do)."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    same: tuple[str, ...]
    stale: tuple[str, ...]

    @property
    def any(self) -> bool:
        return bool(self.new or self.changed or self.stale)


def compare(folder: Path, suites: Iterable[SuiteFile]) -> Changes:
    """What writing these suites into the folder would change.

    Raises:
        ConfigError: A file of somebody else's has the name of a suite.
    """
    wanted = {suite.name: suite.text for suite in suites}
    found = {path.name: path for path in sorted(folder.glob("*.sql"))} if folder.is_dir() else {}
    texts = {name: path.read_text(encoding="utf-8", errors="replace") for name, path in found.items()}
    ours = {name for name, text in texts.items() if text.startswith(MARK)}
    foreign = sorted(name for name in wanted if name in found and name not in ours)
    if foreign:
        raise ConfigError(
            "a file that Aegis did not write has the name of a suite",
            where=str(folder / foreign[0]),
            hint="Move or rename it, then compile again. Nothing was written.",
        )
    return Changes(
        new=tuple(name for name in wanted if name not in found),
        changed=tuple(name for name in wanted if name in found and texts[name] != wanted[name]),
        same=tuple(name for name in wanted if name in found and texts[name] == wanted[name]),
        stale=tuple(sorted(ours - wanted.keys())),
    )


def write(folder: Path, suites: Iterable[SuiteFile]) -> Changes:
    """Make the folder hold exactly these suites, beside files of other people's.

    Raises:
        ConfigError: The folder cannot be written, or a file of somebody else's is in the way.
    """
    suites = tuple(suites)
    changes = compare(folder, suites)
    texts = {suite.name: suite.text for suite in suites}
    try:
        if texts:
            folder.mkdir(parents=True, exist_ok=True)
        for name in (*changes.new, *changes.changed):
            replace_file(folder / name, texts[name])
        for name in changes.stale:
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", where=str(error.filename or folder)) from error
    return changes


def replace_file(path: Path, text: str) -> None:
    """Write a file whole or not at all, even if the process ends in between."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
