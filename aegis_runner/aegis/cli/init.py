"""`aegis init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aegis.cli.output import say


def add_to(app: typer.Typer) -> None:
    app.command(
        "init", short_help="Make a dbt project ready for rules.", epilog="Example: cd my_dbt_project && aegis init"
    )(init)


def init(
    project_dir: Annotated[Path, typer.Option("--project-dir", help="The dbt project.")] = Path(),
) -> None:
    """Make a dbt project ready for rules: the dbt package, its entry in the list of packages, a rules/ folder.

    Needs no network."""
    from aegis.app.init import init as prepare

    done = prepare(project_dir)
    for name in done.written:
        say(f"wrote  {name}")
    for name in done.kept:
        say(f"kept   {name}")
    for note in done.notes:
        say(f"note   {note}")
    say("next   " + "  →  ".join(done.next_steps))
