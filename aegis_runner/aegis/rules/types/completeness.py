"""Is the value there?"""

from aegis.rules.fields import Percent, Text
from aegis.rules.model import PERCENT, ROW_CHECKS, SCOPING, Family, Rule


class NotNull(Rule):
    """Fails for each row whose value is NULL."""

    type = "not_null"
    family = Family.COMPLETENESS
    checks = ROW_CHECKS - {"nulls"}

    column: Text


class NotEmptyString(Rule):
    """Fails for each row whose value is NULL, '' or only white space."""

    type = "not_empty_string"
    family = Family.COMPLETENESS
    checks = ROW_CHECKS - {"nulls"}

    column: Text


class NullPercentageBelow(Rule):
    """Fails when 100 · nulls / rows is above ``threshold`` (percent)."""

    type = "null_percentage_below"
    family = Family.COMPLETENESS
    checks = SCOPING
    counts_in = PERCENT

    column: Text
    threshold: Percent


class ConditionalNotNull(Rule):
    """Fails for each row in which ``condition`` (SQL) is true and the value is NULL."""

    type = "conditional_not_null"
    family = Family.COMPLETENESS
    checks = ROW_CHECKS - {"nulls"}

    column: Text
    condition: Text
