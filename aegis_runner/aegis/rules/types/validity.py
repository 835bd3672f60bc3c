"""Is the value one that can be?"""

from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from aegis.rules.fields import Bound, Columns, Flags, Scalar, Scalars, Text
from aegis.rules.model import Family, Rule
from aegis.rules.traits import Carry, FixKind, Subject, Traits
from aegis.rules.types._ranges import check_range


class SqlExpression(Rule):
    """Fails for each row for which ``expression`` (SQL) is false; NULL goes by ``nulls``.

    ``about`` are the columns that it is about (``scope.columns`` in the long form), for people only.

    ```yaml
    sql_expression: {id: net_is_less, expression: "net <= gross"}
    ```

    Not for aggregates or other tables: those are queries, for ``custom_sql``.
    """

    type = "sql_expression"
    family = Family.VALIDITY
    traits = Traits(
        phrase="{rule} does not hold", title=None, carry=Carry.VALUES, uniform=True, observes_values=False,
    )  # fmt: skip
    shorthand = "expression"

    expression: Text
    about: Columns = ()


class Between(Rule):
    """Fails for each row outside the closed range; with ``strictly`` the limits are outside too.

    A limit in quotes is read as the column's type reads it: a number by a number column, a date by a date column.

    ```yaml
    between: {column: quantity, min_value: 1, max_value: 100}
    ```

    Not for texts that hold numbers, which sort as texts: cast them first.
    """

    type = "between"
    family = Family.VALIDITY
    traits = Traits(
        phrase="{column} is out of range", title="{columns} out of range", carry=Carry.VALUES,
    )  # fmt: skip

    column: Text
    min_value: Bound | None = None
    max_value: Bound | None = None
    strictly: bool = False

    def check(self) -> None:
        check_range(self.min_value, self.max_value, strictly=self.strictly)


class MinValueCheck(Rule):
    """Fails for each row below ``min_value``.

    ```yaml
    min_value_check: {column: price, min_value: 0}
    ```

    Not beside ``max_value_check`` on the same column: ``between`` says both at once.
    """

    type = "min_value_check"
    family = Family.VALIDITY
    traits = Traits(
        phrase="{column} is too small", title="{columns} too small", carry=Carry.VALUES,
    )  # fmt: skip

    column: Text
    min_value: Bound


class MaxValueCheck(Rule):
    """Fails for each row above ``max_value``.

    ```yaml
    max_value_check: {column: discount, max_value: 1}
    ```

    Not beside ``min_value_check`` on the same column: ``between`` says both at once.
    """

    type = "max_value_check"
    family = Family.VALIDITY
    traits = Traits(
        phrase="{column} is too large", title="{columns} too large", carry=Carry.VALUES,
    )  # fmt: skip

    column: Text
    max_value: Bound


class RegexMatch(Rule):
    """Fails for each row in whose text ``pattern`` (the warehouse's regular expressions) is not found.

    Texts of every kind: enums, UUIDs, JSON, addresses and domains over text too. Cast a number or a date first.

    ```yaml
    regex_match: {column: code, pattern: "^[A-Z]{3}$"}
    ```

    Not without anchors where the whole text is meant: ``[0-9]`` is found in ``x1``.
    """

    type = "regex_match"
    family = Family.VALIDITY
    traits = Traits(
        phrase="{column} does not match the pattern", title="{columns} not matching the pattern", carry=Carry.VALUES,
        fixes=(FixKind.TRIMMED,),
    )  # fmt: skip

    column: Text
    pattern: Text
    flags: Flags | None = None


class _Values(Rule):
    column: Text
    values: Scalars
    quote: bool | None = None

    def check(self) -> None:
        if not self.values:
            raise ValueError("values: is empty; give at least one value")
        if self.quote is False:
            for value in self.values:
                if not _is_bare(value):
                    raise ValueError(f"quote: false leaves values unquoted, which {value!r} cannot be")


class AcceptedValues(_Values):
    """Fails for each row whose value is not in ``values``.

    A text that the column's type can read is compared as that type: '1' is 1 to a number, 't' is true to a boolean.
    ``quote`` is dbt's: true writes all of them as texts first, false takes texts for the bare numbers, true and false
    that they hold. What has no literals of its own (enum, UUID, JSON, lists, …) is compared by the text it shows.

    ```yaml
    accepted_values: {column: status, values: [placed, shipped]}
    ```

    Not for long lists that change: keep them in a table and use ``foreign_key``.
    """

    type = "accepted_values"
    family = Family.VALIDITY
    traits = Traits(
        phrase="{column} has values outside the list", title="unknown values in {columns}", carry=Carry.VALUES,
        fixes=(FixKind.SPELLING,), name_taken=True,
    )  # fmt: skip


class NotAcceptedValues(_Values):
    """Fails for each row whose value is in ``values``.

    ```yaml
    not_accepted_values: {column: country, values: [XX, ZZ]}
    ```

    Not where the good values are known: ``accepted_values`` finds what nobody thought of.
    """

    type = "not_accepted_values"
    family = Family.VALIDITY
    traits = Traits(
        phrase="{column} has forbidden values", title="forbidden values in {columns}", carry=Carry.VALUES,
        fixed_by_delete=True, name_taken=True,
    )  # fmt: skip


class ColumnExists(Rule):
    """Fails when the table has no such column.

    ```yaml
    column_exists: email
    ```

    Not for columns that other rules name: those rules are errors without it.
    """

    type = "column_exists"
    family = Family.VALIDITY
    traits = Traits(
        phrase="column {column} is missing", title="no column {columns}", subject=Subject.TABLE, observes_values=False,
    )  # fmt: skip
    checks = frozenset()

    column: Text


class ColumnType(Rule):
    """Fails when the column's type is not ``data_type`` (any of the warehouse's names for it, or dbt's generic one).

    What stands in brackets counts only where ``data_type`` has it. A domain is of its own type and of that behind it.

    ```yaml
    column_type: {column: amount, data_type: numeric}
    ```

    Not for models with a contract: dbt checks their types.
    """

    type = "column_type"
    family = Family.VALIDITY
    traits = Traits(
        phrase="{column} has the wrong type", title="{columns} of the wrong type", subject=Subject.TABLE,
        observes_values=False,
    )  # fmt: skip
    checks = frozenset()
    aliases = MappingProxyType({"type": "data_type"})

    column: Text
    data_type: Text


def _is_bare(value: Scalar) -> bool:
    if not isinstance(value, str) or value.lower() in ("true", "false"):
        return True
    try:
        return Decimal(value).is_finite()
    except InvalidOperation:
        return False
