"""`aegis compile`."""

from __future__ import annotations

from typing import Annotated, get_args

import typer

from aegis.cli import options as o
from aegis.cli.choices import choice
from aegis.cli.output import say, tell
from aegis.domain.choices import Layout
from aegis.domain.text import plural
from aegis.errors import EXIT_FINDINGS


def add_to(app: typer.Typer) -> None:
    app.command(
        "compile",
        short_help="Write the rules as dbt tests, one per table.",
        epilog="Examples: aegis compile · aegis compile --check (in CI)",
    )(compile_)


def compile_(
    rules: o.Rules = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if the suites are out of date.")
    ] = False,
    declare_sources: Annotated[
        bool, typer.Option("--declare-sources", help="Write a sources file for tables that dbt does not know.")
    ] = False,
    layout: Annotated[
        Layout, choice("--layout", of=get_args(Layout), help="One dbt test per table, or per rule")
    ] = "suite",
    quiet: o.Quiet = False,
    project_dir: o.ProjectDir = None,
    profiles_dir: o.ProfilesDir = None,
    target: o.Target = None,
    dbt: o.DbtPath = None,
) -> None:
    """Write the project's rules as dbt tests, one per table, into aegis/ under its test path."""
    from aegis.app.compile import compile_rules
    from aegis.connection.project import resolve_project

    found = resolve_project(None, o.connection(project_dir, profiles_dir, target, dbt))
    done = compile_rules(rules or [], found, check=check, declare_sources=declare_sources, layout=layout)
    folder = found.project.shown(done.folder)
    if done.declared is not None and not quiet:
        say(f"declared  {found.project.shown(done.declared)}")
    for word, names in (("new", done.changes.new), ("changed", done.changes.changed), ("removed", done.changes.stale)):
        for name in names:
            if not quiet:
                say(f"{'would be ' if check else ''}{word}  {folder}/{name}")
    if check and done.changes.any:
        tell("aegis: the suites are out of date; run `aegis compile` and commit the result")
        raise typer.Exit(EXIT_FINDINGS)
    if not quiet:
        say(f"{plural(done.rules, 'rule')} in {plural(len(done.suites), 'suite')} in {folder}/")
