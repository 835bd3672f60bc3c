"""Names that rules of every type have in common."""

from __future__ import annotations

from typing import NamedTuple


class SourceLocation(NamedTuple):
    """Where a rule is written: the file as it was given, and the line (1-based) at which the rule begins."""

    file: str
    line: int


# The common parameters that say which rows are checked and what is tolerated; not every type takes each of them.
SCOPING = frozenset({"where", "since", "time_column", "time_zone"})
TOLERANCES = frozenset({"max_failed_pct", "max_failed_rows", "warn_pct"})
ROW_CHECKS = SCOPING | TOLERANCES | {"nulls"}

PERCENT = frozenset({"percent", "percentage", "pct", "%"})

# The fields whose text is SQL: one scalar expression each, but for ``query``, which is one SELECT.
SQL_FIELDS = ("where", "condition", "expression", "query")

# Fields that say how a rule came to be, not what it is.
UNWRITTEN = ("source", "dialect", "allow_functions")
