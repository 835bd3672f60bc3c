"""What the commands of the audit trail share: how runs and times are given, and how calls of a model are shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from aegis.cli import options as o
from aegis.cli.output import sanitize_text, say_cells

if TYPE_CHECKING:
    from aegis.audit import AuditTrail
    from aegis.audit.models import DecisionRecord

Json = Annotated[bool, typer.Option("--json", help="As JSON.")]
Run = Annotated[str, typer.Argument(help="A run id, the beginning of one, latest or previous.")]

_AGO = re.compile(r"(\d{1,6})([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def opened(path: o.AuditDb) -> AuditTrail:
    from aegis.analysis.record import open_trail

    return open_trail(path)


def moment(option: str, given: str | None, *, end: bool = False) -> datetime | None:
    """A moment in UTC: ``30d`` ago (``12h``, ``4w``), a date or a time (ISO 8601).

    Args:
        end: Of a date, its end: the beginning of the next one.

    Raises:
        UsageError: It is none of these.
    """
    from aegis.errors import UsageError

    if given is None:
        return None
    try:
        ago = _AGO.fullmatch(given)
        if ago:
            return datetime.now(UTC) - int(ago[1]) * _UNITS[ago[2]]
        told = datetime.fromisoformat(given)
        whole_day = re.fullmatch(r"[\d-]+", given) is not None
        told = told + timedelta(days=1) if end and whole_day else told
        return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        hint = "It is how long ago, such as 30d or 12h, or a date such as 2026-01-31; times are UTC."
        raise UsageError(f"{option} cannot be {given!r}", hint=hint) from error


def say_columns(rows: Sequence[Sequence[str]], indent: str = "") -> None:
    """Print rows whose cells stand below each other."""
    clean = [[sanitize_text(cell).replace("\n", " ") for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*clean, strict=True)]
    for row in clean:
        say_cells(indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))


def usd(amount: float | None) -> str:
    """Dollars; what is not known is not nothing."""
    if amount is None:
        return "unknown cost"
    return "under $0.0001" if 0 < amount < 0.0001 else f"${amount:,.4f}"


def call_cells(call: DecisionRecord) -> tuple[str, ...]:
    """One call of a model: how long, by whom, what about, tokens, cost, what was special."""
    name = f"{call.provider}/{call.model}" if call.provider and call.model else call.provider or call.model
    return (
        f"{(call.latency_ms or 0) / 1000:6.3f} s",
        name,
        call.rule_id or "-",
        f"{_tokens(call.input_tokens)} in",
        f"{_tokens(call.output_tokens)} out",
        "from the cache" if call.cached else usd(call.cost_usd),
        *(("no answer: " + call.error,) if call.error else ()),
    )


def _tokens(number: int | None) -> str:
    return "?" if number is None else f"{number:,}"
