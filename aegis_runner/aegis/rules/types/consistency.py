"""Do tables and columns agree?"""

from typing import Literal

from aegis.rules.fields import Columns, Text
from aegis.rules.model import Family, Rule


class ForeignKey(Rule):
    """Fails for each row whose non-NULL value is absent from ``reference_table.reference_column``."""

    type = "foreign_key"
    family = Family.CONSISTENCY

    column: Text
    reference_table: Text
    reference_column: Text


class CustomSql(Rule):
    """Runs ``query``, one read-only SELECT. ``returns`` says how it answers; unless given, its columns tell.

    ``boolean`` (one column of boolean type): false fails. ``passed`` (one row with a column ``passed``, true or 1,
    beside ``row_count`` or others): ``passed`` decides, ``row_count`` is how many rows fail. ``rows``: each is a
    failure. ``about`` are the columns that it is about (``scope.columns`` in the long form), for people only.
    """

    type = "custom_sql"
    family = Family.CONSISTENCY
    checks = frozenset({"max_failed_rows"})
    shorthand = "query"

    query: Text
    returns: Literal["boolean", "passed", "rows"] | None = None
    about: Columns = ()
