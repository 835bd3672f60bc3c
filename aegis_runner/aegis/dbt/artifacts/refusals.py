"""Why a database refused to build a model because of its rows, as the messages of databases say it.

Known are those of DuckDB, PostgreSQL and Redshift, BigQuery, Snowflake, Databricks and Spark, Athena and Trino, and
SQL Server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_LONGEST = 2_000


class Fault(StrEnum):
    """What of the rows it was."""

    CONVERSION = "conversion"
    NULL = "null"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What of the rows it was, and in which columns, where the message says so."""

    fault: Fault
    columns: tuple[str, ...] = ()


def refusal_of(message: str | None) -> Refusal | None:
    """What the rows have done; None where the message blames something else, such as a missing table."""
    text = (message or "")[:_LONGEST]
    for fault, pattern in _PATTERNS:
        found = pattern.search(text)
        if found is not None:
            named = next((one for one in found.groups() if one), "")
            return Refusal(fault, _columns(named))
    return None


def _columns(named: str) -> tuple[str, ...]:
    """``id`` and ``day`` of ``id, day`` or of ``id: 1, day: 2``."""
    names = [part.split(":")[0].strip().strip('"`[]') for part in named.split(",")]
    return tuple(name for name in names if re.fullmatch(r"[^\W\d]\w*", name))


_PATTERNS = (
    (
        Fault.NULL,
        re.compile(
            r"""not\ null\ constraint\ failed:\s*(?:[^\s.]+\.)*(\w+) | null\ value\ in\ column\ "([^"]+)"
              | null\ result\ in\ a\ non-nullable\ column | delta_not_null_constraint_violated
              | cannot\ insert\ the\ value\ null\ into\ column\ '([^']+)'""",
            re.IGNORECASE | re.VERBOSE,
        ),
    ),
    (
        Fault.DUPLICATE,
        re.compile(
            r"""duplicate\ key\ "([^"]+)" | key\ \(([^)]+)\)=\(.*\)\ (?:already\ exists|is\ duplicated)
              | must\ match\ at\ most\ one\ source\ row | duplicate\ row\ detected\ during\ dml
              | multiple_source_row_matching_target_row | merge\ statement\ attempted\ to\ update
              | on\ conflict\ do\ update\ command\ cannot\ affect\ row\ a\ second\ time
              | duplicate\ key\ value\ violates""",
            re.IGNORECASE | re.VERBOSE,
        ),
    ),
    (
        Fault.CONVERSION,
        re.compile(
            r"""conversion\ error | could\ not\ (?:convert|parse|cast) | invalid\ input\ syntax
              | (?:cannot|failed\ to|error)\ (?:cast|convert|parse)(?:ing)?
              | bad\ (?:int64|double|numeric|date|timestamp|datetime|bool)\ value
              | invalid\ (?:date|timestamp|datetime|number|digit) | is\ not\ recognized | cast_invalid_input
              | invalid_cast | cannot_parse | field\ value\ out\ of\ range | out\ of\ range\ for\ type""",
            re.IGNORECASE | re.VERBOSE,
        ),
    ),
)
