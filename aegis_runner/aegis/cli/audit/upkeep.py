"""`aegis audit verify`, `prune`, `import`: is the trail as it was written, how much is kept, and what is taken in?"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aegis.cli import options as o
from aegis.cli.audit.common import opened
from aegis.cli.output import say
from aegis.domain.text import plural

if TYPE_CHECKING:
    from aegis.audit.models import ChainHead


def verify(
    head: Annotated[
        str | None,
        typer.Option("--head", help="A head noted earlier, of this trail or of one that was merged into it."),
    ] = None,
    audit_db: o.AuditDb = None,
) -> None:
    """Check the hash chain, and those of trails that were merged in: is everything as it was written?"""
    from aegis.errors import AuditError

    with opened(audit_db) as trail:
        checked = trail.verify(_head(head))
        path = str(trail.path)
    if checked.broken is not None:
        raise AuditError(
            f"does not verify: {checked.broken}", where=path, hint="What comes after it cannot be trusted."
        )
    say(f"{checked.rows} rows verified, head {checked.head}")
    for merged in checked.merged:
        say(f"a merged trail verified, head {merged}")


def _head(given: str | None) -> ChainHead | None:
    from aegis.audit.models import ChainHead
    from aegis.errors import UsageError

    if given is None:
        return None
    match = re.fullmatch(r"([0-9]{1,18}):([0-9a-f]{64})", given)
    if match is None:
        raise UsageError(f"--head cannot be {given!r}", hint="It is what `aegis audit verify` prints: 12:0f1e….")
    return ChainHead(seq=int(match[1]), hash=match[2])


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
