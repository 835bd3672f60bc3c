"""What a node's SQL says: what feeds each of its columns, and what it joins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class ColumnRef:
    """A column of a dbt node; ``column`` in lower case."""

    node: str
    column: str


@dataclass(frozen=True, slots=True)
class ColumnInput:
    """A column that a column is made from. ``plain``: passed on as it is, perhaps under another name or type.
    ``grouped``: only by way of a GROUP BY, which lets no two rows of a group through. ``nulls``: a NULL there can make
    this one NULL. ``uniform``: what is computed of it is the same for every row, without a condition. ``within``: the
    ephemeral model in whose SQL the last of it is computed, by its name; None where that is the node's own SQL."""

    source: ColumnRef
    plain: bool
    grouped: bool = False
    nulls: bool = False
    uniform: bool = False
    within: str | None = None

    def behind(self, plain: bool, grouped: bool, nulls: bool, uniform: bool, within: str | None) -> ColumnInput:
        """As it is through one more expression, ``within`` an ephemeral model's SQL or the node's own."""
        return ColumnInput(
            self.source, plain and self.plain, grouped or self.grouped, nulls and self.nulls, uniform and self.uniform,
            self.within if plain else within,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Join:
    """Two columns that a join holds equal. ``optional`` is the side that may have no partner: '', 'left', 'right' or
    'both' (a LEFT JOIN keeps the rows of its left side, so its right side is the optional one). ``grouped``: the right
    one comes by way of a GROUP BY. ``within``: the ephemeral model in whose SQL it stands, by its name."""

    left: ColumnRef
    right: ColumnRef
    optional: str
    grouped: bool = False
    within: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnLineage:
    """What a node's SQL says.

    Attributes:
        feeds: Column (lower case) to the columns of other nodes it is made from.
        joins: Equalities of joins, anywhere in the SQL.
        base: The node whose rows the result's rows are (first in FROM, through CTEs), where it is one.
        grouped: Whether rows are put together on the way (GROUP BY, DISTINCT, a window that picks rows).
        reads: Nodes it reads.
        unread: Why its SQL could not be read; all else is empty then.
        hidden: Columns of which it is not known, at least in part, where they come from: through a ``*`` of which the
            columns are not known, or out of a table that dbt does not know.
        strangers: Those tables, as the SQL names them.
        has_star: Whether it has such a ``*`` itself: then any column may be one of those.
    """

    feeds: Mapping[str, tuple[ColumnInput, ...]] = field(default_factory=dict)
    joins: tuple[Join, ...] = ()
    base: str | None = None
    grouped: bool = False
    reads: tuple[str, ...] = ()
    unread: str | None = None
    hidden: frozenset[str] = frozenset()
    has_star: bool = False
    strangers: tuple[str, ...] = ()

    def hides(self, column: str) -> bool:
        """Whether it is not known what the column comes from."""
        name = column.lower()
        return name in self.hidden or (self.has_star and name not in self.feeds)
