"""What databases say of rows that kept a model from being built is understood, and of anything else it is not."""

from __future__ import annotations

import pytest

from aegis.dbt.artifacts.refusals import Fault, Refusal, refusal_of

SAID = {
    "Conversion Error: Could not convert string 'ask' to DECIMAL(18,3)": Refusal(Fault.CONVERSION),
    "invalid input syntax for type numeric: \"ask\"": Refusal(Fault.CONVERSION),
    "date/time field value out of range: \"2026-13-01\"": Refusal(Fault.CONVERSION),
    "Bad int64 value: ask": Refusal(Fault.CONVERSION),
    "Numeric value 'ask' is not recognized": Refusal(Fault.CONVERSION),
    "[CAST_INVALID_INPUT] The value 'ask' of the type \"STRING\" cannot be cast to \"INT\"": Refusal(Fault.CONVERSION),
    "INVALID_CAST_ARGUMENT: Cannot cast 'ask' to INT": Refusal(Fault.CONVERSION),
    "Constraint Error: NOT NULL constraint failed: prices__dbt_tmp.price": Refusal(Fault.NULL, ("price",)),
    "null value in column \"price\" of relation \"p\" violates not-null constraint": Refusal(Fault.NULL, ("price",)),
    "NULL result in a non-nullable column": Refusal(Fault.NULL),
    "Constraint Error: Duplicate key \"id: 1, day: 2\" violates primary key constraint.": Refusal(
        Fault.DUPLICATE, ("id", "day")
    ),
    "PRIMARY KEY or UNIQUE constraint violation: duplicate key \"2\"": Refusal(Fault.DUPLICATE),
    "could not create unique index \"x\"\nDETAIL:  Key (id, day)=(1, 2) is duplicated.": Refusal(
        Fault.DUPLICATE, ("id", "day")
    ),
    "UPDATE/MERGE must match at most one source row for each target row": Refusal(Fault.DUPLICATE),
    "Catalog Error: Table with name orders does not exist": None,
    "permission denied for table orders": None,
    "Binder Error: Referenced column \"price\" not found": None,
    "": None,
}  # fmt: skip


@pytest.mark.parametrize(("message", "refusal"), SAID.items())
def test_a_message_says_what_the_rows_have_done(message: str, refusal: Refusal | None) -> None:
    assert refusal_of(message) == refusal


def test_no_message_says_nothing() -> None:
    assert refusal_of(None) is None
