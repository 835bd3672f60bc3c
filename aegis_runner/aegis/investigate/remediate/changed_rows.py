"""The rows that a change is about, as they were and as they are with it.

Those that an UPDATE or DELETE of one table changes are the rows of its condition: they are kept before it runs, each
with its new values beside the old ones, so that a trial costs what it changes. Whether nothing else changed, a sum of
all rows' hashes tells. Where it does not add up, and of other statements, the whole table is kept and compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import JsonValue

from aegis.investigate.remediate.target import is_text
from aegis.sql.row_ids import row_hash

if TYPE_CHECKING:
    from aegis.investigate.remediate.copies import Copies, Sums
    from aegis.investigate.remediate.target import FixTarget
    from aegis.sql.change import GatedChange

_MOST_PAIRS = 1_000


@dataclass(frozen=True, slots=True)
class Difference:
    """What a change did to rows, each counted as often as it is there.

    Attributes:
        gone: Rows that are there no more, as they were.
        new: Rows that were not there.
        passing_gone: Of the rows gone, those that passed the rule; None where nobody knows which rows fail.
        lost: Of a DELETE: different rows of which no copy is left.
        repeated: Of an INSERT or MERGE: different new rows of which a copy was there before.
        nulls: By column, how many more NULLs there are; below 0, how many fewer.
        blanks: The same of texts of nothing but blanks, by column of texts.
    """

    gone: int
    new: int
    passing_gone: int | None
    lost: int
    repeated: int
    nulls: Mapping[str, int]
    blanks: Mapping[str, int]

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


def is_foreseen(change: GatedChange, target: FixTarget) -> bool:
    """Whether the rows that a change is about are known before it runs."""
    known = {name.lower() for name in change.columns} <= {name.lower() for name in target.columns}
    hashed = row_hash(target.adapter, "") is not None
    return change.simple and change.kind in ("update", "delete") and known and hashed


@contextmanager
def kept_rows(change: GatedChange, target: FixTarget, copies: Copies, *, whole: bool) -> Iterator[ChangedRows]:
    """The rows that a change is about, kept until the block ends; it must be entered before the change runs.

    Args:
        change: What will run.
        target: The table.
        copies: Where it is.
        whole: Whether to keep all rows of the table.

    Raises:
        WarehouseError: They cannot be kept.
    """
    session = copies.session
    kept = target.beside(f"aegis_trial_rows_{copies.number()}")
    try:
        if whole:
            session.keep(kept, f"select * from {target.relation}")
        elif change.kind == "update":
            # First without rows: what is put in then is cast as an UPDATE casts it.
            session.keep(kept, f"select {_named(target, 'old', 'new')} from {target.relation} where 1 = 0")
            session.execute(f"insert into {kept} select {_side_by_side(change, target)} {_source(change, target)}")
        else:
            session.keep(kept, f"select {_side_by_side(change, target)} {_source(change, target)}")
        yield ChangedRows(change, target, copies, kept, whole=whole)
    finally:
        session.drop(kept)


def _source(change: GatedChange, target: FixTarget) -> str:
    called = f" as {change.alias}" if change.alias else ""
    return f"from {target.relation}{called} where {change.predicate}"


def _names(which: str, target: FixTarget) -> list[str]:
    return [target.quoted(f"{which}_{place}") for place in range(len(target.columns))]


def _named(target: FixTarget, *which: str) -> str:
    """All columns under names of ours, once for each of ``which``."""
    columns = list(map(target.quoted, target.columns))
    pairs = (pair for one in which for pair in zip(columns, _names(one, target), strict=True))
    return ", ".join(f"{column} as {name}" for column, name in pairs)


def _side_by_side(change: GatedChange, target: FixTarget) -> str:
    """The old values, and for an UPDATE the new ones."""
    # A column by its table: in what is assigned, a bare name is one of the table too.
    called = change.alias or target.called
    old = {name.lower(): f"{called}.{target.quoted(name)}" for name in target.columns}
    pairs = list(zip(old.values(), _names("old", target), strict=True))
    if change.kind == "update":
        new = old | {column.lower(): value for column, value in change.assigned.items()}
        new |= _computed(new, target)
        pairs += zip(new.values(), _names("new", target), strict=True)
    return ", ".join(f"{value} as {name}" for value, name in pairs)


def _computed(new: Mapping[str, str], target: FixTarget) -> dict[str, str]:
    """What the database will compute from new values."""
    computed = target.fixable.computed
    given = [f"{new[name.lower()]} as {target.quoted(name)}" for name in target.columns if name not in computed]
    row = f"(select {', '.join(given)}) as aegis_new"
    return {name.lower(): f"(select {expression} from {row})" for name, expression in computed.items()}


class ChangedRows:
    """Rows that are kept in the table ``kept``: all as they were, or some as they were and as they will be."""

    def __init__(self, change: GatedChange, target: FixTarget, copies: Copies, kept: str, *, whole: bool) -> None:
        self._change = change
        self._target = target
        self._session = copies.session
        self._kept = kept
        self._whole = whole
        self.old = f"select * from {kept}" if whole else self._shown("old")
        """A query of the rows as they were."""
        self._new = f"select * from {target.relation}" if whole else self._shown("new")

    def _shown(self, which: str) -> str:
        """The old or the new rows, as rows of the table."""
        columns = zip(_names(which, self._target), map(self._target.quoted, self._target.columns), strict=True)
        return f"select {', '.join(f'{name} as {column}' for name, column in columns)} from {self._kept}"

    def rows(self) -> int:
        """How many they are."""
        return _number(self._session.execute_scalar(f"select count(*) from {self._kept}"))

    def difference(self, before: Sums, after: Sums, failing: str | None) -> Difference | None:
        """What became of the rows; None where the table is not what it should be now.

        Args:
            before: The table as it was.
            after: The table with the change.
            failing: The table of rows that fail the rule, as they were; None where it is not known.
        """
        if self._change.kind == "delete" and not self._whole:
            return self._of_delete(before, after, failing)
        new = self._new
        passing = f"(select count(*) from (select * from gone except all select * from {failing}) as p)"
        lost = f"(select count(*) from (select * from gone except {new}) as l)"
        repeated = f"(select count(*) from (select * from came intersect {self.old}) as r)"
        adds, removes = self._change.kind in ("insert", "merge"), self._change.kind == "delete"
        tallies = self._tallies()
        wanted = ", ".join(tallies.values())
        sql = (
            f"with gone as ({self.old} except all {new}), came as ({new} except all {self.old}) "
            f"select g.*, c.*, {passing if failing else 'null'}, {lost if removes else 0}, {repeated if adds else 0} "
            f"from (select {wanted} from gone as aegis_row) as g, (select {wanted} from came as aegis_row) as c"
        )
        *sides, passing_gone, lost_rows, repeats = self._session.execute_sample(sql, 1).rows[0]
        gone, came = (dict(zip(tallies, map(_number, side), strict=True)) for side in _halves(sides))
        if not self._whole and not _adds_up(before, after, gone, came):
            return None
        more = {what: came[what] - gone[what] for what in tallies}
        return Difference(
            gone=gone["rows"], new=came["rows"], passing_gone=None if passing_gone is None else _number(passing_gone),
            lost=_number(lost_rows), repeated=_number(repeats),
            nulls={name: more[f"null {name}"] for name in self._target.columns},
            blanks={name: more[f"blank {name}"] for name in self._texts()},
        )  # fmt: skip

    def _of_delete(self, before: Sums, after: Sums, failing: str | None) -> Difference | None:
        """All rows of the condition are gone, and none is new."""
        passing = f"(select count(*) from ({self.old} except all select * from {failing}) as p)" if failing else "null"
        tallies, row = self._tallies(), row_hash(self._target.adapter, "aegis_row")
        # Of the different rows that are gone, those of which no copy is left: by their hashes.
        gone_rows = f"select {row} as aegis_hash from ({self.old}) as aegis_row"
        there = f"select {row} from {self._target.relation} as aegis_row where {row} in ({gone_rows})"
        lost = f"(select count(*) from (select distinct aegis_hash from ({gone_rows}) as g except {there}) as l)"
        sql = f"select {tallies['rows']}, {tallies['checksum']}, {passing}, {lost} from ({self.old}) as aegis_row"
        rows, checksum, passing_gone, lost_rows = self._session.execute_sample(sql, 1).rows[0]
        gone, came = {"rows": _number(rows), "checksum": _number(checksum)}, {"rows": 0, "checksum": 0}
        if not _adds_up(before, after, gone, came):
            return None
        return Difference(
            gone=gone["rows"], new=0, passing_gone=None if passing_gone is None else _number(passing_gone),
            lost=_number(lost_rows), repeated=0, nulls={}, blanks={},
        )  # fmt: skip

    def _tallies(self) -> dict[str, str]:
        """What is counted of rows, by its name, as SQL."""
        quoted = self._target.quoted
        return {
            "rows": "count(*)",
            "checksum": f"coalesce(sum({row_hash(self._target.adapter, 'aegis_row') or 0}), 0)",
            **{f"null {name}": f"count(*) - count({quoted(name)})" for name in self._target.columns},
            **{f"blank {name}": f"count(case when trim({quoted(name)}) = '' then 1 end)" for name in self._texts()},
        }

    def _texts(self) -> list[str]:
        return [name for name, kind in self._target.columns.items() if is_text(kind)]

    def pairs(self) -> tuple[Pair, ...] | None:
        """What a change that ran put in place of what. Where all rows are kept, rows are known by a key that it left
        alone. None where nobody can tell."""
        if self._change.kind not in ("update", "merge"):
            return ()
        key = self._key_left_alone() if self._whole else ()
        if key is None:
            return None
        found: list[Pair] = []
        for column in self._change.columns:
            sql = f"{self._old_and_new(column, key)} group by 1, 2 order by 3 desc"
            rows = self._session.execute_sample(sql, _MOST_PAIRS).rows
            found += [Pair(column, old, new, _number(many)) for old, new, many in rows if old != new]
        return tuple(found)

    def _old_and_new(self, column: str, key: Sequence[str]) -> str:
        quoted, names = self._target.quoted, list(self._target.columns)
        place = next(place for place, name in enumerate(names) if name.lower() == column.lower())
        if not self._whole:
            old, new = quoted(f"old_{place}"), quoted(f"new_{place}")
            return f"select {old}, {new}, count(*) from {self._kept} where {old} is distinct from {new}"
        name = quoted(names[place])
        same = " and ".join(f"old_row.{quoted(one)} = new_row.{quoted(one)}" for one in key)
        return (
            f"select old_row.{name}, new_row.{name}, count(*) from {self._kept} as old_row "
            f"join {self._target.relation} as new_row on {same} where old_row.{name} is distinct from new_row.{name}"
        )

    def _key_left_alone(self) -> tuple[str, ...] | None:
        """A key of which no two rows before share a value, none of it NULL."""
        changed = {column.lower() for column in self._change.columns}
        for key in self._target.keys:
            if changed & {column.lower() for column in key}:
                continue
            names = ", ".join(map(self._target.quoted, key))
            whole = " and ".join(f"{self._target.quoted(one)} is not null" for one in key)
            sql = (
                f"select (select count(*) from {self._kept}) = "
                f"(select count(*) from (select distinct {names} from {self._kept} where {whole}) as k)"
            )
            if self._session.execute_scalar(sql):
                return key
        return None


def _halves(values: Sequence[JsonValue]) -> tuple[Sequence[JsonValue], Sequence[JsonValue]]:
    middle = len(values) // 2
    return values[:middle], values[middle:]


def _number(value: JsonValue) -> int:
    return int(str(value))


def _adds_up(before: Sums, after: Sums, gone: Mapping[str, int], came: Mapping[str, int]) -> bool:
    more = {what: came[what] - gone[what] for what in ("rows", "checksum")}
    return (after.rows, after.checksum) == (before.rows + more["rows"], before.checksum + more["checksum"])
