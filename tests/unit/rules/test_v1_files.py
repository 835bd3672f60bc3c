"""Files in the shape that aegis-dq wrote, its whole documented schema: they load, and editors take them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from aegis.domain.severity import Severity
from aegis.rules import RuleBook, expand, load_text, read_rules, rules_schema
from aegis.rules.model import Rule
from tests.unit.rules.test_golden import documents

FILES = Path(__file__).parents[2] / "fixtures" / "v1_files"
EXPECTED: dict[str, Any] = yaml.safe_load((FILES / "expected.yml").read_text(encoding="utf-8"))
NOT_LOADED = {name for name, told in EXPECTED.items() if str(told).startswith("error")} - {"v1_unknown_table"}


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return read_rules(FILES / "rules", dialect="duckdb")


@pytest.fixture(scope="module")
def rules(book: RuleBook) -> dict[str, Rule]:
    return {rule.id: rule for rule in book}


def test_there_are_forty_files_and_all_rules_load_but_those_that_cannot(book: RuleBook) -> None:
    assert len(book.files) == 40
    assert {broken.id for broken in book.broken} == NOT_LOADED
    assert {rule.id for rule in book} == (EXPECTED.keys() - NOT_LOADED) | {"v1_old_rule"}


def test_what_loads_expands_to_text_that_gives_the_same_rules(book: RuleBook) -> None:
    assert load_text(expand(book), dialect="duckdb").rules == book.rules


def test_editors_accept_every_file_but_where_a_rule_is_wrong() -> None:
    validator = Draft202012Validator(rules_schema())
    refused = {
        path.name
        for path in sorted((FILES / "rules").iterdir())
        for document in documents(path.read_text(encoding="utf-8"))
        if not validator.is_valid(document)
    }
    assert refused == {"39_not_here.yaml", "40_mistakes.yaml"}


def test_what_an_owner_wrote_for_the_time_of_a_failure_is_kept(rules: dict[str, Rule]) -> None:
    hints = {name: rule.diagnosis.lineage_hints.by_table() for name, rule in rules.items() if rule.diagnosis}
    assert hints["v1_order_id_present"] == {"raw_orders": [], "raw_carts": []}
    assert hints["v1_order_customer_known"] == {"raw_customers": [], "raw_orders": []}
    assert hints["v1_refund_has_reason"] == {"raw_agents": [], "raw_refunds": ["order_id", "reason"]}
    strategies = {rule.remediation.proposal_strategy for rule in rules.values() if rule.remediation}
    assert strategies == {None, "none", "llm_simple", "llm_with_lineage"}


def test_words_have_any_capitals_and_numbers_stand_as_they_are_written(rules: dict[str, Rule]) -> None:
    assert rules["v1_critical_word"].severity is Severity.CRITICAL
    assert rules["v1_high_word"].severity is Severity.HIGH
    assert rules["v1_version_number"].version == "1.10"
    assert rules["v1_version_number"].tags == ("2024", "q1")
    assert rules["v1_version_date"].version == "2025-01-31"
    assert rules["v1_named_too"].description == "Prices are there"


def test_what_nothing_reads_is_known(book: RuleBook) -> None:
    assert book.unread == ("links", "metadata beside rules", "reconciliation", "x-team")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("diagnosys: {common_causes: [x]}", "did you mean 'diagnosis'?"),
        ("severity: high", "'severity' belongs under metadata: metadata.severity"),
        ("min_value: 1", "'min_value' belongs under logic: logic.min_value"),
        ("extra: 1", "unknown field 'extra'"),
        ("sla: 1h", "wants a mapping"),
    ],
)
def test_a_slip_is_no_section_of_somebodys_own(tmp_path: Path, line: str, message: str) -> None:
    file = tmp_path / "r.yml"
    file.write_text(f"metadata: {{id: a}}\nscope: {{table: t, columns: [c]}}\nlogic: {{type: not_null}}\n{line}\n")
    [broken] = read_rules(file).broken
    assert (broken.id, broken.source and broken.source.line) == ("a", 1)
    assert message in broken.message and "r.yml:4" in broken.message


@pytest.mark.parametrize(
    "logic",
    [
        "{type: not_null, expression: null, values: [], pattern: '', tolerance_pct: 0, contamination: null}",
        "{type: not_null, tolerance_pct: 0.0, min_history_days: null, unit: null}",
        "{type: row_count, threshold: 1, unit: rows}",
        "{type: row_count_between, min_value: 1, max_value: null, unit: rows, column_b: null}",
        "{type: null_percentage_below, threshold: 1.0, unit: percent}",
    ],
)
def test_a_field_without_a_value_that_the_type_does_not_take_is_nothing(logic: str) -> None:
    text = f"scope: {{table: t, columns: [c]}}\nlogic: {logic}\n"
    assert len(load_text(text)) == 1
    assert all(Draft202012Validator(rules_schema()).is_valid(document) for document in documents(text))


@pytest.mark.parametrize(
    "logic",
    [
        "{type: not_null, values: [a]}",
        "{type: unique, tolerance_pct: 5}",
        "{type: unique, unit: rows}",
        "{type: not_null, nonsense: null}",
    ],
)
def test_a_field_with_a_value_that_the_type_does_not_take_is_a_mistake(tmp_path: Path, logic: str) -> None:
    file = tmp_path / "r.yml"
    file.write_text(f"scope: {{table: t, columns: [c]}}\nlogic: {logic}\n")
    book = read_rules(file)
    assert not book.rules and len(book.broken) == 1


@pytest.mark.parametrize(
    ("logic", "near"),
    [
        ("{type: row_count_between, min_rows: 1}", "min_value"),
        ("{type: between, maximum: 1, min_value: 0}", "max_value"),
        ("{type: regex_match, regex: a}", "pattern"),
        ("{type: accepted_values, allowed_values: [a]}", "values"),
        ("{type: foreign_key, to: customers, reference_column: id}", "reference_table"),
        ("{type: freshness, max_age_hours: 3}", "threshold"),
    ],
)
def test_what_other_tools_call_a_parameter_is_told_by_its_name_here(tmp_path: Path, logic: str, near: str) -> None:
    file = tmp_path / "r.yml"
    file.write_text(f"scope: {{table: t, columns: [c]}}\nlogic: {logic}\n")
    [broken] = read_rules(file).broken
    assert f"did you mean '{near}'?" in broken.message
