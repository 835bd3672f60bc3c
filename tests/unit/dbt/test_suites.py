from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aegis.dbt.artifacts.read import read_artifacts
from aegis.dbt.artifacts.suite_rows import RowError, find_suites, parse_row
from aegis.dbt.results.read import ExtraFacts, Outcome, read_results
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Level
from tests.unit.dbt.targets import Document, model, result, row, rule, suite, write_target

ABOUT = "model.shop.orders"
UID = "test.shop.aegis_orders"


def _outcome(tmp_path: Path, *rules: Document, known: ExtraFacts, status: str = "fail", **fields: Any) -> Outcome:
    nodes = [model("orders"), suite("aegis_orders", ABOUT, *rules)]
    target = write_target(tmp_path, nodes, [result(UID, status, **fields), result(ABOUT, "success")])
    return read_results(read_artifacts(target), known)


def _rules(outcome: Outcome) -> dict[str, Result]:
    return {item.rule_id: item for item in outcome.results if item.kind is ResultKind.RULE}


def _stored(*rows: Document) -> ExtraFacts:
    return ExtraFacts(stored={UID: rows})


# --- rows ---


@pytest.mark.parametrize(
    "count", [3, Decimal(3), Decimal("3.000"), 3.0, "3"], ids=["int", "Decimal", "Decimal with scale", "float", "text"]
)
def test_a_count_is_a_count_whatever_the_driver_makes_of_it(count: object) -> None:
    assert parse_row(row("r", "fail", rows_failed=count)).rows_failed == 3


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("rows_failed", -1),
        ("rows_failed", 1.5),
        ("rows_failed", float("nan")),
        ("rows_failed", float("inf")),
        ("rows_failed", Decimal("NaN")),
        ("rows_failed", Decimal("sNaN")),
        ("rows_failed", "many"),
        ("rows_failed", True),
        ("rows_failed", b"3"),
        ("rows_checked", [3]),
        ("status", "maybe"),
        ("status", None),
        ("severity", "urgent"),
        ("level", "fatal"),
        ("rule_id", ""),
        ("rule_id", None),
        ("failing_keys", "not json"),
        ("failing_keys", '{"a": 1}'),
        ("failing_keys", "[" * 100_000),
        ("failing_keys", object()),
        ("message", ["text"]),
    ],
)
def test_a_value_that_is_not_what_the_macro_writes_is_refused(column: str, value: object) -> None:
    with pytest.raises(RowError, match=column):
        parse_row({**row("r", "fail"), column: value})


def test_numbers_that_json_does_not_have_are_keys_all_the_same() -> None:
    assert parse_row(row("r", failing_keys="[NaN,-Infinity,7.0]")).failing_keys == ("NaN", "-Infinity", 7.0)


def test_a_row_without_one_of_its_columns_is_refused() -> None:
    complete = row("r")
    for column in complete.keys() - {"rule_type"}:
        with pytest.raises(RowError, match=column):
            parse_row({name: value for name, value in complete.items() if name != column})


def test_a_pass_that_checked_nothing_it_can_name_is_refused() -> None:
    with pytest.raises(RowError, match="how many rows"):
        parse_row(row("r", rows_checked=None, rows_failed=None))


def test_column_names_may_be_capitals() -> None:
    assert parse_row({name.upper(): value for name, value in row("r").items()}) == parse_row(row("r"))


@pytest.mark.parametrize("keys", ["[1, 2]", [1, 2], (1, 2)])
def test_keys_are_read_from_text_or_from_an_array(keys: object) -> None:
    assert parse_row(row("r", failing_keys=keys)).failing_keys == (1, 2)


# --- rows to results ---


def test_a_rule_without_a_row_is_an_error_that_says_so(tmp_path: Path) -> None:
    rules = _rules(_outcome(tmp_path, rule("a"), rule("b"), known=_stored(row("a"))))
    assert rules["a"].status is Status.PASS
    assert rules["b"].status is Status.ERROR
    assert "hold none for this rule" in str(rules["b"].message)


def test_a_row_that_cannot_be_read_is_an_error_of_its_rule_alone(tmp_path: Path) -> None:
    rules = _rules(_outcome(tmp_path, rule("a"), rule("b"), known=_stored(row("a"), row("b", rows_failed="x"))))
    assert rules["a"].status is Status.PASS
    assert rules["b"].status is Status.ERROR
    assert "rows_failed" in str(rules["b"].message)


def test_two_rows_of_a_rule_are_no_answer(tmp_path: Path) -> None:
    rules = _rules(_outcome(tmp_path, rule("a"), known=_stored(row("a"), row("a"))))
    assert rules["a"].status is Status.ERROR


@pytest.mark.parametrize("stranger", ["z", 7, None])
def test_a_row_of_a_rule_that_the_suite_lacks_is_told_and_no_result(tmp_path: Path, stranger: object) -> None:
    outcome = _outcome(tmp_path, rule("a"), known=_stored(row("a"), {**row("a"), "rule_id": stranger}))
    assert list(_rules(outcome)) == ["a"]
    assert any("does not have" in notice.what for notice in outcome.notices)


@pytest.mark.parametrize(
    ("level", "status"), [(Level.ERROR, Status.FAIL), (Level.WARN, Status.WARN), (Level.NONE, Status.WARN)]
)
def test_a_failed_rule_fails_only_at_level_error(tmp_path: Path, level: Level, status: Status) -> None:
    rules = _rules(_outcome(tmp_path, rule("a"), known=_stored(row("a", "fail", level=level.value))))
    assert (rules["a"].status, rules["a"].level) == (status, level)


# --- rows of another run ---


@pytest.mark.parametrize("failures", [0, 3])
def test_stored_rows_that_contradict_dbt_are_of_another_run(tmp_path: Path, failures: int) -> None:
    rows = _stored(row("a", "fail"), row("b", "fail"), row("c"))
    outcome = _outcome(tmp_path, rule("a"), rule("b"), rule("c"), known=rows, failures=failures)
    rules = _rules(outcome)
    assert outcome.stale == (UID,)
    assert {item.status for item in rules.values()} == {Status.ERROR}
    assert "not of this run" in str(rules["c"].message)


def test_drafts_warnings_and_errors_may_be_counted_or_not(tmp_path: Path) -> None:
    rules = [rule(name) for name in "abcd"]
    rows = _stored(row("a", "fail"), row("b", "fail", level="none"), row("c", "fail", level="warn"), row("d", "error"))
    for failures in (1, 2, 3, 4):
        outcome = _outcome(tmp_path / str(failures), *rules, known=rows, failures=failures)
        assert _rules(outcome)["a"].status is Status.FAIL


def test_rows_that_were_stored_by_a_suite_that_broke_are_never_used(tmp_path: Path) -> None:
    message = "Database Error in test aegis_orders (tests/aegis/aegis_orders.sql)\n  no such table"
    outcome = _outcome(tmp_path, rule("a"), known=_stored(row("a")), status="error", message=message)
    assert (_rules(outcome)["a"].status, _rules(outcome)["a"].message) == (
        Status.ERROR,
        "the suite could not run: no such table",
    )


def test_what_a_broken_suite_gave_when_run_again_is_used(tmp_path: Path) -> None:
    outcome = _outcome(tmp_path, rule("a"), known=ExtraFacts(rerun={UID: [row("a", "fail")]}), status="error")
    assert _rules(outcome)["a"].status is Status.FAIL


def test_rows_from_running_again_win_over_stored_ones(tmp_path: Path) -> None:
    known = ExtraFacts(stored={UID: [row("a", "fail")]}, rerun={UID: [row("a")]})
    assert _rules(_outcome(tmp_path, rule("a"), known=known))["a"].status is Status.PASS


def test_a_skipped_suite_skips_its_rules(tmp_path: Path) -> None:
    outcome = _outcome(
        tmp_path, rule("a"), known=_stored(row("a")), status="skipped", message="Skipped due to upstream failure"
    )
    assert _rules(outcome)["a"].status is Status.SKIPPED


def test_a_suite_that_the_caller_knows_to_be_broken_is_not_asked_for(tmp_path: Path) -> None:
    known = ExtraFacts(stored={UID: [row("a")]}, broken={UID: "no such table"})
    outcome = _outcome(tmp_path, rule("a"), known=known, failures=1)
    assert outcome.pending == ()
    assert _rules(outcome)["a"].message == "the suite could not run: no such table"


# --- what is a suite ---


@pytest.mark.parametrize(
    "rules",
    [None, "all", [5], [{"id": "a"}], [rule("a"), rule("a")], [{**rule("a"), "severity": "urgent"}], {"a": 1}],
)
def test_a_suite_whose_rules_cannot_be_read_stays_a_dbt_test_and_is_told(tmp_path: Path, rules: Any) -> None:
    broken = suite("aegis_orders", ABOUT)
    broken["config"]["meta"]["aegis"]["rules"] = rules
    target = write_target(tmp_path, [model("orders"), broken], [result(UID, "pass", failures=0)])
    outcome = read_results(read_artifacts(target), _stored(row("a")))
    assert [(item.kind, item.status) for item in outcome.results] == [(ResultKind.TEST, Status.PASS)]
    assert any("looks like an Aegis suite" in notice.what for notice in outcome.notices)


def test_rules_in_meta_outside_config_are_found_too(tmp_path: Path) -> None:
    old = suite("aegis_orders", ABOUT, rule("a"))
    old["meta"] = old["config"].pop("meta")
    target = write_target(tmp_path, [model("orders"), old], [result(UID, "pass")])
    assert [item.unique_id for item in find_suites(read_artifacts(target))] == [UID]


def test_a_suite_with_foreign_keys_is_about_its_own_table(tmp_path: Path) -> None:
    nodes = [model("customers"), model("orders"), suite("aegis_orders", ABOUT, rule("a"))]
    nodes[2]["depends_on"] = {"nodes": ["model.shop.customers", ABOUT]}
    target = write_target(tmp_path, nodes, [result(UID, "pass")])
    outcome = read_results(read_artifacts(target), _stored(row("a")))
    assert (_rules(outcome)["a"].node, _rules(outcome)["a"].table) == (ABOUT, "orders")
