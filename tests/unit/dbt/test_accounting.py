"""What was asked against what came back: a result, an error with a reason, or said to be left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aegis.dbt.artifacts.read import read_artifacts
from aegis.dbt.results.accounting import Accounted, account, build_of
from aegis.dbt.results.asked import of_book
from aegis.dbt.results.findings import Classifier, exit_code, find, parse_fail_on, summarize
from aegis.dbt.results.read import ExtraFacts, read_results
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Level, Severity
from aegis.rules.load import load_text
from tests.unit.dbt.targets import Document, model, node, result, row, rule, suite, write_target

BOOK = "table: orders\nseverity: high\nrules:\n  - not_null: {column: id, id: a}\n  - unique: {column: id, id: b}\n"
SUITE = "test.shop.aegis_orders"
ORDERS = suite("aegis_orders", "model.shop.orders", rule("a"), rule("b", "unique"))


def answered(target: Path, text: str = BOOK, *, stored: list[Document] | None = None, **build: Any) -> Accounted:
    artifacts = read_artifacts(target)
    results = read_results(artifacts, ExtraFacts(stored={SUITE: stored or []})).results
    return account(of_book(load_text(text)), results, build_of(artifacts, **build))


def became(found: Accounted) -> dict[str, str]:
    answers = [(one.rule_id, one.status.value) for one in found.results if one.kind is ResultKind.RULE]
    answers += [(one.rule_id, one.why) for one in found.omitted]
    assert len(answers) == len(dict(answers))
    return dict(answers)


def message(found: Accounted, rule_id: str) -> str:
    return next(one.message or "" for one in found.results if one.rule_id == rule_id)


def test_a_rule_without_a_row_is_an_error(tmp_path: Path) -> None:
    target = write_target(tmp_path, [model("orders"), ORDERS], [result(SUITE, "pass", failures=0)])
    assert became(answered(target, stored=[row("a")])) == {"a": "pass", "b": "error"}


def test_a_suite_that_dbt_did_not_get_to_is_an_error(tmp_path: Path) -> None:
    target = write_target(tmp_path, [model("orders"), ORDERS], [result("model.shop.orders", "success")])
    found = answered(target)
    assert became(found) == {"a": "error", "b": "error"}
    assert "the run ended before" in message(found, "a")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"which": "build", "select": ["other+"]}, "not selected by `dbt build --select other+`"),
        ({"which": "test", "exclude": ["a", "b"]}, "not selected by `dbt test --exclude a b`"),
        ({"which": "build", "resource_types": ["model"]}, "not selected by `dbt build --resource-type model`"),
        ({"which": "build", "exclude_resource_types": ["test"]}, "`dbt build --exclude-resource-type test`"),
        ({"which": "build", "selector": "nightly"}, "not selected by `dbt build --selector nightly`"),
        ({"which": "build", "select": "one two"}, "not selected by `dbt build --select one two`"),
        ({"which": "run"}, "`dbt run` runs no tests"),
        ({"which": "seed"}, "`dbt seed` runs no tests"),
        ({"which": "retry"}, "`dbt retry` runs again only what had not passed"),
    ],
)
def test_what_somebody_left_out_is_told_by_what(tmp_path: Path, arguments: Document, text: str) -> None:
    target = write_target(
        tmp_path, [model("orders"), ORDERS], [result("model.shop.orders", "success")], run_results={"args": arguments}
    )
    found = answered(target)
    assert became(found) == {"a": "deselected", "b": "deselected"}
    assert all(text in one.text for one in found.omitted)


def test_an_empty_selection_is_none(tmp_path: Path) -> None:
    arguments: Document = {"which": "build", "select": [], "exclude": (), "selector": None, "resource_types": []}
    target = write_target(
        tmp_path, [model("orders"), ORDERS], [result("model.shop.orders", "success")], run_results={"args": arguments}
    )
    assert became(answered(target)) == {"a": "error", "b": "error"}


def test_rules_that_no_suite_has_are_errors(tmp_path: Path) -> None:
    target = write_target(tmp_path, [model("orders")], [result("model.shop.orders", "success")])
    found = answered(target)
    assert became(found) == {"a": "error", "b": "error"}
    assert "run `aegis compile`" in message(found, "a")
    found = answered(target, just_compiled=True)
    assert "test-paths" in message(found, "a")


def test_a_disabled_suite_and_a_disabled_table_are_told_apart(tmp_path: Path) -> None:
    results = [result("model.shop.orders", "success")]
    target = write_target(tmp_path, [model("orders")], results, manifest={"disabled": {SUITE: [ORDERS]}})
    found = answered(target)
    assert became(found) == {"a": "disabled", "b": "disabled"}
    assert "enabled: false" in found.omitted[0].text
    kept = {**ORDERS, "config": {**ORDERS["config"], "enabled": False}}
    found = answered(write_target(tmp_path, [model("orders"), kept], results))
    assert became(found) == {"a": "disabled", "b": "disabled"}
    gone = {"model.shop.orders": [model("orders")], SUITE: [ORDERS]}
    for disabled in (gone, {"model.shop.orders": [model("orders")]}):
        target = write_target(tmp_path, [model("other")], [], manifest={"disabled": disabled})
        found = answered(target)
        assert became(found) == {"a": "disabled", "b": "disabled"}
        assert "table orders is disabled" in found.omitted[0].text


def test_drafts_and_deprecated_rules_are_counted_apart(tmp_path: Path) -> None:
    text = BOOK + "  - row_count: {threshold: 1, id: c, status: deprecated}\n"
    nodes = [model("orders"), suite("aegis_orders", "model.shop.orders", rule("a", level="none"), rule("b"))]
    target = write_target(tmp_path, nodes, [result(SUITE, "fail", failures=1)])
    found = answered(target, text, stored=[row("a", "fail", level="none"), row("b")])
    assert became(found) == {"a": "warn", "b": "pass", "c": "deprecated"}
    summary = summarize(found.results, (), Severity.HIGH, omitted=found.omitted)
    assert (summary.rules, summary.drafts, summary.drafts_failed, summary.deprecated) == (3, 1, 1, 1)
    assert summary.exit_code == 0


def test_rules_of_suites_that_the_book_lacks_are_asked_for_as_well(tmp_path: Path) -> None:
    other = suite("aegis_other", "model.shop.orders", rule("theirs"))
    target = write_target(tmp_path, [model("orders"), ORDERS, other], [result(SUITE, "pass", failures=0)])
    assert became(answered(target, stored=[row("a"), row("b")])) == {"a": "pass", "b": "pass", "theirs": "error"}


def test_a_rule_in_two_suites_is_said(tmp_path: Path) -> None:
    copy = {**ORDERS, "unique_id": "test.shop.copy", "name": "copy"}
    results = [result(SUITE, "error", message="x"), result("test.shop.copy", "error", message="y")]
    found = answered(write_target(tmp_path, [model("orders"), ORDERS, copy], results))
    assert any("more than one suite has the rule a, b" in notice.what for notice in found.notices)


def test_a_suite_that_cannot_be_read_loses_no_rule(tmp_path: Path) -> None:
    broken = node(SUITE, "model.shop.orders", config={"meta": {"aegis": {"rules": "[1"}}})
    found = answered(write_target(tmp_path, [model("orders"), broken], [result(SUITE, "pass", failures=0)]))
    assert became(found) == {"a": "error", "b": "error"}


# --- the exit code ---


def _result(**fields: Any) -> Result:
    base: dict[str, Any] = {
        "unique_id": SUITE, "rule_id": "r", "rule_type": "not_null", "kind": ResultKind.RULE, "status": Status.PASS,
        "severity": Severity.HIGH,
    }  # fmt: skip
    return Result(**{**base, **fields})


def _exit(tmp_path: Path, fail_on: str, *results: Result) -> int:
    classifier = Classifier.of(read_artifacts(write_target(tmp_path, [model("orders")])).manifest)
    return exit_code(results, find(results, classifier), parse_fail_on(fail_on))


def test_a_rule_that_was_skipped_could_not_run(tmp_path: Path) -> None:
    skipped = _result(status=Status.SKIPPED, message="skipped because model a could not run")
    assert _exit(tmp_path, "info", _result(), skipped) == 3
    unchanged = _result(status=Status.SKIPPED, message="dbt reused what was there: nothing had changed")
    assert _exit(tmp_path, "info", _result(), unchanged) == 0
    assert _exit(tmp_path, "info", _result(), skipped.model_copy(update={"level": Level.NONE})) == 0


@pytest.mark.parametrize("fail_on", ["high", "info", "never"])
def test_a_run_that_checked_nothing_is_never_fine(tmp_path: Path, fail_on: str) -> None:
    assert _exit(tmp_path, fail_on) == 3
    assert _exit(tmp_path, fail_on, _result(kind=ResultKind.MODEL)) == 3
    assert exit_code([_result()], [], parse_fail_on(fail_on), saw_data=False) == 3
