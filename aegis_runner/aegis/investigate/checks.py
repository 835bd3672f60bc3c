"""What tables and failing rows are like beside one another: values without a partner, copies, rows that differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from aegis.dbt.graph.column_flow import ColumnRef
from aegis.dbt.suites.render import quoted
from aegis.errors import WarehouseError
from aegis.investigate.asking import Asker, Count
from aegis.investigate.query_budget import to_count
from aegis.investigate.spelling import MOST_KNOWN, MOST_ODD, Misspelt, misspelt
from aegis.investigate.symptoms import Symptom

__all__ = ["CheckRunner", "Count", "Unmatched"]

_SAME = 0.8
"""The share of rows that two faults must have in common to be one."""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Values without a partner: how many different ones, whether they are numbers or days that all lie among those of
    the table that lacks them or go on behind them, whether they are far from those, how many have a partner but for the
    spelling of either, and whether they are numbers."""

    distinct: int
    amid: bool
    far: bool = False
    misspelt: Misspelt = field(default_factory=Misspelt)
    numbers: bool = False


class CheckRunner(Asker):
    """Asks symptoms of nodes, and what else tells where a fault began."""

    def share_rows(self, one: Symptom, other: Symptom) -> bool:
        """Whether two questions to one node are answered by (nearly) the same rows; False where that cannot be told.

        Raises:
            BudgetExceeded: No more may be asked.
        """
        conditions = [self.condition(one), self.condition(other)]
        if None in conditions or one.node != other.node:
            return False
        counts = self.ask([one, other])
        sql = f"select count(*) from {self._text(one.node)} where ({conditions[0]}) and ({conditions[1]})"
        try:
            shared = to_count(self._once(sql, "are they the same rows?", 1).rows[0][0])
        except WarehouseError:
            return False
        return shared >= _SAME * max(count.failed or 0 for count in counts) > 0

    def orphans(self, symptom: Symptom) -> Unmatched | None:
        """What the values without a partner look like; None if that could not be asked.

        Raises:
            BudgetExceeded: No more may be asked.
        """
        assert symptom.reference is not None
        here, there = self._text(symptom.node), self._text(symptom.reference.node)
        if here is None or there is None:
            return None
        dialect = self._meter.dialect
        column, target = quoted(dialect, symptom.columns[0]), quoted(dialect, symptom.reference.column)
        sql = (
            f"select count(distinct {column}), min({column}), max({column}), "
            f"(select min({target}) from {there}), (select max({target}) from {there}) from {here} "
            f"where {column} is not null and {column} not in (select {target} from {there} where {target} is not null)"
        )
        try:
            distinct, low, high, least, most = self._once(sql, "what values have no partner?", 1).rows[0]
        except WarehouseError:
            return None
        many = to_count(distinct)
        amid, far = _beside((least, most), (low, high), many)
        numbers = isinstance(low, int | float)
        return Unmatched(many, amid, far, self._misspelt(column, target, here, there, low, least), numbers)

    def _misspelt(self, column: str, target: str, here: str, there: str, *examples: object) -> Misspelt:
        if not all(isinstance(one, str) for one in examples):
            return Misspelt()
        known = f"select {target} from {there} where {target} is not null"
        used = f"{target} in (select {column} from {here} where {column} is not null)"
        odd = f"select distinct {column} from {here} where {column} is not null and {column} not in ({known})"
        meant = f"select distinct {target}, {used} from {there} where {target} is not null"
        try:
            values = self._once(odd, "what values have no partner?", MOST_ODD).rows
            others = self._once(meant, "which values could they be?", MOST_KNOWN).rows
        except WarehouseError:
            return Misspelt()
        return misspelt([row[0] for row in values], {str(row[0]): bool(row[1]) for row in others})

    def copies(self, node: str) -> int | None:
        """How many rows are exact copies of another; None where that cannot be told.

        Raises:
            BudgetExceeded: No more may be asked.
        """
        text = self._text(node)
        sql = f"select (select count(*) from {text}), (select count(*) from (select distinct * from {text}) as d)"
        try:
            rows, different = self._once(sql, "are the duplicates copies of one another?", 1).rows[0]
        except WarehouseError:
            return None
        return to_count(rows) - to_count(different)

    def spread(self, source: ColumnRef) -> float:
        """How far the largest value lies from the ordinary ones: max by mean, of absolute values; 0 where that cannot
        be told, as of texts.

        Raises:
            BudgetExceeded: No more may be asked.
        """
        relation = self._text(source.node)
        if relation is None:
            return 0.0
        size = f"abs({quoted(self._meter.dialect, source.column)})"
        try:
            sql = f"select max({size}), avg({size}) from {relation}"
            most, mean = self._once(sql, "which of the values is out of the ordinary?", 1).rows[0]
            return float(str(most)) / float(str(mean)) if most is not None and mean else 0.0
        except (WarehouseError, ValueError, ZeroDivisionError):
            return 0.0

    def differs(self, node: str, earlier: str, columns: Sequence[str]) -> bool | None:
        """Whether the earlier SQL makes other rows of today's data, in these columns (in all if none are given); None
        if that could not be asked.

        Raises:
            BudgetExceeded: No more may be asked.
        """
        here, there = self._text(node), self._text(earlier)
        names = ", ".join(quoted(self._meter.dialect, column) for column in columns) or "*"
        one, other = f"select {names} from {here}", f"select {names} from {there}"
        sql = (
            f"select (select count(*) from {here}) - (select count(*) from {there}), "
            f"(select count(*) from ({one} except {other}) as a), (select count(*) from ({other} except {one}) as b)"
        )
        try:
            row = self._once(sql, "does the changed code make a difference?", 1).rows[0]
        except WarehouseError:
            return None
        return any(to_count(value) for value in row)

    def held(self, symptom: Symptom, column: str, nodes: Sequence[str]) -> list[int] | None:
        """How many different values of the column its failing rows have, and how many of them each of the nodes has, in
        a column of that name; None where that cannot be told."""
        failing, name = self.ask([symptom])[0].rows_sql, quoted(self._meter.dialect, column)
        if failing is None:
            return None
        of_rows = f"select distinct {name} from ({failing}) as failing where {name} is not null"
        here = [f"(select count(*) from ({of_rows}) as a)"]
        here += [
            f"(select count(*) from ({of_rows}) as a where {name} in (select {name} from {self._text(node)}))"
            for node in nodes
        ]
        try:
            return [to_count(one) for one in self.row(f"select {', '.join(here)}", "which table has these values?")]
        except WarehouseError:
            return None


def _number(value: object) -> float | None:
    """A number, or the day of a date; None of all else."""
    if isinstance(value, str) and _DAY.match(value):
        try:
            return date.fromisoformat(value[:10]).toordinal()
        except ValueError:
            return None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}([ T]|$)")


def _beside(known: tuple[object, object], odd: tuple[object, object], many: int) -> tuple[bool, bool]:
    """Whether ``many`` numbers or days, of which the least and the most are told, lie among known ones or go on behind
    them, and whether they are far from those; neither of anything else."""
    numbers = [_number(one) for one in (*known, *odd)]
    least, most, low, high = numbers
    if least is None or most is None or low is None or high is None:
        return False, False
    # Days are not counted one by one, as ids are: a table that ends goes on for as long as it was, at most.
    goes_on = max(2 * many, most - least) if isinstance(known[0], str) else 2 * many
    return least <= low and high <= most + goes_on, low > most + goes_on or high < least - goes_on
