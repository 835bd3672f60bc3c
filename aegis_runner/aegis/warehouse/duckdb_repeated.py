"""Rows whose key occurs more than once, found by grouping few rows instead of all.

Where a key is made of integers that lie close together, each combination is a number. A bucket is 32 neighbouring
numbers, with a bit for each: where it has more rows than bits, one of its numbers occurs more than once. To count rows
and bits by bucket costs a quarter of grouping by the key itself, and the rows of the other buckets need no more. dbt's
suites look for duplicates in the same way (``macros/dialect/distinct_places.sql``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aegis.warehouse.duckdb_kept import NAME, RELATION

_FORM = re.compile(
    rf"select t\.\* from \(select \* from ({RELATION})((?: where .+?)?)\) as t "
    rf"join \(select ({NAME}(?:, {NAME})*) from \1\2 group by \3 having count\(\*\) > 1\) as d on (.+)",
    re.DOTALL,
)
_BUCKET = 32
_LEAST_ROWS = 200_000
"""In a smaller table the grouping costs less than the questions that spare it."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """A query for all rows whose key another row has, too.

    Attributes:
        relation: The table, as SQL names it.
        where: The condition on its rows with `` where `` before it, or nothing.
        keys: The columns of the key, as SQL names them.
        matched: How rows and keys are put together.
    """

    relation: str
    where: str
    keys: tuple[str, ...]
    matched: str

    @property
    def extent(self) -> str:
        """SQL for the number of rows, and for the least and the greatest value of each column of the key: answered from
        statistics. It fails for a view, which has no row numbers, and would be computed anew for each look."""
        ends = ", ".join(f"min({key}), max({key})" for key in self.keys)
        return f"select count(*), {ends}, (select rowid from {self.relation} limit 1) from {self.relation}"

    def by_buckets(self, rows: object, ends: Sequence[object]) -> str | None:
        """The query by buckets, for a table of such extent; None where its keys are no integers, or far apart."""
        if not isinstance(rows, int) or rows < _LEAST_ROWS:
            return None
        place, size = "", 1
        for key, low, high in zip(self.keys, ends[::2], ends[1::2], strict=True):
            if type(low) is not int or type(high) is not int or not -(2**63) <= low <= high < 2**63:
                return None
            here = f"({key}::bigint - ({low}))"
            place, size = (f"{here} * {size} + {place}" if place else here), size * (high - low + 1)
            if size // _BUCKET > rows // 8:
                return None
        bucket = f"(({place}) >> 5)"
        crowded = f"count(*) > bit_count(bit_or(1::bigint << (({place}) & {_BUCKET - 1})))"
        # A row without a part of its key is in no bucket; the key may be asked for with NULLs that are equal.
        some = (
            f"(({place}) is null or {bucket} in "
            f"(select {bucket} from {self.relation}{self.where} group by 1 having {crowded}))"
        )
        condition, keys = self.where.removeprefix(" where "), ", ".join(self.keys)
        within = f" where (\n{condition}\n) and {some}" if condition else f" where {some}"
        return (
            f"select t.* from (select * from {self.relation}{self.where}) as t join (select {keys} from "
            f"{self.relation}{within} group by {keys} having count(*) > 1) as d on {self.matched}"
        )


def repeated(query: str) -> Repeated | None:
    """The query as what it asks for, where it is of the form that a rule on keys has."""
    whole = _FORM.fullmatch(query)
    if whole is None:
        return None
    keys = tuple(re.findall(NAME, whole[3]))
    return Repeated(whole[1], whole[2], keys, whole[4])
