"""Is the value there?"""

from aegis.rules.fields import Percent, Text
from aegis.rules.model import PERCENT, ROW_CHECKS, SCOPING, Family, Rule
from aegis.rules.traits import Carry, FixKind, Key, Traits


class NotNull(Rule):
    """Fails for each row whose value is NULL.

    ```yaml
    not_null: email
    ```

    Not for a column that may be empty: ``conditional_not_null`` says when it must not be.
    """

    type = "not_null"
    family = Family.COMPLETENESS
    traits = Traits(
        phrase="{column} is NULL", title="NULL in {columns}", carry=Carry.NULLS, key=Key.REQUIRED, uniform=True,
        observes_values=False, fixes=(FixKind.WITHOUT_VALUE,), name_taken=True,
    )  # fmt: skip
    checks = ROW_CHECKS - {"nulls"}

    column: Text


class NotEmptyString(Rule):
    """Fails for each row whose value is NULL, '' or only white space.

    ```yaml
    not_empty_string: name
    ```

    Not for numbers and dates, which are never blank: use ``not_null``.
    """

    type = "not_empty_string"
    family = Family.COMPLETENESS
    traits = Traits(
        phrase="{column} is empty", title="blank {columns}", carry=Carry.VALUES, observes_values=False,
        fixes=(FixKind.BLANK_TO_NULL,), name_taken=True,
    )  # fmt: skip
    checks = ROW_CHECKS - {"nulls"}

    column: Text


class NullPercentageBelow(Rule):
    """Fails when 100 · nulls / rows is above ``threshold`` (percent).

    ```yaml
    null_percentage_below: {column: phone, threshold: 5}
    ```

    Not to keep a rule quiet that fails: ``not_null`` with ``max_failed_pct`` shows the rows too.
    """

    type = "null_percentage_below"
    family = Family.COMPLETENESS
    traits = Traits(
        phrase="{column} has too many NULLs", title="too many NULLs in {columns}", carry=Carry.NULLS, uniform=True,
        observes_values=False, by_other_rows=True,
    )  # fmt: skip
    checks = SCOPING
    counts_in = PERCENT

    column: Text
    threshold: Percent


class ConditionalNotNull(Rule):
    """Fails for each row in which ``condition`` (SQL) is true and the value is NULL.

    ```yaml
    conditional_not_null: {column: shipped_at, condition: "status = 'shipped'"}
    ```

    Not for a condition that is always true: use ``not_null``.
    """

    type = "conditional_not_null"
    family = Family.COMPLETENESS
    traits = Traits(
        phrase="{column} is NULL where it must not be", title="NULL in {columns} where it must not be",
        carry=Carry.NULLS, uniform=True, observes_values=False,
    )  # fmt: skip
    checks = ROW_CHECKS - {"nulls"}

    column: Text
    condition: Text
