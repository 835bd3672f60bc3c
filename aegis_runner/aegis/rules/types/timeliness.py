"""Is the data of the right time?"""

from typing import Literal

from aegis.rules.fields import Positive, Text
from aegis.rules.model import SCOPING, Family, Rule
from aegis.rules.traits import Carry, Subject, Traits


class Freshness(Rule):
    """Fails when the latest ``column`` is older than ``threshold`` ``unit`` (1.5 is fine), or there are no rows.

    Infinity is no time at which anything arrived: it is left out. Without a column the table's own modification time
    counts, where the warehouse keeps one.

    ```yaml
    freshness: {column: loaded_at, threshold: 6, unit: hours}
    ```

    Not on a column of business dates, which may lie ahead: use the time of loading.
    """

    type = "freshness"
    family = Family.TIMELINESS
    traits = Traits(
        phrase="the data is stale", title="stale data", subject=Subject.TABLE, carry=Carry.AGGREGATE,
        observes_values=False,
    )  # fmt: skip
    checks = SCOPING

    column: Text | None = None
    threshold: Positive
    unit: Literal["minutes", "hours", "days"] = "hours"

    def check(self) -> None:
        if self.column is None and (self.where or self.since):
            raise ValueError("column: 'where' and 'since' need a column; the table's modification time has no rows")


class NoFutureDates(Rule):
    """Fails for each row later than now, or than today for dates: in UTC, or in ``time_zone``.

    ```yaml
    no_future_dates: ordered_at
    ```

    Not for plans and due dates.
    """

    type = "no_future_dates"
    family = Family.TIMELINESS
    traits = Traits(
        phrase="{column} is in the future", title="{columns} in the future", carry=Carry.VALUES,
    )  # fmt: skip

    column: Text


class DateOrder(Rule):
    """Fails for each row in which ``column`` is later than ``column_b``.

    ```yaml
    date_order: {column: ordered_at, column_b: shipped_at}
    ```

    Not for columns of different time zones without an offset: set ``time_zone``.
    """

    type = "date_order"
    family = Family.TIMELINESS
    traits = Traits(
        phrase="{column} is too late", title="{columns} too late", carry=Carry.VALUES, observes_values=False,
    )  # fmt: skip

    column: Text
    column_b: Text

    def check(self) -> None:
        if self.column == self.column_b:
            raise ValueError("column_b: is the same column as 'column'")
