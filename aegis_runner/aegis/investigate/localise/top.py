"""A table at the top, which no SQL of the project makes, as it is looked at for what is odd."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from aegis.dbt.suites.render import quoted
from aegis.errors import WarehouseError
from aegis.investigate.localise.walk import Walk
from aegis.investigate.query_budget import to_count

_T = TypeVar("_T")

FEW = 0.2
"""The share of rows that are odd at most: what is odd is rare."""
_MOST_COLUMNS = 40
_NUMBERS = ("decimal", "numeric", "double", "real", "float", "int", "bigint", "hugeint", "smallint", "number")
_NAMES = ("id", "key", "code", "no", "number")
_TEXTS = ("varchar", "text", "char", "string")
_TIMES = ("timestamp", "datetime", "date")


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What is odd about a table: in words, in how many rows, of which column, and the table without it, as a query."""

    node: str
    what: str
    rows: int
    column: str | None
    healed: str


@dataclass(frozen=True)
class Top:
    """One such table: its node, how SQL calls it, and its columns, name to type in lower case."""

    node: str
    here: str
    types: Mapping[str, str]
    walk: Walk

    @property
    def dialect(self) -> str:
        return self.walk.probes.dialect

    def is_picked_from(self, key: str) -> bool:
        """Whether a node that reads the table numbers its rows within each value of the key: then several are no
        fault of the table."""
        picks = re.compile(rf"partition\s+by\s+[^()]*\b{re.escape(key)}\b", re.IGNORECASE)
        known = self.walk.known
        sqls = (known.column_lineages.compiled(child) for child in known.lineage.children.get(self.node, ()))
        return any(picks.search(sql) for sql in sqls if sql is not None)

    @cached_property
    def _first(self) -> dict[str, str]:
        some = list(self.types.items())[:_MOST_COLUMNS]
        return {name: kind for name, kind in some if not kind.endswith("]")}

    @cached_property
    def texts(self) -> list[str]:
        return [name for name, kind in self._first.items() if kind.startswith(_TEXTS)]

    @cached_property
    def numbers(self) -> list[str]:
        """Those that have a size: a number that names a row has none."""
        kinds = self._first.items()
        return [name for name, kind in kinds if kind.startswith(_NUMBERS) and not name.lower().endswith(_NAMES)]

    @cached_property
    def times(self) -> list[str]:
        return [name for name, kind in self._first.items() if kind.startswith(_TIMES)]

    @property
    def key(self) -> str | None:
        """The first column, where it looks like a key."""
        first = next(iter(self.types))
        return first if first.lower().endswith("id") else None

    def quoted(self, name: str) -> str:
        return quoted(self.dialect, name)

    def counts(self, sums: Sequence[str], rows: str | None = None) -> list[int]:
        """How many rows there are, and each sum; nothing where the database refuses. ``rows`` is a query in place of
        the table.

        Raises:
            BudgetExceeded: No more may be asked.
        """
        if not sums:
            return []
        source = self.here if rows is None else f"({rows}) as looked_at"
        try:
            row = self.walk.probes.row(f"select count(*), {', '.join(sums)} from {source}", "what is odd about it?")
        except WarehouseError:
            return []
        return [0 if value is None else to_count(value) for value in row]

    def rare(self, odd: Mapping[_T, str], rows: str | None = None) -> Iterator[tuple[_T, int]]:
        """What some rows, and few, meet the condition of, with how many they are."""
        counts = self.counts([f"sum(case when {condition} then 1 else 0 end)" for condition in odd.values()], rows)
        for one, many in zip(odd, counts[1:], strict=False):
            if 0 < many <= FEW * counts[0]:
                yield one, many

    def with_values(self, put: Mapping[str, str], rows: str | None = None) -> str:
        """The table with other values of some columns: SQL of each by its name."""
        names = {name: self.quoted(name) for name in self.types}
        every = (f"{put[name]} as {quoted}" if name in put else quoted for name, quoted in names.items())
        return f"select {', '.join(every)} from {self.here if rows is None else f'({rows}) as looked_at'}"
