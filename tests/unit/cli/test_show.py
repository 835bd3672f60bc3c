"""`aegis show`: one cause or finding in full."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from aegis.cli.main import app
from aegis.errors import UsageError
from tests.unit.app.shops import Shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop(tmp_path_factory.mktemp("show"))
    state = shop.write_artifacts("state", 'where "customer_id" is not null')
    shop.analyzed(state=state)
    return shop


def shown(shop: Shop, *words: str) -> str:
    done = CliRunner().invoke(app, ["show", *words, "--audit-db", str(shop.trail), "--no-color"])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


@pytest.mark.parametrize("name", ["C1", "c1", "F1", "t0"])
def test_a_cause_or_finding_is_shown_with_its_fix(shop: Shop, name: str) -> None:
    text = shown(shop, name)
    assert "a diff of stg_orders_0" in text and '+where "customer_id" is not null' in text
    assert "have channel = 'phone'" in text


def test_a_name_that_is_not_there_is_told_with_those_that_are(shop: Shop) -> None:
    with pytest.raises(UsageError, match="no cause or finding 'C9'") as refused:
        shown(shop, "C9")
    assert refused.value.hint == "It has C1, F1."
