"""Database values as JSON has them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from aegis.warehouse.base import Rows, plain

CASES: list[tuple[Any, Any]] = [
    (None, None),
    (True, True),
    (3, 3),
    ("x", "x"),
    (1.5, 1.5),
    (float("nan"), "nan"),
    (float("inf"), "inf"),
    (Decimal("1.50"), "1.50"),
    (Decimal("3"), 3),
    (Decimal("1E+2"), 100),
    (Decimal("NaN"), "NaN"),
    (Decimal("Infinity"), "Infinity"),
    (Decimal(2**60), str(2**60)),
    (datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), "2024-01-02 03:04:05+00:00"),
    (date(2024, 1, 2), "2024-01-02"),
    (time(3, 4), "03:04:00"),
    (timedelta(hours=1), "1:00:00"),
    (b"\x00\xff", "\\x00ff"),
    (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ([1, Decimal("1.5"), [None]], [1, "1.5", [None]]),
    ({"a": date(2024, 1, 2), 1: {"b": 2}}, {"a": "2024-01-02", "1": {"b": 2}}),
    ((1, 2), [1, 2]),
    (object, str(object)),
]


@pytest.mark.parametrize(("value", "expected"), CASES, ids=[repr(case[0])[:30] for case in CASES])
def test_what_json_lacks_becomes_text(value: Any, expected: Any) -> None:
    found = plain(value)
    assert found == expected and type(found) is type(expected)
    json.dumps(found, allow_nan=False)


def test_rows_as_mappings() -> None:
    assert Rows(("a", "b"), ((1, 2), (3, 4))).dicts() == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]
