"""The JSON Schema is one, and closed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from aegis.rules import registry, rules_schema


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return rules_schema()


def test_it_is_valid_by_its_own_metaschema_and_plain_json(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema


def test_every_rule_type_stands_in_both_forms(schema: dict[str, Any]) -> None:
    for name in registry():
        assert {f"logic.{name}", f"short.{name}"} <= schema["$defs"].keys()


@pytest.mark.parametrize(
    "document",
    [
        {"table": "t", "rules": [{"not_null": "a"}], "extra": 1},
        {"table": "t", "rules": [{"not_null": {"column": "a", "extra": 1}}]},
        {"table": "t", "rules": [{"nt_null": "a"}]},
        {"table": "t", "rules": [{"not_null": {"column": "a", "nulls": "fail"}}]},
        {"table": "t", "rules": [{"row_count": {"threshold": -1}}]},
        {"table": "t", "rules": [{"not_null": "a", "severity": "hgh"}]},
        {"table": "t", "rules": [{"not_null": {"column": "a", "diagnosis": {"cause": "x"}}}]},
        {"table": "t", "rules": []},
        {"scope": {"table": "t"}, "logic": {"type": "not_null", "extra": 1}},
        {"scope": {"table": "t", "extra": 1}, "logic": {"type": "not_null"}},
        {"scope": {"table": "t"}, "logic": {"type": "nt_null"}},
        {"scope": {"table": "t"}},
        {"apiVersion": "aegis.dev/v2", "scope": {"table": "t"}, "logic": {"type": "not_null"}},
        {"models": []},
        {},
        [],
        "words",
    ],
    ids=json.dumps,
)
def test_what_is_no_rule_is_refused(schema: dict[str, Any], document: object) -> None:
    assert not Draft202012Validator(schema).is_valid(document)
