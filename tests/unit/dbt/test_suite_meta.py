"""What a suite's node says of itself."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from aegis.dbt.artifacts.schema import Node, NodeConfig
from aegis.dbt.artifacts.suite_meta import suite_arguments, suite_section

RULES = [{"id": "r", "type": "between", "max_value": 2**70, "note": 'ä "quoted" {{ jinja }}\nand a line'}]


@pytest.mark.parametrize("rules", [json.dumps(RULES), RULES], ids=["text", "list"])
def test_rules_are_read_from_text_and_from_a_list(rules: Any) -> None:
    assert suite_arguments({"rules": rules}) == RULES


@pytest.mark.parametrize("rules", ["", "[", "{}", '["x"]', 3, None, ["x"]])
def test_rules_that_are_none_are_refused(rules: Any) -> None:
    with pytest.raises(msgspec.DecodeError):
        suite_arguments({"rules": rules})


@pytest.mark.parametrize("place", ["config", "node"])
def test_the_section_is_found_wherever_dbt_keeps_meta(place: str) -> None:
    meta = {"aegis": {"table": "orders", "rules": "[]"}}
    node = Node(
        unique_id="test.shop.aegis_orders",
        config=NodeConfig(meta=meta) if place == "config" else None,
        meta=meta if place == "node" else None,
    )
    assert suite_section(node) == meta["aegis"]


@pytest.mark.parametrize("meta", [None, {}, {"aegis": None}, {"aegis": {"owner": "sales"}}, {"aegis": ["rules"]}])
def test_a_node_without_rules_is_no_suite(meta: Any) -> None:
    assert suite_section(Node(unique_id="test.shop.x", meta=meta)) is None
