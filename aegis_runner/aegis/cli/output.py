"""What reaches stdout and stderr. stdout belongs to the report, stderr to progress and messages.

Every command prints through `say`: a reader that has gone (``| head``) changes nothing about what a command does or
how it exits, a full disk behind stdout is an error in words, and signs that the terminal's encoding lacks are put in
plain ones.
"""

from __future__ import annotations

import codecs
import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from aegis.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import JsonValue

    from aegis.cli.choices import OutputFile
    from aegis.dbt.engine.invoke import Progress as Step
    from aegis.domain.report import Report
    from aegis.report import Options

# ruff: noqa: RUF001
_PLAIN = {
    "·": "-", "•": "*", "●": "*", "▲": "!", "✔": "+", "✖": "x", "○": "o", "…": "...", "→": "->", "─": "-", "►": ">",
    "≤": "<=", "×": "x", "−": "-", "–": "-", "—": "-", "«": '"', "»": '"', "‘": "'", "’": "'", "“": '"', "”": '"',
    "▒": "#",
}  # fmt: skip


_FOR_PEOPLE = ("terminal", "markdown")
"""Formats of which a terminal may show plain signs for those that it lacks; others are UTF-8 everywhere."""


def _in_plain_signs(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_PLAIN.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


def prepare_streams() -> None:
    """Make stdout and stderr take any text, whatever the locale, and be there at all (``>&-`` closes them)."""
    codecs.register_error("aegis-plain", _in_plain_signs)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, _nowhere())
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="aegis-plain")


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def say(text: str, end: str = "\n") -> None:
    """Print to stdout.

    Raises:
        UsageError: What stdout leads to cannot be written.
    """
    try:
        sys.stdout.write(text + end)
        sys.stdout.flush()
    except BrokenPipeError:
        _nobody_reads()
    except OSError as error:
        _nobody_reads()
        raise UsageError(f"cannot be written: {error.strerror}", where="the output") from error


def _nobody_reads() -> None:
    """What is still in the buffer would fail again when Python ends; from here on it goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def say_cells(*cells: str) -> None:
    """Print one line of texts that came from data, without anything that could move the cursor."""
    say("  ".join(sanitize_text(cell).replace("\n", " ") for cell in cells).rstrip())


def say_json(value: JsonValue) -> None:
    """Print a value as JSON."""
    import json

    say_utf8(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def say_utf8(text: str) -> None:
    """Print what must keep every sign: JSON and YAML are UTF-8 whatever the terminal's encoding."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    say(text, end="")


def sanitize_text(text: str) -> str:
    """A text without control characters: parts of it come from files and databases."""
    return "".join(c if c == "\n" or c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def tell(text: str) -> None:
    """A message on stderr. Nobody may be reading it, which changes nothing."""
    try:
        print(sanitize_text(text), file=sys.stderr, flush=True)
    except OSError:
        return


def colored(no_color: bool) -> bool:
    """Colours: only on a terminal, and never against NO_COLOR (https://no-color.org)."""
    return not no_color and not os.environ.get("NO_COLOR") and sys.stdout.isatty()


def write_file(path: Path, text: str) -> None:
    """Write a file the user named.

    Raises:
        UsageError: It cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=str(path)) from error


def emit(
    report: Report,
    *,
    json: bool,
    verbose: bool,
    quiet: bool,
    no_color: bool,
    files: Sequence[OutputFile] = (),
    recorded: bool = True,
    path_prefix: str = "",
) -> None:
    """Print and write a report as asked. A file that cannot be written costs neither the printed report nor the other
    files.

    Raises:
        UsageError: A file cannot be written.
    """
    from aegis.report import render

    unwritten: UsageError | None = None
    for file in files:
        try:
            write_report(report, file.format, file.path, path_prefix=path_prefix)
        except UsageError as error:
            unwritten = unwritten or error
    if json:
        say_utf8(render(report, "json"))
    elif not quiet or report.summary.exit_code != 0 or report.errors or report.reservations:
        told = None if unwritten or not files else files[0].path
        say_report(report, "terminal", verbose=verbose, no_color=no_color, report_path=told, recorded=recorded)
    if unwritten is not None:
        raise unwritten


def say_report(
    report: Report,
    format: str,
    *,
    verbose: bool,
    no_color: bool,
    report_path: Path | None = None,
    recorded: bool = True,
    path_prefix: str = "",
) -> None:
    """Print a report in one of the formats, as wide as the terminal is."""
    from dataclasses import replace

    from aegis.report import render

    options = terminal_options(verbose=verbose, no_color=no_color, report_path=report_path)
    options = replace(options, recorded=recorded, path_prefix=path_prefix)
    (_say_whole if format in _FOR_PEOPLE else say_utf8)(render(report, format, options))


def write_report(report: Report, format: str, path: Path, *, verbose: bool = False, path_prefix: str = "") -> None:
    """Write a report to a file in one of the formats.

    Raises:
        UsageError: It cannot be written.
    """
    from aegis.report import Options, render

    write_file(path, render(report, format, Options(verbose=verbose, path_prefix=path_prefix)))


def terminal_options(*, verbose: bool, no_color: bool, report_path: Path | None = None) -> Options:
    """As wide as the terminal is."""
    from aegis.report import Options

    size = shutil.get_terminal_size((100, 40))
    told = str(report_path) if report_path else None
    return Options(width=size.columns, height=size.lines, color=colored(no_color), verbose=verbose, report_path=told)


def _say_whole(text: str) -> None:
    say(text, end="")


class Progress:
    """One line on stderr that is rewritten as nodes finish and questions are asked; silent where stderr is no
    terminal."""

    def __init__(self, quiet: bool) -> None:
        self.shown = not quiet and sys.stderr.isatty()
        self._count = 0
        self._written = False
        self._started = time.monotonic()

    def __call__(self, step: Step) -> None:
        self._count += 1
        name = step.unique_id.split(".")[2] if step.unique_id.count(".") >= 2 else step.unique_id
        self._write(f"{self._count} done  {name.removeprefix('aegis_')}  {step.status}")

    def asks(self, purpose: str) -> None:
        """A question that the warehouse is asked."""
        self._write(purpose)

    def finish(self) -> None:
        if self._written:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _write(self, words: str) -> None:
        line = f"  {time.monotonic() - self._started:5.1f} s  {words}"
        width = shutil.get_terminal_size((100, 40)).columns - 1
        sys.stderr.write("\r\x1b[K" + "".join(c for c in line if c.isprintable())[:width])
        sys.stderr.flush()
        self._written = True
