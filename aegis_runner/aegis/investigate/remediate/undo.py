"""SQL that takes a change back: what to keep before it, and what to run to have the table as it was.

No values stand in it (they could be personal): the rows that change are kept in a table of their own. Rows that went
are put back from it; rows that changed are found by a key that the change leaves alone, if there is one. Else the whole
table is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aegis.investigate.remediate.target import FixTarget
    from aegis.sql.change import GatedChange


@dataclass(frozen=True, slots=True)
class Undo:
    """The rows of ``query`` are kept in the table ``kept`` before the change, ``restore`` takes the change back.

    ``of_rows``: whether they are the rows that the change is about, and not the whole table.
    """

    kept: str
    query: str
    restore: tuple[str, ...]
    of_rows: bool

    def told(self) -> str:
        """For people, as one script in two parts."""
        keep = f"create table {self.kept} as {self.query};"
        lines = ["-- Before the fix:", keep, "-- To take it back:", *(f"{one};" for one in self.restore)]
        return "\n".join(lines)


def undos(change: GatedChange, target: FixTarget) -> Iterator[Undo]:
    """Ways to take a change back, that which keeps the least first."""
    kept = target.beside(f"{target.node.identifier or target.node.alias or target.node.name}_before_fix")
    called = f" as {change.alias}" if change.alias else ""
    some = f"select * from {target.relation}{called} where {change.predicate}"
    back = _putting_back(target, kept)
    if change.kind == "delete" and change.simple:
        yield Undo(kept, some, (back,), of_rows=True)
    changed = {column.lower() for column in change.columns}
    for key in target.keys if change.kind == "update" and change.simple else ():
        if not changed & {column.lower() for column in key}:
            same = " and ".join(f"kept.{target.quoted(one)} = {target.relation}.{target.quoted(one)}" for one in key)
            found = f"exists (select 1 from {kept} as kept where {same})"
            yield Undo(kept, some, (f"delete from {target.relation} where {found}", back), of_rows=True)
    yield Undo(
        kept, f"select * from {target.relation}", (f"delete from {target.relation} where 1 = 1", back), of_rows=False
    )


def _putting_back(target: FixTarget, kept: str) -> str:
    """Rows as they were kept, where the table computes columns and gives numbers of its own, too."""
    fixable = target.fixable
    if not fixable.computed and not fixable.numbered:
        return f"insert into {target.relation} select * from {kept}"
    names = ", ".join(target.quoted(one) for one in target.columns if one not in fixable.computed)
    given = " overriding system value" if fixable.numbered else ""
    return f"insert into {target.relation} ({names}){given} select {names} from {kept}"
