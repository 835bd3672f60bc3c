"""Does a value occur once?"""

from aegis.rules.fields import Columns, Percent, Text
from aegis.rules.model import PERCENT, ROW_CHECKS, SCOPING, Family, Rule
from aegis.rules.traits import Carry, FixKind, Key, Subject, Traits


class Unique(Rule):
    """Fails for each row beyond the first of a non-NULL value.

    ```yaml
    unique: order_id
    ```

    Not for a key of several columns: use ``composite_unique``.
    """

    type = "unique"
    family = Family.UNIQUENESS
    traits = Traits(
        phrase="{column} is not unique", title="duplicate {columns}", subject=Subject.GROUP, carry=Carry.UNIQUENESS,
        key=Key.IDENTIFIES, observes_values=False, fixes=(FixKind.EXACT_COPIES, FixKind.ONE_PER_KEY),
        fixed_by_delete=True, name_taken=True,
    )  # fmt: skip

    column: Text


class CompositeUnique(Rule):
    """Fails for each row beyond the first of a combination; NULLs count as equal.

    ```yaml
    composite_unique: [order_id, line]
    ```

    Not with a column that is unique alone: it hides duplicates of the others.
    """

    type = "composite_unique"
    family = Family.UNIQUENESS
    traits = Traits(
        phrase="{column} is not unique as a combination", title="duplicate {columns}", subject=Subject.GROUP,
        carry=Carry.UNIQUENESS, key=Key.IDENTIFIES, observes_values=False,
        fixes=(FixKind.EXACT_COPIES, FixKind.ONE_PER_KEY), fixed_by_delete=True,
    )  # fmt: skip
    checks = ROW_CHECKS - {"nulls"}
    shorthand = "columns"

    columns: Columns

    def check(self) -> None:
        if not self.columns:
            raise ValueError("columns: give the columns that are unique together")
        if len(set(self.columns)) < len(self.columns):
            raise ValueError("columns: names a column twice")


class DuplicatePercentageBelow(Rule):
    """Fails when 100 · duplicates / non-NULL rows is above ``threshold`` (percent).

    ```yaml
    duplicate_percentage_below: {column: email, threshold: 1}
    ```

    Not for keys: a key has no duplicates at all.
    """

    type = "duplicate_percentage_below"
    family = Family.UNIQUENESS
    traits = Traits(
        phrase="{column} has too many duplicates", title="too many duplicates of {columns}", subject=Subject.GROUP,
        carry=Carry.UNIQUENESS, observes_values=False,
    )  # fmt: skip
    checks = SCOPING
    counts_in = PERCENT

    column: Text
    threshold: Percent
