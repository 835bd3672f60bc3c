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
    """Fails when the mean is outside the closed range; no value to compare fails, unless ``on_empty: pass``."""

    type = "mean_between"
    family = Family.DISTRIBUTION
    traits = Traits(
        phrase="the mean of {column} is out of range", title="the mean of {columns} out of range",
        subject=Subject.TABLE, carry=Carry.AGGREGATE,
    )  # fmt: skip
    stands_in_for = frozenset({"learned_threshold"})


class ColumnSumBetween(_AggregateBetween):
    """Fails when the sum is outside the closed range; no value to compare fails, unless ``on_empty: pass``."""

    type = "column_sum_between"
    family = Family.DISTRIBUTION
    traits = Traits(
        phrase="the sum of {column} is out of range", title="the sum of {columns} out of range",
        subject=Subject.TABLE, carry=Carry.AGGREGATE,
    )  # fmt: skip
    stands_in_for = frozenset({"reconcile_column_sum"})


class StddevBelow(Rule):
    """Fails when the sample standard deviation is above ``threshold``, or there is none (see ``on_empty``)."""

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
    """Fails for each row with a distance from the mean, in standard deviations, above ``zscore_threshold``."""

    type = "zscore_outlier"
    family = Family.DISTRIBUTION
    traits = Traits(
        phrase="{column} has outliers", title="outliers in {columns}", carry=Carry.VALUES,
    )  # fmt: skip
    stands_in_for = frozenset({"isolation_forest"})

    column: Text
    zscore_threshold: Positive = 3
