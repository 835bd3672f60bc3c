"""Options that take one word of a few, and those that take such a word and a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import typer


def choice(*names: str, of: Iterable[str], help: str, called: str | None = None, **settings: Any) -> Any:
    """An option that is one of ``of``: they are listed behind ``help``, and a wrong word is refused with the nearest
    right one; ``called`` is what people call such a word, where there is a name for it."""
    accepted = tuple(of)
    long = next(name for name in names if name.startswith("--"))
    parser = partial(_one_of, long, accepted, called)
    listed = " or ".join(filter(None, [", ".join(accepted[:-1]), accepted[-1]]))
    return typer.Option(*names, parser=parser, metavar="<word>", help=f"{help}: {listed}.", **settings)


def _one_of(option: str, accepted: tuple[str, ...], called: str | None, value: str) -> str:
    """A word that must be one of a few.

    Raises:
        UsageError: It is not; the nearest one is named.
    """
    word = value.strip().casefold()
    if word in accepted:
        return word
    from difflib import get_close_matches

    from aegis.errors import UsageError

    near = get_close_matches(word, accepted, n=1)
    guess = f"did you mean {near[0]}? " if near else ""
    hint = f"{guess}It is one of {', '.join(accepted)}."
    if called is not None:
        raise UsageError(f"invalid {called} {value!r}", where=option, hint=hint)
    raise UsageError(f"{option} cannot be {value!r}", hint=hint)


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file to write, and in which format."""

    format: str
    path: Path


def output_file(value: str) -> OutputFile:
    """``sarif=aegis.sarif``.

    Raises:
        UsageError: It is not of that form, or there is no such format.
    """
    from aegis.errors import UsageError
    from aegis.report import FORMATS

    word, _, file = value.partition("=")
    if not file:
        hint = "It is a format, an equals sign and a file: --output sarif=aegis.sarif."
        raise UsageError(f"--output cannot be {value!r}", hint=hint)
    return OutputFile(_one_of("--output", FORMATS, "report format", word), Path(file))
