"""`aegis report`: a saved report again, in any format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aegis.cli import options as o
from aegis.cli.output import say_report


def add_to(app: typer.Typer) -> None:
    app.command("report", epilog="Example: aegis report report.json --format markdown")(report)


def report(
    file: Annotated[Path, typer.Argument(help="A report that --output-json wrote.")],
    format: Annotated[str, typer.Option("--format", "-f", help="terminal, json or markdown.")] = "terminal",
    verbose: o.Verbose = False,
    no_color: o.NoColor = False,
) -> None:
    """Render a saved report again."""
    from aegis.errors import UsageError
    from aegis.report.json import load_report

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot be read: {getattr(error, 'strerror', None) or error}", where=str(file)) from error
    say_report(load_report(text), format, verbose=verbose, no_color=no_color)
