"""What a suite's node says of itself."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from aegis.dbt.artifacts.schema import Node, NodeConfig
from aegis.dbt.artifacts.suite_meta import SuiteSection, suite_section

RULES = [{"id": "r", "type": "between", "max_value": 2**70, "note": 'ä "quoted" {{ jinja }}\nand a line'}]


@pytest.mark.parametrize("rules", [json.dumps(RULES), RULES], ids=["text", "list"])
def test_rules_are_read_from_text_and_from_a_list(rules: Any) -> None:
    assert SuiteSection(rules).arguments() == tuple(RULES)


@pytest.mark.parametrize("rules", ["", "[", "{}", '["x"]', 3, None, ["x"]])
def test_rules_that_are_none_are_refused(rules: Any) -> None:
    with pytest.raises(msgspec.DecodeError):
        SuiteSection(rules).arguments()


@pytest.mark.parametrize("place", ["config", "node"])
def test_the_section_is_found_wherever_dbt_keeps_meta(place: str) -> None:
    meta = {"aegis": {"table": "orders", "rules": "[]"}}
    node = Node(
        unique_id="test.shop.aegis_orders",
        config=NodeConfig(meta=meta) if place == "config" else None,
        meta=meta if place == "node" else None,
    )
    assert suite_section(node) == SuiteSection("[]", table="orders")


@pytest.mark.parametrize("meta", [None, {}, {"aegis": None}, {"aegis": {"owner": "sales"}}, {"aegis": ["rules"]}])
def test_a_node_without_rules_is_no_suite(meta: Any) -> None:
    assert suite_section(Node(unique_id="test.shop.x", meta=meta)) is None


def test_what_is_written_is_read_again() -> None:
    section = SuiteSection(RULES, "orders", ("a.yml",), ("customers", "raw.events"), ("id",), "aegis_orders")
    assert SuiteSection.read(section.as_meta()) == section
    assert SuiteSection("[]", "orders").as_meta() == {"table": "orders", "rules": "[]"}


@pytest.mark.parametrize("said", [3, None, {"a": 1}, [3, None, {}]])
def test_what_is_not_ours_is_taken_as_not_said(said: Any) -> None:
    section = {"rules": "[]", "table": said, "files": said, "references": said, "keys": said, "part": said}
    assert SuiteSection.read(section) == SuiteSection("[]")
