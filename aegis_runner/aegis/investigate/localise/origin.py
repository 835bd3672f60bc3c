"""Where a fault began, and what the artifacts tell of the way there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from aegis.dbt.graph.column_lineage import LineageIndex
from aegis.dbt.graph.state import Change
from aegis.dbt.graph.unique_sets import UniqueSets
from aegis.domain.kinds import OriginKind
from aegis.investigate.symptoms import Symptom

if TYPE_CHECKING:
    from aegis.dbt.graph.lineage import Lineage


MADE_FROM = "made_from"
COPIES = "rows that are there twice"
"""No rule type: what a symptom's values are made from, which is not asked."""


@dataclass(frozen=True, slots=True)
class Hop:
    """A node on the path, from the finding up to the origin: how many rows show it there, what was asked, and the
    rule type that asked it, where one did."""

    node: str
    column: str | None
    rows_failed: int | None
    asked: str
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What the SQL of ``node`` gave without the fault of ``above``, a table above it: of ``now`` rows, ``left`` fail
    still. ``taken`` rows were put right or left out, if that is known; or, with ``before``, the table was made by its
    SQL of before. ``query`` gives the rows that are left."""

    node: str
    above: str
    taken: int | None
    left: int
    now: int
    query: str | None
    before: bool = False

    @property
    def shows_cause(self) -> bool:
        """Whether the fault comes of them, but for a few rows."""
        return self.left <= self.now * GONE

    @property
    def shows_innocence(self) -> bool:
        """Whether they make no difference, but for a few rows."""
        return self.left >= self.now * (1 - GONE)


GONE = 0.2
"""A fault is gone where at most this share of its rows is left."""
_ABOUT = 0.2


def are_as_many(rows: int | None, others: int | None) -> bool:
    """Whether two numbers of rows may be of the same ones, seen through joins and filters."""
    return rows is not None and bool(others) and abs(rows - (others or 0)) <= _ABOUT * (others or 0)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a fault began.

    ``confidence`` is 0 to 1, by how much of the way could be checked; ``others`` are nodes that
    it could be instead, likeliest first; ``proofs`` what was seen with suspected rows left out;
    ``shown`` the question as it was asked there; ``detail`` says in words what of the node it is.
    """

    node: str
    kind: OriginKind
    path: tuple[Hop, ...]
    confidence: float
    unchecked: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    detail: str | None = None
    proofs: tuple[Proof, ...] = ()
    shown: Symptom | None = None


@dataclass(frozen=True, slots=True)
class TraceContext:
    """What the artifacts tell without a query.

    Attributes:
        lineage: The project's graph.
        column_lineages: What each node's SQL says.
        changes: Nodes whose code differs from the state manifest; ``None`` where there is none to compare with.
        broken: Nodes that could not be built.
        stale: Sources that are late.
        unique: What the project promises to be unique, by node.
        personal: Whether the values of a column (of a table) are personal: they stand in no query.
    """

    lineage: Lineage
    column_lineages: LineageIndex
    changes: Mapping[str, Change] | None = None
    broken: frozenset[str] = frozenset()
    stale: frozenset[str] = frozenset()
    unique: UniqueSets = field(default_factory=dict)
    personal: Callable[[str, str | None], bool] = lambda _column, _table: False


WITHOUT_STATE = 0.8
"""How sure an origin is, of what it would be, if nothing tells whether code changed: rows that a lost filter lets
through look like rows that came bad. Measured by `make faultlab ARGS=--no-state`."""


def is_made(node: str) -> bool:
    """Whether SQL of the project makes it."""
    return node.startswith(("model.", "snapshot."))


def tempered(origin: Origin, known: TraceContext) -> Origin:
    """The origin as sure as it is where SQL of the project may have made the fault, or let it through."""
    made = {node for node in (origin.node, *(hop.node for hop in origin.path)) if is_made(node)}
    if known.changes is not None or not made:
        return origin
    return replace(origin, confidence=round(origin.confidence * WITHOUT_STATE, 2))
