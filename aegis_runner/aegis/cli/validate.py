"""`aegis validate`."""

from __future__ import annotations

from typing import Annotated

import typer

from aegis.cli import options as o
from aegis.cli.output import say
from aegis.domain.text import plural


def add_to(app: typer.Typer) -> None:
    app.command(
        "validate",
        short_help="Check rules without running them: every error at once.",
        epilog="Examples: aegis validate rules/ · aegis validate rules.yml --db shop.duckdb",
    )(validate)


def validate(
    rules: o.Rules = None,
    db: o.Db = None,
    online: Annotated[bool, typer.Option("--online", help="Check against the project's warehouse too.")] = False,
    quiet: o.Quiet = False,
    project_dir: o.ProjectDir = None,
    profiles_dir: o.ProfilesDir = None,
    target: o.Target = None,
    dbt: o.DbtPath = None,
    wait: o.Wait = 0.0,
    warehouse: o.Warehouse = None,
) -> None:
    """Check rules without running them: every error at once, with file and line.

    With --db, --project-dir or --online also against the real columns, each expression tried on no rows.
    """
    from aegis.app.validate import validate as check

    done = check(
        rules or [],
        o.connection(project_dir, profiles_dir, target, dbt, wait, warehouse),
        database=o.database(db, project_dir),
        online=online or project_dir is not None or warehouse is not None,
    )
    if not quiet:
        tried = ", tried on no rows of the real tables" if done.tried else _untried(done.tables)
        say(f"{plural(done.rules, 'rule')} in {plural(done.files, 'file')}: fine{tried}")


def _untried(tables: bool) -> str:
    """What was not looked at: rules that are fine by themselves may still name what is not there."""
    return f"; {'' if tables else 'tables and '}columns were not checked (--online does)"
