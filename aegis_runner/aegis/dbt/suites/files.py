"""The folder of generated suites: written, compared, and cleared of what is ours and stale."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aegis.dbt.suites.compile import MARK, SuiteFile
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
    texts = _read(folder)
    ours = {name for name, text in texts.items() if is_ours(text)}
    foreign = sorted(name for name in wanted if name in texts and name not in ours)
    if foreign:
        raise ConfigError(
            "a file that Aegis did not write has the name of a suite",
            where=str(folder / foreign[0]),
            hint="Move or rename it, then compile again. Nothing was written.",
        )
    return Changes(
        new=tuple(name for name in wanted if name not in texts),
        changed=tuple(name for name in wanted if name in texts and texts[name] != wanted[name]),
        same=tuple(name for name in wanted if name in texts and texts[name] == wanted[name]),
        stale=tuple(sorted(ours - wanted.keys())),
    )


def is_ours(text: str) -> bool:
    """Whether Aegis wrote a file. A merge that conflicts in its first line puts a marker before it."""
    return text.startswith(MARK) or (text.startswith("<<<<<<< ") and MARK in text[:2000])


def _read(folder: Path) -> dict[str, str]:
    """Texts of the SQL files in a folder, by name.

    Raises:
        ConfigError: The folder or a file cannot be read.
    """
    try:
        paths = [path for path in sorted(folder.glob("*.sql")) if path.is_file()] if folder.is_dir() else []
        return {path.name: path.read_text(encoding="utf-8", errors="replace") for path in paths}
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(error.filename or folder)) from error


@contextmanager
def set_aside(folder: Path, place: Path) -> Iterator[bool]:
    """Generated suites moved out of dbt's sight, and back afterwards; whether there were any.

    A generated file that dbt cannot parse (a merge conflict, the package taken out) must not keep dbt from telling
    which tables there are, which is all that is needed to generate it anew.
    """
    names = [name for name, text in _read(folder).items() if is_ours(text)]
    try:
        if names:
            place.mkdir(parents=True, exist_ok=True)
        for name in names:
            (folder / name).replace(place / name)
        yield bool(names)
    finally:
        for name in names:
            if (place / name).is_file():
                (place / name).replace(folder / name)


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
    except BaseException:  # whatever it is, it is raised again
        Path(name).unlink(missing_ok=True)
        raise
