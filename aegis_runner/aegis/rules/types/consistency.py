"""Do tables and columns agree?"""

from typing import Literal

from aegis.rules.fields import Columns, Text
from aegis.rules.model import Family, Rule
from aegis.rules.traits import Carry, FixKind, Key, Subject, Traits


class ForeignKey(Rule):
    """Fails for each row whose non-NULL value is absent from ``reference_table.reference_column``.

    ```yaml
    foreign_key: {column: customer_id, reference_table: customers, reference_column: id}
    ```

    Not against a table that is loaded later than this one: late rows would be findings.
    """

    type = "foreign_key"
    family = Family.CONSISTENCY
    traits = Traits(
        phrase="{column} refers to rows that do not exist", title="unmatched {columns}", carry=Carry.REFERENCE,
        key=Key.REFERS, observes_values=False, fixes=(FixKind.TRIMMED, FixKind.UNMATCHED), name_taken=True,
    )  # fmt: skip
    stands_in_for = frozenset({"reconcile_key_match"})

    column: Text
    reference_table: Text
    reference_column: Text


class CustomSql(Rule):
    """Runs ``query``, one read-only SELECT. ``returns`` says how it answers; unless given, its columns tell.

    ``boolean`` (one column of boolean type): false fails. ``passed`` (one row with a column ``passed``, true or 1,
    beside ``row_count`` or others): ``passed`` decides, ``row_count`` is how many rows fail. ``rows``: each is a
    failure. ``about`` are the columns that it is about (``scope.columns`` in the long form), for people only.

    ```yaml
    custom_sql: {id: no_gaps, query: "select day from calendar where orders = 0"}
    ```

    Not for what one expression over a row says: ``sql_expression`` shares the scan, and its origin can be traced.
    """

    type = "custom_sql"
    family = Family.CONSISTENCY
    traits = Traits(
        phrase="{rule} does not hold", title=None, subject=Subject.QUERY, observes_values=False,
    )  # fmt: skip
    checks = frozenset({"max_failed_rows"})
    shorthand = "query"

    query: Text
    returns: Literal["boolean", "passed", "rows"] | None = None
    about: Columns = ()
