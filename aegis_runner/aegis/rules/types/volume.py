"""Are there as many rows as there should be?"""

from aegis.rules.fields import Columns, Count
from aegis.rules.model import SCOPING, Family, Rule
from aegis.rules.traits import Carry, Subject, Traits
from aegis.rules.types._ranges import check_range


class RowCount(Rule):
    """Fails when the table has fewer than ``threshold`` rows.

    ```yaml
    row_count: 1000
    ```

    Not for tables that are empty on some days: add ``where`` or use ``freshness``.
    """

    type = "row_count"
    family = Family.VOLUME
    traits = Traits(
        phrase="too few rows", title="too few rows", subject=Subject.TABLE, carry=Carry.VOLUME, uniform=True,
        observes_values=False,
    )  # fmt: skip
    checks = SCOPING
    counts_in = frozenset({"rows", "row"})
    shorthand = "threshold"

    threshold: Count
    about: Columns = ()


class RowCountBetween(Rule):
    """Fails when the number of rows is outside the closed range; one end may be left out.

    ```yaml
    row_count_between: {min_value: 1, max_value: 24}
    ```

    Not for tables that grow, unless ``since`` bounds the rows.
    """

    type = "row_count_between"
    family = Family.VOLUME
    traits = Traits(
        phrase="the row count is out of range", title="a wrong number of rows", subject=Subject.TABLE,
        carry=Carry.VOLUME, uniform=True, observes_values=False,
    )  # fmt: skip
    stands_in_for = frozenset({"reconcile_row_count"})
    checks = SCOPING
    counts_in = frozenset({"rows", "row"})
    shorthand = "min_value"

    min_value: Count | None = None
    max_value: Count | None = None
    about: Columns = ()

    def check(self) -> None:
        check_range(self.min_value, self.max_value)
