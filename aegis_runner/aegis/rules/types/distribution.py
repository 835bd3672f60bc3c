"""Are the values together what they usually are?"""

from typing import Literal

from aegis.rules.fields import NotNegative, Number, Positive, Text
from aegis.rules.model import SCOPING, Family, Rule
from aegis.rules.traits import Carry, Subject, Traits
from aegis.rules.types._ranges import check_range


class _AggregateBetween(Rule):
    checks = SCOPING

    column: Text
    min_value: Number | None = None
    max_value: Number | None = None
    on_empty: Literal["pass", "fail"] = "fail"

    def check(self) -> None:
        check_range(self.min_value, self.max_value)


class MeanBetween(_AggregateBetween):
    """Fails when the mean is outside the closed range; no value to compare fails, unless ``on_empty: pass``.

    ```yaml
    mean_between: {column: price, min_value: 10, max_value: 200}
    ```

    Not to find single wrong values: use ``between`` or ``zscore_outlier``.
    """

    type = "mean_between"
    family = Family.DISTRIBUTION
    traits = Traits(
        phrase="the mean of {column} is out of range", title="the mean of {columns} out of range",
        subject=Subject.TABLE, carry=Carry.AGGREGATE,
    )  # fmt: skip
    stands_in_for = frozenset({"learned_threshold"})


class ColumnSumBetween(_AggregateBetween):
    """Fails when the sum is outside the closed range; no value to compare fails, unless ``on_empty: pass``.

    ```yaml
    column_sum_between: {column: revenue, min_value: 1}
    ```

    Not for a table that grows without ``since``: the limit would be passed some day.
    """

    type = "column_sum_between"
    family = Family.DISTRIBUTION
    traits = Traits(
        phrase="the sum of {column} is out of range", title="the sum of {columns} out of range",
        subject=Subject.TABLE, carry=Carry.AGGREGATE,
    )  # fmt: skip
    stands_in_for = frozenset({"reconcile_column_sum"})


class StddevBelow(Rule):
    """Fails when the sample standard deviation is above ``threshold``, or there is none (see ``on_empty``).

    ```yaml
    stddev_below: {column: price, threshold: 50}
    ```

    Not for columns with few different values, where one row moves it: use ``between``.
    """

    type = "stddev_below"
    family = Family.DISTRIBUTION
    traits = Traits(
        phrase="{column} is spread too widely", title="{columns} spread too widely", subject=Subject.TABLE,
        carry=Carry.AGGREGATE,
    )  # fmt: skip
    checks = SCOPING

    column: Text
    threshold: NotNegative
    on_empty: Literal["pass", "fail"] = "fail"


class ZscoreOutlier(Rule):
    """Fails for each row with a distance from the mean, in standard deviations, above ``zscore_threshold``.

    ```yaml
    zscore_outlier: {column: amount, zscore_threshold: 4}
    ```

    Not for skewed values such as amounts of money over all customers: many rows are far out by nature.
    """

    type = "zscore_outlier"
    family = Family.DISTRIBUTION
    traits = Traits(
        phrase="{column} has outliers", title="outliers in {columns}", carry=Carry.VALUES, by_other_rows=True,
    )  # fmt: skip
    stands_in_for = frozenset({"isolation_forest"})

    column: Text
    zscore_threshold: Positive = 3
