"""`aegis audit verify`, `prune`, `import`: is the trail as it was written, how much is kept, and what is taken in?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from aegis.cli import options as o
from aegis.cli.audit.common import opened
from aegis.cli.output import say
from aegis.domain.text import plural


def verify(audit_db: o.AuditDb = None) -> None:
    """Check the hash chain: is the trail as it was written?"""
    from aegis.errors import AuditError

    with opened(audit_db) as trail:
        checked = trail.verify()
        path = str(trail.path)
    if checked.broken is not None:
        raise AuditError(
            f"does not verify: {checked.broken}", where=path, hint="What comes after it cannot be trusted."
        )
    say(f"{checked.rows} rows verified, head {checked.head}")


def prune(
    keep: Annotated[str, typer.Option("--keep", help="How long to keep runs, such as 90d.")],
    audit_db: o.AuditDb = None,
) -> None:
    """Remove old runs; a checkpoint in the chain says so."""
    from aegis.errors import UsageError

    days = keep.removesuffix("d")
    if not (days.isascii() and days.isdigit()):
        raise UsageError(f"--keep cannot be {keep!r}", hint="It is a number of days, such as 90d.")
    with opened(audit_db) as trail:
        pruned = trail.prune(timedelta(days=int(days)))
    say(f"removed {pruned.rows} rows of {pruned.runs} runs")


def import_(
    old: Annotated[Path, typer.Argument(help="The history.db that aegis-dq wrote. It is left as it is.")],
    audit_db: o.AuditDb = None,
) -> None:
    """Take the runs that aegis-dq made into the trail, marked as imported. Runs that are there already stay."""
    from aegis.app.history import import_history

    done = import_history(old, audit_db)
    say(f"imported {plural(done.runs, 'run')} and {plural(done.decisions, 'decision')} into {done.trail}")
    if done.known:
        say(f"{plural(done.known, 'run')} {'was' if done.known == 1 else 'were'} there already")
    if done.unread:
        say(f"{plural(done.unread, 'row')} could not be read and {'was' if done.unread == 1 else 'were'} left out")
