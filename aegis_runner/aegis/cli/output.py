"""What reaches stdout and stderr. stdout belongs to the report, stderr to progress and messages."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from aegis.errors import UsageError

if TYPE_CHECKING:
    from aegis.domain.report import Report


class Step(Protocol):
    """A dbt node that has finished."""

    unique_id: str
    status: str
    seconds: float | None


def colored(no_color: bool) -> bool:
    """Colours: only on a terminal, and never against NO_COLOR (https://no-color.org)."""
    return not no_color and not os.environ.get("NO_COLOR") and sys.stdout.isatty()


def write_file(path: Path, text: str) -> None:
    """Write a file the user named.

    Raises:
        UsageError: It cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=str(path)) from error


def emit(
    report: Report,
    *,
    json: bool,
    verbose: bool,
    quiet: bool,
    no_color: bool,
    output_json: Path | None,
    output_markdown: Path | None,
) -> None:
    """Print and write a report as asked."""
    from aegis.report import Options, render

    for path, name in ((output_json, "json"), (output_markdown, "markdown")):
        if path is not None:
            write_file(path, render(report, name))
    if json:
        print(render(report, "json"), end="")
        return
    if quiet and report.summary.exit_code == 0 and not report.errors:
        return
    size = shutil.get_terminal_size((100, 40))
    told = str(output_json or output_markdown) if output_json or output_markdown else None
    options = Options(width=size.columns, height=size.lines, color=colored(no_color), verbose=verbose, report_path=told)
    print(render(report, "terminal", options), end="")


class Progress:
    """One line on stderr that is rewritten as nodes finish; silent where stderr is no terminal."""

    def __init__(self, quiet: bool) -> None:
        self.shown = not quiet and sys.stderr.isatty()
        self._count = 0
        self._started = time.monotonic()

    def __call__(self, step: Step) -> None:
        self._count += 1
        name = step.unique_id.split(".")[2] if step.unique_id.count(".") >= 2 else step.unique_id
        seconds = time.monotonic() - self._started
        line = f"  {seconds:5.1f} s  {self._count} done  {name.removeprefix('aegis_')}  {step.status}"
        width = shutil.get_terminal_size((100, 40)).columns - 1
        sys.stderr.write("\r\x1b[K" + "".join(c for c in line if c.isprintable())[:width])
        sys.stderr.flush()

    def finish(self) -> None:
        if self.shown and self._count:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
