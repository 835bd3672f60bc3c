"""What could not be asked is told; what nobody could ask here is an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis.dbt.suites import render
from aegis.errors import ConfigError
from aegis.investigate.symptoms import Symptom
from tests.unit.investigate.lab import ORDERS, Lab


def _missing() -> Path:
    raise ConfigError("the dbt package is missing from this installation of aegis-dbt")


def test_an_installation_that_is_not_whole_ends_the_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no doubt about one table."""
    lab = Lab(tmp_path, {"orders": ORDERS}, {"stg_orders": "select id, customer_id from lab.raw.orders"})
    monkeypatch.setattr(render, "package_folder", _missing)
    for remembered in ("_environment", "_sources", "_files", "_macros"):
        monkeypatch.setattr(render, remembered, getattr(render, remembered).__wrapped__)
    with pytest.raises(ConfigError, match="dbt package is missing"):
        lab.origin(Symptom("model.shop.stg_orders", "unique", ("id",)))
