"""`aegis doctor`."""

from __future__ import annotations

import typer

from aegis.cli import options as o
from aegis.cli.output import say_cells

_MARKS = {True: "ok  ", False: "BAD ", None: "note"}


def add_to(app: typer.Typer) -> None:
    app.command(
        "doctor",
        short_help="Check that everything is there and fits together.",
        epilog="Example: aegis doctor --project-dir my_project",
    )(doctor)


def doctor(
    project_dir: o.ProjectDir = None,
    profiles_dir: o.ProfilesDir = None,
    target: o.Target = None,
    dbt: o.DbtPath = None,
    audit_db: o.AuditDb = None,
) -> None:
    """Check that runner, dbt, package, profile, warehouse and audit trail are there and fit together."""
    from aegis.app.doctor import doctor as look

    checks = look(o.connection(project_dir, profiles_dir, target, dbt), audit_db)
    for check in checks:
        say_cells(f"{_MARKS[check.ok]}  {check.name:<12} {check.told}")
        if check.hint:
            say_cells(f"      {'':<12} {check.hint}")
    if any(check.ok is False for check in checks):
        raise typer.Exit(3)
