"""Copies of tables for trials, and what is known of them as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Self

from aegis.errors import WarehouseError
from aegis.investigate.checks import CheckRunner, Count
from aegis.investigate.query_budget import Bounds, QueryBudget, to_count
from aegis.warehouse.base import Relation, Sandbox, SandboxLimits

if TYPE_CHECKING:
    from aegis.dbt.artifacts.schema import Manifest
    from aegis.investigate.symptoms import Symptom
    from aegis.warehouse.base import SandboxSession

_OfCounts = dict[tuple[object, ...], list[Count]]
"""What rules say of a table of so many rows: that does not depend on the copies at hand."""
_UNMETERED = Bounds(queries=10_000, seconds=3_600.0)


@dataclass(frozen=True, slots=True)
class Sums:
    """What tells a table from a changed one, from one look at it.

    Attributes:
        rows: How many.
        checksum: The sum of all rows' hashes; 0 where the database has no hash of a row.
    """

    rows: int
    checksum: int


class Copies:
    """Copies of some tables in one sandbox. Between two trials they are as their originals are.

    Attributes:
        session: The sandbox.
        left_out: Of the table that is to be fixed, how many rows are not in its copy.
    """

    def __init__(
        self, session: SandboxSession, manifest: Manifest, left_out: int = 0, told: _OfCounts | None = None
    ) -> None:
        self.session = session
        self.left_out = left_out
        self._of_counts = {} if told is None else told
        self._manifest = manifest
        self._unchanged = CheckRunner(manifest, QueryBudget(session, _UNMETERED))
        self._sums: dict[str, Sums] = {}
        self._different: dict[str, int] = {}
        self._numbers = count()

    def number(self) -> int:
        """One that no other table kept here has in its name."""
        return next(self._numbers)

    def ask(self, symptoms: Sequence[Symptom]) -> list[Count]:
        """Rules of the tables as they are; what was asked once is remembered."""
        return self._unchanged.ask(symptoms)

    def ask_again(self, symptoms: Sequence[Symptom]) -> list[Count]:
        """Rules of the tables with a change."""
        return CheckRunner(self._manifest, QueryBudget(self.session, _UNMETERED)).ask(symptoms)

    def ask_of_count(self, symptoms: Sequence[Symptom], rows: int) -> list[Count]:
        """Rules about the number of rows alone, of a table that has so many; what was asked once is remembered."""
        about = (rows, *map(repr, symptoms))
        if about not in self._of_counts:
            self._of_counts[about] = self._ask_of_count(symptoms, rows)
        return self._of_counts[about]

    def _ask_of_count(self, symptoms: Sequence[Symptom], rows: int) -> list[Count]:
        runner = CheckRunner(self._manifest, QueryBudget(self.session, _UNMETERED))
        for node in {one.node for one in symptoms}:
            runner.stand_in(node, f"select 1 as one from generate_series(1, {rows})")
        return runner.ask(symptoms)

    def sums(self, relation: str, look: Callable[[], Sums]) -> Sums:
        """What a ``look`` tells of a table as it is, remembered."""
        if relation not in self._sums:
            self._sums[relation] = look()
        return self._sums[relation]

    def different(self, relation: str, look: Callable[[], int]) -> int:
        """How many different rows a table has, which a ``look`` tells, remembered."""
        if relation not in self._different:
            self._different[relation] = look()
        return self._different[relation]


class CopyPool:
    """The copies made last, kept until other tables are asked for: fixes of one table follow one another. Use it as a
    context: the copies go at its end."""

    def __init__(self, warehouse: Sandbox, manifest: Manifest, limits: SandboxLimits) -> None:
        self._warehouse = warehouse
        self._manifest = manifest
        self._limits = limits
        self._stack = ExitStack()
        self._made: Copies | None = None
        self._there: frozenset[Relation] = frozenset()
        self._left_out: frozenset[Relation] = frozenset()
        self._of_counts: _OfCounts = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """The copies go."""
        self._stack.close()
        self._made, self._there, self._left_out = None, frozenset(), frozenset()

    def copies(
        self, needed: frozenset[Relation], wanted: Mapping[Relation, str], fits: Callable[[str], bool]
    ) -> Copies:
        """Copies of the tables that are needed, and of the others as far as they ``fit``: tables that only other rules
        read may be missing (never built) or too large. These rules go unasked.

        Raises:
            WarehouseError: One that is needed is missing or too large, or to copy takes too long.
        """
        every = needed | set(wanted)
        if self._made is not None and needed <= self._there and every <= self._there | self._left_out:
            return self._made
        self.close()
        try:
            return self._copy(every, every)
        except WarehouseError:
            self.close()
            return self._copy(needed | {one for one, text in wanted.items() if fits(text)}, every)

    @contextmanager
    def some_rows(self, rows: Mapping[Relation, str], whole: int, target: str) -> Iterator[Copies]:
        """Copies of what the queries give, by table, until the block ends.

        Args:
            rows: The queries.
            whole: How many rows the table has that is to be fixed.
            target: How SQL calls it.

        Raises:
            WarehouseError: One is missing, they are too many, or to copy takes too long.
        """
        with self._warehouse.sandbox(sorted(rows, key=str), self._limits, rows) as session:
            there = to_count(session.execute_scalar(f"select count(*) from {target}"))
            yield Copies(session, self._manifest, whole - there, self._of_counts)

    def _copy(self, relations: frozenset[Relation], every: frozenset[Relation]) -> Copies:
        session = self._stack.enter_context(self._warehouse.sandbox(sorted(relations, key=str), self._limits))
        self._made, self._there, self._left_out = Copies(session, self._manifest), relations, every - relations
        return self._made
