"""The command `aegis`, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

import typer

from aegis.cli import analyze, audit, compile, doctor, init, report, rules, run, validate
from aegis.errors import EXIT_BUG, EXIT_INTERRUPTED, AegisError

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer(
    name="aegis",
    help="Finds bad data in dbt projects and reports it: what failed, what it breaks, which rows.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: aegis init · aegis analyze target/ · aegis run rules.yml --db warehouse.duckdb",
)


def _version(wanted: bool) -> None:
    if wanted:
        from aegis import __version__

        typer.echo(f"aegis {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Rules in YAML become dbt tests, one per table; `aegis analyze` tells what a build found."""


for module in (init, validate, compile, run, analyze, report, rules, audit, doctor):
    module.add_to(app)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit with its code."""
    try:
        app(args=list(arguments) if arguments is not None else None, standalone_mode=True)
    except AegisError as error:
        print(f"aegis: {_harmless(str(error))}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("aegis: stopped. What had finished is in the audit trail.", file=sys.stderr)
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has gone (`aegis … | head`); there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_INTERRUPTED)
    except Exception as error:
        _report_bug(error)
        sys.exit(EXIT_BUG)
    sys.exit(0)


def _harmless(text: str) -> str:
    """A message without control characters: parts of it come from files and databases."""
    return "".join(c if c == "\n" or (c.isprintable() or c == " ") else "\N{REPLACEMENT CHARACTER}" for c in text)


def _report_bug(error: Exception) -> None:
    """A bug gets a file with its traceback, and one line that says where it is."""
    import tempfile
    import traceback

    from aegis import __version__

    with tempfile.NamedTemporaryFile("w", prefix="aegis-bug-", suffix=".log", delete=False, encoding="utf-8") as file:
        file.write(f"aegis {__version__}, Python {sys.version}\ncommand: {sys.argv[1:2]}\n\n")
        traceback.print_exception(error, file=file)
    name = type(error).__name__
    print(f"aegis: a bug in Aegis ({name}). Its traceback is in {file.name}; please report it with that file,\n"
          "  after a look that it holds nothing private.", file=sys.stderr)  # fmt: skip
