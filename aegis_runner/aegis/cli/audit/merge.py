"""`aegis audit merge`: the runs of several trails in one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aegis.cli import options as o
from aegis.cli.audit.common import Json
from aegis.cli.output import say_cells, say_json
from aegis.domain.text import plural

if TYPE_CHECKING:
    from aegis.audit.models import MergedSource


def merge(
    sources: Annotated[
        list[Path],
        typer.Argument(metavar="TRAIL...", help="Audit trails to take runs from. They are left as they are."),
    ],
    into: Annotated[
        Path | None, typer.Option("--into", help="The trail to merge into, made if it is missing; that of --audit-db.")
    ] = None,
    unverified: Annotated[
        bool, typer.Option("--unverified", help="Take runs from a trail that does not verify, too; it is written down.")
    ] = False,
    json_: Json = False,
    audit_db: o.AuditDb = None,
) -> None:
    """Take the runs of other audit trails into one, each run once.

    All or nothing: a trail that does not verify, or a run that has other content than here, is refused.
    Their chains can still be verified afterwards.
    """
    from aegis.app.merge import merge_trails

    done = merge_trails(sources, into, audit_db, unverified=unverified)
    if json_:
        say_json(done.model_dump(mode="json"))
        return
    for one in done.sources:
        say_cells(f"{one.path}: {_told(one)}")
        if one.broken is not None:
            say_cells(f"  it does not verify: {one.broken}")
        if one.left_out:
            say_cells(f"  {plural(one.left_out, 'row')} left out: their run began before a prune")
    say_cells(f"merged into {done.path}, head {done.head}")


def _told(one: MergedSource) -> str:
    counted = [f"{plural(one.added, 'run')} added" if one.added else "nothing new"]
    counted += [f"{plural(one.completed, 'run')} completed"] if one.completed else []
    counted += [f"{one.known} there already"] if one.known else []
    return ", ".join(counted)
