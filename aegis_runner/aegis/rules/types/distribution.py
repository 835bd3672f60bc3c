"""Are the values together what they usually are?"""

from typing import Literal

from aegis.rules.fields import NotNegative, Number, Positive, Text
from aegis.rules.model import SCOPING, Family, Rule
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


class ColumnSumBetween(_AggregateBetween):
    """Fails when the sum is outside the closed range; no value to compare fails, unless ``on_empty: pass``."""

    type = "column_sum_between"
    family = Family.DISTRIBUTION


class StddevBelow(Rule):
    """Fails when the sample standard deviation is above ``threshold``, or there is none (see ``on_empty``)."""

    type = "stddev_below"
    family = Family.DISTRIBUTION
    checks = SCOPING

    column: Text
    threshold: NotNegative
    on_empty: Literal["pass", "fail"] = "fail"


class ZscoreOutlier(Rule):
    """Fails for each row with a distance from the mean, in standard deviations, above ``zscore_threshold``."""

    type = "zscore_outlier"
    family = Family.DISTRIBUTION

    column: Text
    zscore_threshold: Positive = 3
