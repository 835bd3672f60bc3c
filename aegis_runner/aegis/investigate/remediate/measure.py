"""What a table is like before and after a change, by comparing rows: a statement's own count is not trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import JsonValue

from aegis.investigate.checks import CheckRunner, Count
from aegis.investigate.query_budget import Bounds, QueryBudget
from aegis.investigate.remediate.target import is_text

if TYPE_CHECKING:
    from aegis.investigate.remediate.target import FixTarget
    from aegis.investigate.symptoms import Symptom
    from aegis.sql.change import GatedChange
    from aegis.warehouse.base import SandboxSession

_MOST_PAIRS = 1_000
_UNMETERED = Bounds(queries=10_000, seconds=3_600.0)


@dataclass(frozen=True, slots=True)
class State:
    """A table at one moment.

    Attributes:
        rows: How many.
        failed: Rows that the finding's rule fails; None if it cannot be asked.
        others: The same of each other rule, by id.
        duplicates: Rows beyond the first of equal ones.
        keys: For a rule about uniqueness, how many different keys there are.
        nulls: NULLs by column.
        blanks: Texts of nothing but blanks, by column.
    """

    rows: int
    failed: int | None
    others: Mapping[str, int | None]
    duplicates: int
    keys: int | None = None
    nulls: Mapping[str, int] = field(default_factory=dict)
    blanks: Mapping[str, int] = field(default_factory=dict)

    def told(self) -> JsonValue:
        return {
            "rows": self.rows, "failed": self.failed, "duplicate_rows": self.duplicates, "others": dict(self.others),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """What a change did to rows, each counted as often as it is there.

    Attributes:
        gone: Rows that are there no more, as they were.
        new: Rows that were not there.
        passing_gone: Of the rows gone, those that passed the rule; None where nobody knows which rows fail.
        lost: Different rows of which no copy is left, less those put in their place.
        repeated: Different new rows of which a copy was there before.
    """

    gone: int
    new: int
    passing_gone: int | None
    lost: int
    repeated: int

    @property
    def changed(self) -> int:
        return max(self.gone, self.new)


@dataclass(frozen=True, slots=True)
class Pair:
    """A value that an UPDATE puts in place of another, in how many rows."""

    column: str
    old: JsonValue
    new: JsonValue
    rows: int


class Measure:
    """Measures the table in a sandbox. It keeps two tables there: the rows before, and the failing ones."""

    def __init__(self, target: FixTarget, session: SandboxSession) -> None:
        self._target = target
        self._session = session
        place = target.relation.rpartition(".")[0]
        within = f"{place}." if place else ""
        self.before = within + target.quoted("aegis_trial_before")
        self._failing = within + target.quoted("aegis_trial_failing")
        self.failing_known = False
        self._countable: tuple[str, ...] = tuple(target.others)

    def start(self) -> State:
        """Remember the rows, and those that fail.

        Raises:
            WarehouseError: The table cannot be measured.
        """
        target, session = self._target, self._session
        session.keep(self.before, f"select * from {target.relation}")
        count, *others = self._counts((target.symptom, *target.others.values()))
        self._countable = tuple(rule for rule, one in zip(target.others, others, strict=True) if one.failed is not None)
        if count.rows_sql is not None:
            shape = session.execute_sample(f"select * from ({count.rows_sql}) as failing where 1 = 0", 1)
            if list(shape.columns) == list(target.columns):
                session.keep(self._failing, count.rows_sql)
                self.failing_known = True
        return self._state(count, dict(zip(target.others, others, strict=True)))

    def now(self) -> State:
        """The table as it is; rules that could not be asked at the start are not asked again."""
        target = self._target
        count, *others = self._counts((target.symptom, *(target.others[rule] for rule in self._countable)))
        return self._state(count, dict(zip(self._countable, others, strict=True)))

    def _counts(self, symptoms: Sequence[Symptom]) -> list[Count]:
        probes = CheckRunner(self._target.bench.manifest, QueryBudget(self._session, _UNMETERED))
        return probes.ask(symptoms)

    def _state(self, count: Count, others: Mapping[str, Count]) -> State:
        target = self._target
        texts = [name for name, kind in target.columns.items() if is_text(kind)]
        wanted = ["count(*)", f"(select count(*) from (select distinct * from {target.relation}) as d)", self._keys()]
        wanted += [f"count(*) - count({target.quoted(name)})" for name in target.columns]
        wanted += [f"count(case when trim({target.quoted(name)}) = '' then 1 end)" for name in texts]
        row = self._session.execute_sample(f"select {', '.join(wanted)} from {target.relation}", 1).rows[0]
        rows, distinct, keys, *rest = (None if value is None else int(str(value)) for value in row)
        numbers = [int(str(one)) for one in rest]
        return State(
            rows=rows or 0,
            failed=count.failed,
            others={rule: one.failed for rule, one in others.items()},
            duplicates=(rows or 0) - (distinct or 0),
            keys=keys,
            nulls=dict(zip(target.columns, numbers, strict=False)),
            blanks=dict(zip(texts, numbers[len(target.columns) :], strict=True)),
        )

    def _keys(self) -> str:
        target = self._target
        if not target.symptom.identifies:
            return "null"
        names = ", ".join(map(target.quoted, target.symptom.columns))
        return f"(select count(*) from (select distinct {names} from {target.relation}) as k)"

    def difference(self) -> Difference:
        """The table against what it was."""
        old, new = f"select * from {self.before}", f"select * from {self._target.relation}"
        gone, came = f"({old} except all {new})", f"({new} except all {old})"
        passing = f"(select count(*) from ({gone} except all select * from {self._failing}) as p)"
        sql = (
            f"select (select count(*) from {gone} as g), (select count(*) from {came} as n), "
            f"{passing if self.failing_known else 'null'}, (select count(*) from ({old} except {new}) as l), "
            f"(select count(*) from (select * from {came} as n intersect {old}) as r), "
            f"(select count(*) from ({new} except {old}) as d)"
        )
        row = self._session.execute_sample(sql, 1).rows[0]
        gone_, new_, passing_, lost, repeated, put = (None if one is None else int(str(one)) for one in row)
        return Difference(gone_ or 0, new_ or 0, passing_, max(0, (lost or 0) - (put or 0)), repeated or 0)

    def pairs(self, change: GatedChange) -> tuple[Pair, ...] | None:
        """What a change that ran put in place of what, row by row: rows are known by a key that it left alone. An
        UPDATE of this table alone needs none: its new values are asked of the rows before. None where nobody can tell.
        """
        if change.kind not in ("update", "merge"):
            return ()
        key = self._key_left_alone(change)
        if key is None and not change.simple:
            return None
        found: list[Pair] = []
        for column in change.columns:
            sql = self._by_key(column, key) if key is not None else self._by_rows(column, change)
            rows = self._session.execute_sample(f"{sql} group by 1, 2 order by 3 desc", _MOST_PAIRS).rows
            found += [Pair(column, old, new, int(str(many))) for old, new, many in rows if old != new]
        return tuple(found)

    def _by_key(self, column: str, key: Sequence[str]) -> str:
        quoted = self._target.quoted
        name = quoted(self._spelled(column))
        same = " and ".join(f"old_row.{quoted(one)} = new_row.{quoted(one)}" for one in key)
        return (
            f"select old_row.{name}, new_row.{name}, count(*) from {self.before} as old_row "
            f"join {self._target.relation} as new_row on {same} where old_row.{name} is distinct from new_row.{name}"
        )

    def _by_rows(self, column: str, change: GatedChange) -> str:
        """Columns after the name that the change gives its table stand for those of the rows before."""
        called = change.alias or self._target.relation.rpartition(".")[2]
        return (
            f"select {self._target.quoted(self._spelled(column))}, {change.assigned[column]}, count(*) "
            f"from {self.before} as {called} where {change.predicate}"
        )

    def _key_left_alone(self, change: GatedChange) -> tuple[str, ...] | None:
        """A key of which no two rows before share a value, none of it NULL."""
        changed = {column.lower() for column in change.columns}
        for key in self._target.keys:
            if changed & {column.lower() for column in key}:
                continue
            names = ", ".join(map(self._target.quoted, key))
            whole = " and ".join(f"{self._target.quoted(one)} is not null" for one in key)
            sql = (
                f"select (select count(*) from {self.before}) = "
                f"(select count(*) from (select distinct {names} from {self.before} where {whole}) as k)"
            )
            if self._session.execute_scalar(sql):
                return key
        return None

    def seen(self, column: str, value: JsonValue) -> bool:
        """Whether a value was there before, in rows that passed."""
        if value is not None and not isinstance(value, str | int | float):
            return False
        text = self._target.literal(str(value))
        passing = f" except all select * from {self._failing}" if self.failing_known else ""
        sql = (
            f"select count(*) from (select * from {self.before}{passing}) as passing "
            f"where cast({self._target.quoted(self._spelled(column))} as varchar) = {text}"
        )
        return bool(self._session.execute_scalar(sql))

    def _spelled(self, column: str) -> str:
        """The column as the table spells it."""
        return next((name for name in self._target.columns if name.lower() == column.lower()), column)

    def restored(self) -> bool:
        """Whether the table is what it was, row by row."""
        found = self.difference()
        return found.gone == 0 and found.new == 0

    def reset(self) -> None:
        """The table as it was."""
        self._session.execute(f"delete from {self._target.relation}")
        self._session.execute(f"insert into {self._target.relation} select * from {self.before}")
