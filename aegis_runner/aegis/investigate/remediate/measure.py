"""What a table is like before and after a change: a statement's own count is not trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING

from pydantic import JsonValue

from aegis.investigate.query_budget import to_count
from aegis.investigate.remediate.changed_rows import ChangedRows, Difference
from aegis.investigate.remediate.copies import Sums
from aegis.rules.traits import Carry, Subject
from aegis.sql.row_ids import row_hash

if TYPE_CHECKING:
    from aegis.investigate.checks import Count
    from aegis.investigate.remediate.copies import Copies
    from aegis.investigate.remediate.target import FixTarget
    from aegis.investigate.symptoms import Symptom
    from aegis.sql.change import GatedChange

_SOME_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class State:
    """A table at one moment.

    Attributes:
        sums: What tells it from a changed one.
        keys: For a rule about uniqueness, how many different keys there are.
        failed: Rows that the finding's rule fails; None if it cannot be asked.
        others: The same of the other rules that a change can make worse, by id.
        holding: Those of them that hold.
        left_out: Rows of the table that are not in the copy: they stay as they are.
    """

    sums: Sums
    keys: int | None
    failed: int | None
    others: Mapping[str, int | None]
    holding: frozenset[str] = frozenset()
    left_out: int = 0

    @property
    def rows(self) -> int:
        """How many the whole table has."""
        return self.sums.rows + self.left_out

    def told(self) -> JsonValue:
        return {"rows": self.rows, "failed": self.failed, "others": dict(self.others)}


class Measure:
    """Measures one table in a sandbox, for one rule. The rows that fail it are kept there.

    Raises:
        WarehouseError: The table cannot be measured.
    """

    def __init__(self, target: FixTarget, copies: Copies) -> None:
        self._target = target
        self._copies = copies
        [count] = copies.ask([target.symptom])
        self._failing = self._kept(count.rows_sql)
        self._hash = row_hash(target.adapter, "aegis_row")
        sums = copies.sums(target.relation, self.sums)
        self.before = State(sums, self._keys(), count.failed, {}, left_out=copies.left_out)

    def _kept(self, failing: str | None) -> str | None:
        """The table of failing rows; None where nobody knows which they are."""
        if failing is None:
            return None
        shape = self._copies.session.execute_sample(f"select * from ({failing}) as failing where 1 = 0", 1)
        if list(shape.columns) != list(self._target.columns):
            return None
        name = self._target.beside(f"aegis_trial_failing_{self._copies.number()}")
        self._copies.session.keep(name, failing)
        return name

    @property
    def failing_known(self) -> bool:
        """Whether it is known which rows fail."""
        return self._failing is not None

    def sums(self) -> Sums:
        """The table as it is at this moment."""
        sql = f"select count(*), coalesce(sum({self._hash or 0}), 0) from {self._target.relation} as aegis_row"
        rows, checksum = map(to_count, self._copies.session.execute_sample(sql, 1).rows[0])
        return Sums(rows, checksum)

    def _keys(self) -> int | None:
        """How many different keys there are, for a rule about uniqueness."""
        if not self._target.symptom.identifies:
            return None
        names = ", ".join(map(self._target.quoted, self._target.symptom.columns))
        sql = f"select count(*) from (select distinct {names} from {self._target.relation}) as k"
        return to_count(self._copies.session.execute_scalar(sql))

    def different(self, enough: float) -> int:
        """How many different rows the table had before, or a smaller number that is enough: to tell all rows apart
        costs more than to count keys, of which there are no more."""
        keys = self.before.keys or 0
        if self._copies.left_out:
            return self._different_at_least(enough)
        return keys if keys >= enough else self._copies.different(self._target.relation, self._count_different)

    def _count_different(self) -> int:
        relation = self._target.relation
        apart = f"select count(*) from (select distinct * from {relation}) as d"
        sql = f"select count(distinct {self._hash}) from {relation} as aegis_row" if self._hash else apart
        return to_count(self._copies.session.execute_scalar(sql))

    def _different_at_least(self, enough: float) -> int:
        """Of a table that is not here as a whole: some of its rows, where those are different enough."""
        every = f"select * from {self._target.relation}"
        for rows in (f"{every} limit {2 * ceil(enough) + _SOME_ROWS}", every):
            sql = f"select count(*) from (select distinct * from ({rows}) as some_rows) as different_rows"
            found = to_count(self._target.bench.budget.ask(sql, "how many rows differ?", 1).rows[0][0])
            if found >= enough:
                break
        return found

    def is_restored(self) -> bool:
        """Whether the table is what it was, as far as a sum of hashes tells; False where there is none."""
        return self._hash is not None and self.sums() == self.before.sums

    def difference(self, rows: ChangedRows, after: Sums) -> Difference | None:
        """What became of the rows; None where the table is not what it should be now."""
        return rows.difference(self.before.sums, after, self._failing)

    def before_of(self, change: GatedChange) -> State:
        """The table as it was, with the other rules that the change can make worse."""
        others = {rule: one for rule, one in self._target.others.items() if _may_worsen(change, one, self._target)}
        rules = tuple(others.values())
        some = self.before.left_out
        counts = self._copies.ask_of_count(rules, self.before.rows) if some else self._copies.ask(rules)
        return _with_others(self.before, dict(zip(others, counts, strict=True)))

    def after(self, before: State, sums: Sums) -> State:
        """The table with the change. Rules that could not be asked before are not asked. Where only some rows were
        copied, the others are about the number of rows."""
        again = {rule: self._target.others[rule] for rule, failed in before.others.items() if failed is not None}
        now = State(sums, self._keys(), None, {}, left_out=before.left_out)
        alone = before.left_out > 0
        count, *others = self._copies.ask_again((self._target.symptom, *(() if alone else again.values())))
        if alone:
            others = self._copies.ask_of_count(tuple(again.values()), now.rows)
        return _with_others(replace(now, failed=count.failed), dict(zip(again, others, strict=True)))

    def seen(self, column: str, value: JsonValue) -> bool:
        """Whether a value is in rows that pass, of the table as it was."""
        if value is not None and not isinstance(value, str | int | float):
            return False
        name = next((one for one in self._target.columns if one.lower() == column.lower()), column)
        same = f"where cast({self._target.quoted(name)} as varchar) = {self._target.literal(str(value))}"
        failing = f"(select count(*) from {self._failing} {same})" if self._failing else "0"
        sql = f"select (select count(*) from {self._target.relation} {same}) > {failing}"
        return bool(self._copies.session.execute_scalar(sql))


def _with_others(state: State, counts: Mapping[str, Count]) -> State:
    failed = {rule: one.failed for rule, one in counts.items()}
    return replace(state, others=failed, holding=frozenset(rule for rule, one in counts.items() if one.holds))


def some_rows_tell(change: GatedChange, target: FixTarget) -> bool:
    """Whether a trial on the failing rows alone shows what a change of nothing but failing rows does: each fails by
    itself or with the others of its key, and of the other rules only counts of rows can become worse."""
    symptom, traits = target.symptom, target.symptom.traits
    if traits is None or not traits.has_share or traits.by_other_rows or symptom.newest:
        return False
    others = [one for one in target.others.values() if _may_worsen(change, one, target)]
    return all(_counts_all_rows(one, target) for one in others)


def _counts_all_rows(rule: Symptom, target: FixTarget) -> bool:
    volume = rule.traits is not None and rule.traits.carry is Carry.VOLUME
    return volume and rule.node == target.symptom.node and not (rule.where or rule.newest or rule.reference)


def _may_worsen(change: GatedChange, rule: Symptom, target: FixTarget) -> bool:
    """Whether a rule can fail for more rows by the change. To set columns leaves all others as they are, and to delete
    rows leaves no other row with a wrong value, without a partner or with a double. (Which columns of this table a rule
    of another one reads, or one that is SQL, nobody here says.)"""
    points_here = rule.reference is not None and rule.reference.node == target.symptom.node
    if rule.node != target.symptom.node or points_here:
        return True
    if change.kind == "delete":
        traits = rule.traits
        by_itself = traits is not None and traits.subject is Subject.ROW and not traits.by_other_rows
        return not by_itself and not rule.identifies
    if change.kind != "update" or not rule.needs or rule.where or rule.reference:
        return True
    read = {name.lower() for name in (*rule.needs, rule.parameters.get("column_b") or "")}
    return not read.isdisjoint(column.lower() for column in change.columns)
