"""What language models cost: calls, tokens and dollars, by run, day, node, model or provider.

The figures are those of the report's `Usage`: an answer out of the cache is no call and costs nothing, and one call
that nobody can price makes the sum unknown. Here it is also told how many calls that is about.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from math import fsum
from pathlib import Path

from pydantic import ValidationError

from aegis.audit.reading import dictionaries, unreadable
from aegis.audit.records import utc
from aegis.domain.base import Frozen


class Spent(Frozen):
    """One call, as far as it cost something."""

    run_id: str
    recorded_at: datetime
    node: str
    provider: str | None
    model: str
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    cached: bool


class CostRow(Frozen):
    """The sum of some calls.

    ``calls`` were sent to a provider, ``cached`` were answered without one. ``cost_usd`` is ``None`` if ``unpriced``
    calls, whose tokens are known, have no known price; ``known_usd`` is what the others cost. ``silent`` calls told no
    tokens (they failed, or their server never tells): they count as nothing, but may have been billed.
    """

    key: str
    calls: int
    cached: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    known_usd: float
    unpriced: int
    silent: int


class Costs(Frozen):
    """Sums by ``by``, and of all. ``since`` is the earliest moment that counts, ``None`` for all."""

    by: str
    since: datetime | None
    rows: tuple[CostRow, ...]
    total: CostRow


KEYS: Mapping[str, Callable[[Spent], str]] = {
    "run": lambda call: call.run_id,
    "day": lambda call: f"{call.recorded_at:%Y-%m-%d}",
    "node": lambda call: call.node,
    "model": lambda call: call.model or "-",
    "provider": lambda call: call.provider or "-",
}
"""What calls can be summed up by. Days are of UTC."""

_IN_TIME = frozenset({"run", "day"})
# Steps of imported runs in which no model was asked name none.
_CALLS = (
    f"SELECT {', '.join(Spent.model_fields)} FROM decisions "
    "WHERE recorded_at >= ? AND (model <> '' OR provider IS NOT NULL) ORDER BY recorded_at, seq"
)


def costs(connection: sqlite3.Connection, path: Path, by: str, since: datetime | None) -> Costs:
    """The sums; runs and days newest first, the others the dearest first.

    Args:
        by: One of `KEYS`.
        since: The earliest moment that counts.

    Raises:
        AuditError: a row holds what none can.
    """
    groups: dict[str, list[Spent]] = {}
    everything: list[Spent] = []
    for call in _calls(connection, path, since):
        groups.setdefault(KEYS[by](call), []).append(call)
        everything.append(call)
    rows = [summed(key, calls) for key, calls in groups.items()]
    if by in _IN_TIME:
        rows.reverse()
    else:
        rows.sort(key=lambda row: (-row.known_usd, -row.input_tokens - row.output_tokens, row.key))
    return Costs(by=by, since=since, rows=tuple(rows), total=summed("total", everything))


def summed(key: str, calls: Iterable[Spent]) -> CostRow:
    """The sum of ``calls``, to the token; dollars are added exactly and rounded once."""
    calls = tuple(calls)
    asked = [call for call in calls if not call.cached]
    told = [call for call in asked if call.input_tokens is not None or call.output_tokens is not None]
    known = fsum(call.cost_usd for call in told if call.cost_usd is not None)
    unpriced = sum(call.cost_usd is None for call in told)
    return CostRow(
        key=key,
        calls=len(asked),
        cached=len(calls) - len(asked),
        input_tokens=sum(call.input_tokens or 0 for call in asked),
        output_tokens=sum(call.output_tokens or 0 for call in asked),
        cost_usd=None if unpriced else known,
        known_usd=known,
        unpriced=unpriced,
        silent=len(asked) - len(told),
    )


def _calls(connection: sqlite3.Connection, path: Path, since: datetime | None) -> Iterator[Spent]:
    for row in dictionaries(connection.execute(_CALLS, ("" if since is None else utc(since),))):
        try:
            yield Spent.model_validate(row)
        except ValidationError as error:
            raise unreadable(path, str(row["run_id"])) from error
