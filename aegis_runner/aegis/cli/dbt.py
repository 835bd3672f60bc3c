"""`aegis dbt generate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aegis.cli import options as o
from aegis.cli.output import Progress, say, say_utf8, tell
from aegis.domain.text import plural
from aegis.errors import UsageError

if TYPE_CHECKING:
    from aegis.app.generate import GeneratedFiles

_MOST_NAMES = 20


def add_to(app: typer.Typer) -> None:
    dbt = typer.Typer(help="Rules from what a dbt project has: generate.", no_args_is_help=True)

    @dbt.callback()
    def _group() -> None:
        """Rules from what a dbt project has."""

    dbt.command(
        "generate",
        epilog="Examples: aegis dbt generate target/ > rules/from_dbt.yml · aegis dbt generate target/ -o rules/dbt/",
    )(generate)
    app.add_typer(dbt, name="dbt")


def generate(
    manifest: Annotated[Path, typer.Argument(help="dbt's manifest.json, or the target folder that holds it.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A rules file (.yml), or a folder for one of each table; printed if none."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over files that are not ours, or were changed.")
    ] = False,
    propose: Annotated[
        bool, typer.Option("--propose", help="Also propose rules that the columns suggest, as drafts, each run first.")
    ] = False,
    quiet: o.Quiet = False,
    db: o.Db = None,
    project_dir: o.ProjectDir = None,
    profiles_dir: o.ProfilesDir = None,
    target: o.Target = None,
    dbt: o.DbtPath = None,
    wait: o.Wait = 0.0,
) -> None:
    """Write rules for the dbt tests of a project: the same checks, with the same verdicts.

    What no rule can say is listed with its reason. With --propose also drafts of rules that are missing."""
    from aegis.app.generate import ProposeOptions, generate_rules

    if not propose and db is not None:
        raise UsageError("--db is for the proposals", hint="Add --propose, or leave it out.")
    options, progress = None, None
    if propose:
        connection = o.connection(project_dir, profiles_dir, target, dbt, wait)
        progress = Progress(quiet)
        options = ProposeOptions(connection, o.database(db, project_dir), progress.asks if progress.shown else None)
    try:
        done = generate_rules(manifest, output, force=force, propose=options)
    finally:
        if progress is not None:
            progress.finish()
    if done.text is not None:
        say_utf8(done.text)
    for notice in done.notices:
        tell(f"aegis: {notice.where}: {notice.what}")
    if not quiet:
        _summary(done, output)


def _summary(done: GeneratedFiles, output: Path | None) -> None:
    if done.files is not None and output is not None:
        folder = output if output.is_dir() else output.parent
        for word, names in (("wrote", done.files.written), ("same", done.files.same), ("removed", done.files.removed)):
            for name in names:
                say(f"{word:<8} {(folder / name).as_posix()}")
    rules, left = done.generated.rules, done.generated.not_carried
    tables = len({entry.rule.table for entry in rules})
    used = len({entry.test for entry in rules})
    tell(f"{plural(len(rules), 'rule')} for {plural(tables, 'table')}, from {plural(used, 'dbt test')}")
    if not rules and not done.proposed and output is not None:
        tell("nothing was written")
    for name, count in done.generated.packages.items():
        tell(f"  {plural(count, 'rule')} of tests of the package {name}")
    for note in done.notes:
        tell(f"  note: {note}")
    if done.proposed:
        tell(f"{plural(len(done.proposed), 'proposal')} as drafts")
    reasons: dict[tuple[str, str], list[str]] = {}
    for entry in left:
        reasons.setdefault((entry.test_type, entry.reason), []).append(entry.test)
    if left:
        tell(f"{plural(len(left), 'test')} not carried:")
    for (kind, reason), tests in sorted(reasons.items()):
        more = f", and {len(tests) - _MOST_NAMES:,} more" if len(tests) > _MOST_NAMES else ""
        tell(f"  {kind}: {', '.join(tests[:_MOST_NAMES])}{more}\n    {reason}")
