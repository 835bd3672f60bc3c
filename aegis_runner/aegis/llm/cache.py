"""Answers to questions that were asked before: one file each. Nothing is lost with a file that is lost."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from aegis.domain.base import Frozen

_FORM = 1
"""Goes up when what is stored means something else."""


class Kept(Frozen):
    """What is kept of an answer. The question is in the file's name only, and only as a hash."""

    provider: str
    model: str
    response: str


class Cache:
    """A folder of answers, for its owner's eyes only. Several processes may use it at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @staticmethod
    def key(*parts: object) -> str:
        """The name of a question: the sha256 of all that decides its answer."""
        return hashlib.sha256(json.dumps([_FORM, *parts], sort_keys=True).encode()).hexdigest()

    def find(self, key: str) -> Kept | None:
        """What was kept; a file that is not there, cannot be read or is garbage is no answer."""
        try:
            return Kept.model_validate_json(self._path(key).read_bytes())
        except (OSError, ValidationError):
            return None

    def keep(self, key: str, kept: Kept) -> None:
        """Write an answer, whole or not at all. A folder that cannot be written costs the next question, no more."""
        path = self._path(key)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")  # made with mode 0600
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(kept.model_dump_json())
                Path(temporary).replace(path)
            except OSError:
                Path(temporary).unlink(missing_ok=True)
                raise

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"


def default_folder() -> Path:
    return Path.home() / ".aegis" / "cache" / "llm"
