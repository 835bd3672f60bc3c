"""The command `aegis`, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from typer.core import TyperGroup

from aegis.cli import analyze, audit, compile, dbt, doctor, init, report, rules, run, show, ui, validate
from aegis.cli.output import prepare_streams, say, tell
from aegis.errors import EXIT_BUG, EXIT_INTERRUPTED, AegisError

if TYPE_CHECKING:
    from collections.abc import Sequence


class _Commands(TyperGroup):
    """All commands; what stops one is told here, before Typer takes an interrupt for its own business.

    Their list is plain text: drawing boxes costs more than all else that `aegis --help` does.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings | {"rich_markup_mode": None})

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # Typer's Context is Click's
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            tell("aegis: stopped. What had finished before is in the audit trail.")
            raise typer.Exit(EXIT_INTERRUPTED) from None


app = typer.Typer(
    name="aegis",
    cls=_Commands,
    help="Finds bad data in dbt projects and reports it: what failed, what it breaks, which rows.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with: aegis init · aegis analyze target/ · aegis run rules.yml --db warehouse.duckdb",
)


def _version(wanted: bool) -> None:
    if wanted:
        from aegis import __version__

        say(f"aegis {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Rules in YAML become dbt tests, one per table; `aegis analyze` tells what a build found."""


for module in (init, validate, compile, run, analyze, show, report, rules, dbt, audit, ui, doctor):
    module.add_to(app)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit with its code."""
    _start_lean()
    prepare_streams()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app(args=list(arguments) if arguments is not None else None)
    except AegisError as error:
        tell(f"aegis: {error}")
        sys.exit(error.exit_code)
    except Exception as error:  # a bug: told, with its traceback in a file
        _report_bug(error)
        sys.exit(EXIT_BUG)
    sys.exit(0)


def command() -> NoReturn:
    """`main` as a program, which ends at once: to take all modules apart first is a tenth of a short run."""
    try:
        main()
    except SystemExit as ended:
        code = ended.code or 0
        if not isinstance(code, int) or _has_threads_to_wait_for():
            raise
        try:
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
        except (OSError, ValueError):
            raise ended from None  # Python has words for a stream that cannot be written, or is closed
        os._exit(code)


def _has_threads_to_wait_for() -> bool:
    """Not those of a driver whose database does not answer: they may never end."""
    worker = sys.modules.get("aegis.warehouse.worker")
    if worker is not None and worker.left_behind():
        return False
    return sum(not one.daemon for one in threading.enumerate()) > 1


def _start_lean() -> None:
    """A command lives for a second: looking for pydantic plug-ins in every installed distribution, and collecting
    cycles while modules are still being loaded, would be a tenth of that."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.set_threshold(50_000, 20, 20)


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    """SIGTERM (a cancelled job) ends a command as Ctrl-C does: dbt is stopped, private folders are removed."""
    raise KeyboardInterrupt


def _report_bug(error: Exception) -> None:
    """A bug gets a file with its traceback, and one line that says where it is."""
    import tempfile
    import traceback

    from aegis import __version__

    name = type(error).__name__
    about = f"aegis {__version__}, Python {sys.version}\ncommand: {sys.argv[1:2]}\n\n"
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="aegis-bug-", suffix=".log", delete=False, encoding="utf-8", errors="replace"
        ) as file:
            file.write(about)
            traceback.print_exception(error, file=file)
    except OSError:
        # No place for a file (a full disk, say): then the traceback itself is what can be reported.
        traceback.print_exception(error)
        tell(f"aegis: a bug in Aegis ({name}). Please report it with this traceback.")
        return
    tell(
        f"aegis: a bug in Aegis ({name}). Its traceback is in {file.name}; please report it with that file,\n"
        "  after a look that it holds nothing private."
    )
