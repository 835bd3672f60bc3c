"""What several of these tests start from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.investigate.lab import CUSTOMERS, JOINED, ORDERS, STG_CUSTOMERS, STG_ORDERS, Lab


@pytest.fixture
def make(tmp_path: Path) -> Any:
    """The shop of orders and customers; SQL by name in place of what is usual."""

    def lab(orders: str = ORDERS, customers: str = CUSTOMERS, **models: str) -> Lab:
        usual = {"stg_orders": STG_ORDERS, "stg_customers": STG_CUSTOMERS, "fct": JOINED}
        return Lab(tmp_path, {"orders": orders, "customers": customers}, {**usual, **models})

    return lab
