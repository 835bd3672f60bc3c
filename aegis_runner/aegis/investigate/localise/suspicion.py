"""What is odd about the tables at the top, whatever was asked: copies, blanks, numbers out of the ordinary, no rows.

Where a value is computed, no question can be carried to what it is computed from. Then the tables above are looked at
for what commonly goes wrong, and each suspicion is tried: the table without it, all between made anew, and the finding
asked again. Only what makes it go away is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aegis.domain.kinds import OriginKind
from aegis.errors import WarehouseError
from aegis.investigate.localise.odd_times import swapped_times, times_out_of_order
from aegis.investigate.localise.odd_values import copies, large_numbers, repeated_keys, slips, swapped_texts
from aegis.investigate.localise.origin import GONE, Origin, Proof, is_made
from aegis.investigate.localise.proof import made_with
from aegis.investigate.localise.top import Suspicion, Top
from aegis.investigate.localise.walk import Walk

NO_ROWS = "it has no rows"
PERHAPS = 0.65
"""How sure an origin is that has no rows: they cannot be put back to look again."""
POSSIBLE = 0.5
"""How sure an origin is of which something is odd that nothing could be asked about again."""
_MOST_TABLES = 8


@dataclass(frozen=True, slots=True)
class Question:
    """A finding that can be asked of its node, or test, made by other SQL: how many rows fail now, and then."""

    node: str
    now: int
    count: Callable[[str], int | None]
    compiled: str | None = None


def suspected(question: Question, walk: Walk) -> tuple[Suspicion, Proof | None] | None:
    """The first suspicion without which the finding is gone; else, without a proof, the first of the one table that is
    odd where nothing between can be made anew to look again, as behind an incremental model, and no code changed.

    Raises:
        BudgetExceeded: No more may be asked.
    """
    blocked: dict[str, Suspicion] = {}
    for top in _tops(question.node, walk):
        for suspicion in (one for look in _ODD for one in look(top)):
            made = made_with(question.node, top.node, suspicion.healed, walk, question.compiled)
            left = None if made is None else question.count(made)
            if left is not None and left <= question.now * GONE:
                return suspicion, Proof(question.node, top.node, suspicion.rows, left, question.now, None)
            if made is None and walk.known.changes is not None:
                blocked.setdefault(top.node, suspicion)
    return (next(iter(blocked.values())), None) if len(blocked) == 1 else None


def odd_table(test: str, compiled: str, walk: Walk) -> Origin | None:
    """The origin of a test that nobody understands, of which this is the SQL, if a table above it is odd."""
    now = walk.probes.count(compiled)
    found = suspected(Question(test, now, walk.probes.count, compiled), walk) if now else None
    if found is not None:
        odd, seen = found
        sure, proofs = (POSSIBLE, ()) if seen is None else (0.95, (seen,))
        return Origin(odd.node, OriginKind.BAD_SOURCE_DATA, (), sure, detail=odd.what, proofs=proofs)
    empty = empty_above(test, walk)
    return None if empty is None else Origin(empty, OriginKind.STALE, (), PERHAPS, detail=NO_ROWS)


def empty_above(node: str, walk: Walk) -> str | None:
    """The one table at the top that has no rows, if there is one."""
    found = []
    for one in _above(node, walk):
        try:
            found += [one] if walk.probes.rows(one) == 0 else []
        except WarehouseError:
            continue
    return found[0] if len(found) == 1 else None


def _tops(node: str, walk: Walk) -> Iterator[Top]:
    return (top for one in _above(node, walk) if (top := _top(one, walk)) is not None)


def _above(node: str, walk: Walk) -> list[str]:
    """The tables above it that no SQL of the project makes, nearest first, without seeds that are as they were."""
    above = walk.known.lineage.upstream(node)
    return [one for one in above if not is_made(one) and not walk.is_as_before(one)][:_MOST_TABLES]


_ODD: tuple[Callable[[Top], Iterator[Suspicion]], ...] = (
    copies,
    repeated_keys,
    slips,
    large_numbers,
    swapped_times,
    swapped_texts,
    times_out_of_order,
)
"""What is looked for, the plainest first."""


def _top(node: str, walk: Walk) -> Top | None:
    here, types = walk.probes.relation(node), walk.probes.types(node)
    return None if here is None or not types else Top(node, here, types, walk)
