"""What is known of a rule type beside its fields: words, what fails, how a failure is followed up the lineage, which
fixes make sense. Each type declares its own, on its class; `aegis.rules.foreign` maps other people's tests onto them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Subject(StrEnum):
    """What fails, and so what ``rows_failed`` counts.

    ``ROW``: rows, each by itself. ``GROUP``: rows of a group of equal values. ``TABLE``: the table as one; it fails
    once, and no share of rows is told. ``QUERY``: what a query returns; of how many, it does not tell.
    """

    ROW = "row"
    GROUP = "group"
    TABLE = "table"
    QUERY = "query"


class Carry(StrEnum):
    """Which question, asked of the parents of a node, tells whether the failure was there before it.

    ``VALUES``: the same, of the columns that the values come from. ``NULLS``: the same, and whether a join found no
    match. ``UNIQUENESS``: the same, and whether a join multiplies rows. ``REFERENCE``: which of the two tables is at
    fault. ``AGGREGATE``: the same, but filters and joins between change the answer too. ``VOLUME``: which join drops
    rows. ``NEVER``: none; where such a failure began stays unknown.
    """

    VALUES = "values"
    NULLS = "nulls"
    UNIQUENESS = "uniqueness"
    REFERENCE = "reference"
    AGGREGATE = "aggregate"
    VOLUME = "volume"
    NEVER = "never"


class Key(StrEnum):
    """What the type says of its columns: they ``IDENTIFY`` a row, ``REFER`` to one of another table, or are always
    there, as those of a key are (``REQUIRED``)."""

    IDENTIFIES = "identifies"
    REFERS = "refers"
    REQUIRED = "required"


class FixKind(StrEnum):
    """Fixes that need no model; `aegis.investigate.remediate.proposals` makes the SQL of each."""

    EXACT_COPIES = "exact_copies"
    ONE_PER_KEY = "one_per_key"
    SPELLING = "spelling"
    TRIMMED = "trimmed"
    WITHOUT_VALUE = "without_value"
    BLANK_TO_NULL = "blank_to_null"
    UNMATCHED = "unmatched"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a rule type is.

    Attributes:
        phrase: What failed, as a sentence with ``{column}`` and ``{rule}``.
        title: What is wrong with the data, as a noun with ``{columns}``; None where only the rule's name says it.
        subject: What fails.
        carry: How the failure is followed up the lineage.
        key: What the type says of its columns, if it is about keys.
        uniform: Whether all failing rows have the same value or none, so that values tell nothing.
        observes_values: Whether ``observed`` may hold a value of the column. Counts, ages and types are none.
        by_other_rows: Whether a row fails by what other rows are, by a mean or a share, so that it can fail once they
            are gone.
        fixes: Fixes to try, the surest first.
        fixed_by_delete: Whether failing rows should not be there, so that deleting them repairs the data.
        name_taken: Whether dbt or another package has a generic test of this name.
    """

    phrase: str
    title: str | None
    subject: Subject = Subject.ROW
    carry: Carry = Carry.NEVER
    key: Key | None = None
    uniform: bool = False
    observes_values: bool = True
    by_other_rows: bool = False
    fixes: tuple[FixKind, ...] = ()
    fixed_by_delete: bool = False
    name_taken: bool = False

    @property
    def counts_rows(self) -> bool:
        """Whether ``rows_failed`` are rows."""
        return self.subject is not Subject.TABLE

    @property
    def has_share(self) -> bool:
        """Whether failing rows are some of the rows that were checked."""
        return self.subject in (Subject.ROW, Subject.GROUP)

    @property
    def keyed_by_value(self) -> bool:
        """Whether ``failing_keys`` are values of the rule's own columns, and not of the table's key."""
        return self.subject is Subject.GROUP or self.carry is Carry.REFERENCE
