"""`aegis show`."""

from __future__ import annotations

from typing import Annotated

import typer

from aegis.cli import options as o
from aegis.cli.output import say


def add_to(app: typer.Typer) -> None:
    app.command(
        "show",
        short_help="Show one cause or finding of a run in full, with its fix and how to undo it.",
        epilog="Examples: aegis show C1 · aegis show orders_customer_id_not_null --run r_7f3c",
    )(show)


def show(
    name: Annotated[str, typer.Argument(help="A cause (C1), a finding (F1) or a rule's id.")],
    run: Annotated[str, typer.Option("--run", help="A run id, the beginning of one, or latest.")] = "latest",
    no_color: o.NoColor = False,
    audit_db: o.AuditDb = None,
) -> None:
    """Show one cause or finding of a run in full: the rows, the SQL, the fix that was tried and how to undo it."""
    from aegis.analysis.record import open_trail
    from aegis.cli.output import terminal_options
    from aegis.report.one import render_one

    with open_trail(audit_db) as trail:
        report = trail.show(run)
    say(render_one(report, name, terminal_options(verbose=True, no_color=no_color)), end="")
