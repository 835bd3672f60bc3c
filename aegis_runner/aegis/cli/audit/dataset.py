"""`aegis audit export-dataset`: answers of language models as training data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aegis.cli import options as o
from aegis.cli.audit.common import Json, moment, opened
from aegis.cli.choices import choice
from aegis.cli.output import say_cells, say_json
from aegis.domain.kinds import Verdict
from aegis.domain.text import plural

_FORMATS = ("sharegpt",)


def export_dataset(
    out: Annotated[Path, typer.Argument(help="The JSONL file to write.", show_default=False)],
    format: Annotated[str, choice("--format", "-f", of=_FORMATS, help="The form of a line")] = "sharegpt",
    node: Annotated[str | None, typer.Option("--node", help="Calls of this step only: diagnose or remediate.")] = None,
    verdict: Annotated[
        list[str] | None,
        choice("--verdict", of=Verdict, help="Only answers with a proposal that got this verdict"),
    ] = None,
    since: Annotated[str | None, typer.Option("--since", help="From then on: 30d (days ago), or a date; UTC.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Up to then; a date's day is in it.")] = None,
    cached: Annotated[bool, typer.Option("--cached", help="Answers out of the cache, too.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over the file if it is there.")] = False,
    json_: Json = False,
    audit_db: o.AuditDb = None,
) -> None:
    """Write calls of language models as conversations, one line of JSON each, as they were recorded.

    Left out are calls without a usable answer; --verdict leaves out what proposes nothing, too.
    """
    from aegis.app.dataset import export_dataset as export
    from aegis.audit.dataset import Wanted

    wanted = Wanted(
        node=node,
        verdicts=tuple(verdict or ()),
        since=moment("--since", since),
        until=moment("--until", until, end=True),
        cached=cached,
    )
    with opened(audit_db) as trail:
        exported = export(trail, out, wanted, format=format, force=force)
    if json_:
        say_json(exported.model_dump(mode="json"))
        return
    say_cells(f"{plural(exported.written, 'conversation')} written to {exported.path}")
    for why, times in exported.left_out.items():
        say_cells(f"  {times:,} left out: {why}")
