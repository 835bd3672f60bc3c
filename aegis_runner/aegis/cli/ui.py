"""`aegis ui`: the audit trail in a browser of this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from aegis.cli import options as o
from aegis.cli.output import say


def add_to(app: typer.Typer) -> None:
    app.command("ui", short_help="Show the audit trail in a browser: runs, rules, decisions, cost, search.")(ui)


def ui(
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port of 127.0.0.1; 0 takes a free one.")
    ] = 8321,
    open_: Annotated[bool, typer.Option("--open", help="Open a browser, too.")] = False,
    audit_db: o.AuditDb = None,
) -> None:
    """Show the audit trail in a browser of this machine, read-only, until Ctrl-C.

    The pages are served on 127.0.0.1 alone, load nothing from elsewhere and change nothing.
    """
    from aegis.analysis.record import trail_path
    from aegis.ui.serve import serve

    trail = trail_path(audit_db)

    def ready(address: str) -> None:
        say(f"{address}  (the audit trail {trail}; Ctrl-C ends it)")
        if open_:
            _open(address)

    serve(trail, port, ready)


def _open(address: str) -> None:
    """In a thread: some browsers end only when they are closed."""
    import threading
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
