"""`aegis audit cost`: what language models cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from aegis.cli import options as o
from aegis.cli.audit.common import Json, moment, opened, say_columns, usd
from aegis.cli.choices import choice
from aegis.cli.output import say, say_json
from aegis.domain.text import plural

if TYPE_CHECKING:
    from aegis.audit.cost import CostRow

_BY = ("run", "day", "node", "model", "provider")


def cost(
    by: Annotated[str, choice("--by", of=_BY, help="What to sum up by")] = "run",
    since: Annotated[
        str | None, typer.Option("--since", help="From then on: 30d (days ago), 12h, or a date; UTC.")
    ] = None,
    json_: Json = False,
    audit_db: o.AuditDb = None,
) -> None:
    """Show what language models cost: calls, answers out of the cache, tokens and dollars.

    A call whose price is not known makes the sum unknown: it says for how many calls that is,
    and what the others cost.
    """
    start = moment("--since", since)
    with opened(audit_db) as trail:
        costs = trail.costs(by, start)
    if json_:
        say_json(costs.model_dump(mode="json"))
        return
    if not costs.rows:
        say("no language model was used" + ("" if start is None else f" since {start:%Y-%m-%d %H:%M}"))
        return
    say_columns([_row(row) for row in (*costs.rows, costs.total)])


def _row(row: CostRow) -> tuple[str, ...]:
    return (
        row.key,
        plural(row.calls, "call"),
        f"{row.cached:,} cached",
        f"{row.input_tokens:,} in",
        f"{row.output_tokens:,} out",
        _dollars(row),
    )


def _dollars(row: CostRow) -> str:
    told = usd(row.cost_usd)
    if row.unpriced:
        told = f"unknown: no price for {plural(row.unpriced, 'call')}"
        told += f", {usd(row.known_usd)} for the others" if row.unpriced < row.calls - row.silent else ""
    return told + (f"; {plural(row.silent, 'call')} told no tokens" if row.silent else "")
