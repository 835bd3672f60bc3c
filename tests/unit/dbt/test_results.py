"""Results from documents made for one question each; recorded runs are in test_recorded_runs.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aegis.dbt.artifacts.read import read_artifacts
from aegis.dbt.results.read import ExtraFacts, Outcome, read_results
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Level, Severity
from tests.unit.dbt.targets import (
    Document,
    generic_test,
    model,
    node,
    result,
    write_target,
)

ABOUT = "model.shop.orders"
TEST = "test.shop.t.0123456789"


def _outcome(
    tmp_path: Path, *nodes: Document, results: list[Document], known: ExtraFacts | None = None, **parts: Any
) -> Outcome:
    return read_results(read_artifacts(write_target(tmp_path, nodes, results, **parts)), known)


def _one(tmp_path: Path, *nodes: Document, **fields: Any) -> Result:
    """The result of the generic test ``t`` on ``orders``."""
    parts = {key: fields.pop(key) for key in ("dbt_version", "run_results", "sources", "manifest") if key in fields}
    status = fields.pop("status", "fail")
    outcome = _outcome(tmp_path, *nodes, results=[result(TEST, status, **fields)], **parts)
    assert len(outcome.results) == 1
    return outcome.results[0]


def _not_null(**fields: Any) -> Document:
    return generic_test("t", ABOUT, "not_null", "id", **fields)


# --- statuses ---


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("success", Status.PASS),
        ("pass", Status.PASS),
        ("Pass", Status.PASS),
        ("fail", Status.FAIL),
        ("warn", Status.WARN),
        ("error", Status.ERROR),
        ("runtime error", Status.ERROR),
        ("runtime_error", Status.ERROR),
        ("skipped", Status.SKIPPED),
        ("no-op", Status.SKIPPED),
        ("reused", Status.SKIPPED),
        ("exploded", Status.ERROR),
        (None, Status.ERROR),
    ],
)
def test_every_status_word_of_dbt_has_a_meaning(tmp_path: Path, said: str, meant: Status) -> None:
    assert _one(tmp_path, model("orders"), _not_null(), status=said).status is meant


def test_an_unknown_status_word_is_an_error_that_quotes_it(tmp_path: Path) -> None:
    assert "'exploded'" in str(_one(tmp_path, model("orders"), _not_null(), status="exploded").message)


@pytest.mark.parametrize(
    ("fields", "status", "rows"),
    [
        ({"message": "Got 12 results, configured to fail if != 0"}, Status.FAIL, 12),
        ({"message": "Got 1,204 results", "failures": None}, Status.FAIL, 1204),
        ({"message": "Error", "failures": 3}, Status.FAIL, 3),
        ({"message": "Database Error in test t (x.yml)\n  no such table"}, Status.ERROR, None),
        ({"message": None}, Status.ERROR, None),
    ],
)
def test_an_error_that_counted_rows_is_a_failure(
    tmp_path: Path, fields: Document, status: Status, rows: int | None
) -> None:
    read = _one(tmp_path, model("orders"), _not_null(), status="error", **fields)
    assert (read.status, read.rows_failed) == (status, rows)


def test_a_bare_error_of_dbt_2_is_a_failure_of_unknown_size(tmp_path: Path) -> None:
    read = _one(tmp_path, model("orders"), _not_null(), status="error", message="Error", dbt_version="2.0.0-preview.6")
    assert (read.status, read.rows_failed) == (Status.FAIL, None)
    assert read.message == "failed; dbt does not say how many rows"


def test_a_failure_without_a_count_takes_it_from_the_message(tmp_path: Path) -> None:
    assert (
        _one(tmp_path, model("orders"), _not_null(), message="Got 4 results, configured to fail if != 0").rows_failed
        == 4
    )


@pytest.mark.parametrize("command", ["compile", "generate", "show"])
def test_what_was_only_compiled_never_passes(tmp_path: Path, command: str) -> None:
    results = [result(TEST, "success"), result(ABOUT, "success")]
    outcome = _outcome(
        tmp_path, model("orders"), _not_null(), results=results, run_results={"args": {"which": command}}
    )
    assert {item.status for item in outcome.results} == {Status.SKIPPED}
    assert any("runs neither models nor tests" in notice.what for notice in outcome.notices)


def test_a_run_without_data_is_told(tmp_path: Path) -> None:
    args = {"args": {"which": "build", "empty": True}}
    outcome = _outcome(tmp_path, model("orders"), results=[result(ABOUT, "success")], run_results=args)
    assert any("--empty" in notice.what for notice in outcome.notices)


def test_a_model_of_which_some_batches_broke_could_not_run(tmp_path: Path) -> None:
    batches = {"successful": [["a", "b"]] * 3, "failed": [["c", "d"]]}
    outcome = _outcome(tmp_path, model("orders"), results=[result(ABOUT, "partial success", batch_results=batches)])
    (read,) = outcome.results
    assert (read.status, read.kind) == (Status.ERROR, ResultKind.MODEL)
    assert read.message == "1 of 4 batches could not run"


def test_a_skip_without_a_cause_says_that_none_is_known(tmp_path: Path) -> None:
    assert "nothing upstream" in str(_one(tmp_path, model("orders"), _not_null(), status="skipped").message)


@pytest.mark.parametrize("seconds", [-1.0, 1e400, "fast", None])
def test_a_duration_that_is_none_is_left_out(tmp_path: Path, seconds: Any) -> None:
    assert _one(tmp_path, model("orders"), _not_null(), execution_time=seconds).seconds is None


def test_a_negative_zero_is_zero(tmp_path: Path) -> None:
    assert str(_one(tmp_path, model("orders"), _not_null(), execution_time=-0.0).seconds) == "0.0"


# --- how many rows ---


@pytest.mark.parametrize(
    ("config", "status", "failures", "version", "rows"),
    [
        ({"severity": "warn"}, "pass", 0, "1.12.6", 0),
        ({"severity": "warn", "warn_if": ">10"}, "pass", 0, "1.12.6", None),
        ({"severity": "warn", "warn_if": "> 0", "error_if": ">10"}, "pass", 0, "1.12.6", 0),
        ({"severity": "error", "error_if": ">10"}, "pass", 0, "1.12.6", 0),
        ({"severity": "error", "error_if": ">10", "warn_if": "!= 0"}, "warn", 3, "1.12.6", 3),
        ({"severity": "error", "error_if": ">10", "warn_if": ">5"}, "pass", 0, "1.12.6", None),
        # dbt 2 writes what it counted.
        ({"severity": "warn", "warn_if": ">10"}, "pass", 0, "2.0.0", 0),
        ({"severity": "warn", "warn_if": ">10"}, "pass", 4, "2.0.0", 4),
        ({"fail_calc": "COUNT( * )"}, "fail", 3, "1.12.6", 3),
        ({"fail_calc": "sum(n)"}, "fail", 3, "1.12.6", None),
        ({"fail_calc": "cast(coalesce(sum(coalesce(rows_failed, 1)), 0) as bigint)"}, "fail", 3, "1.12.6", 3),
        ({"limit": 5}, "fail", 5, "1.12.6", None),
        ({"limit": 5}, "fail", 4, "1.12.6", 4),
        ({"limit": 5}, "pass", 0, "1.12.6", 0),
    ],
)
def test_a_number_that_is_not_one_of_rows_is_not_told_as_one(
    tmp_path: Path, config: Document, status: str, failures: int, version: str, rows: int | None
) -> None:
    nodes = [model("orders"), _not_null(config=config)]
    results = [result(nodes[1]["unique_id"], status, failures=failures)]
    (read,) = read_results(read_artifacts(write_target(tmp_path, nodes, results, dbt_version=version))).results
    assert read.rows_failed == rows


def test_what_was_counted_instead_is_told(tmp_path: Path) -> None:
    told = _one(tmp_path, model("orders"), _not_null(config={"fail_calc": "sum(n)"}), status="fail", failures=1234)
    assert told.message == "fail_calc (sum(n)) gave 1,234"
    told = _one(tmp_path, model("orders"), _not_null(config={"limit": 5}), status="fail", failures=5)
    assert told.message == "at least 5 failing rows: the test stops at its limit"


# --- severity, level, owner ---


@pytest.mark.parametrize(
    ("config", "meta", "status", "severity", "level"),
    [
        ({"severity": "ERROR"}, {}, "fail", Severity.HIGH, Level.ERROR),
        ({"severity": "warn"}, {}, "warn", Severity.MEDIUM, Level.WARN),
        ({"severity": "WARN"}, {}, "pass", Severity.MEDIUM, Level.WARN),
        # warn_if and error_if: it only warned, so it counts as a warning.
        ({"severity": "error"}, {}, "warn", Severity.MEDIUM, Level.WARN),
        ({}, {}, "fail", Severity.HIGH, Level.ERROR),
        ({"severity": "error"}, {"severity": "low"}, "fail", Severity.LOW, Level.ERROR),
        ({"severity": "error"}, {"severity": "Critical"}, "fail", Severity.CRITICAL, Level.ERROR),
        ({"severity": "error"}, {"severity": "low", "aegis": {"severity": "info"}}, "fail", Severity.INFO, Level.ERROR),
        ({"severity": "error"}, {"severity": "P1"}, "fail", Severity.HIGH, Level.ERROR),
        ({"severity": "error", "meta": {"severity": "low"}}, {}, "fail", Severity.LOW, Level.ERROR),
    ],
)
def test_a_foreign_test_is_as_severe_as_its_meta_or_its_config_says(
    tmp_path: Path, config: Document, meta: Document, status: str, severity: Severity, level: Level
) -> None:
    read = _one(tmp_path, model("orders"), _not_null(config=config, meta=meta), status=status)
    assert (read.severity, read.level) == (severity, level)


@pytest.mark.parametrize(
    ("on_test", "on_model", "owner"),
    [
        ({"meta": {"owner": "crm"}}, {"meta": {"owner": "sales"}}, "crm"),
        ({}, {"meta": {"owner": "sales"}}, "sales"),
        ({}, {"config": {"meta": {"owner": {"name": "Sales", "email": "s@example.com"}}}}, "Sales"),
        ({}, {"meta": {"owner": ["ana", "bob"]}}, "ana, bob"),
        ({}, {"group": "finance"}, "Finance team"),
        ({}, {"config": {"group": "finance"}}, "Finance team"),
        ({}, {"group": "unknown"}, "unknown"),
        ({"meta": {"owner": 5}}, {}, None),
        ({}, {}, None),
    ],
)
def test_an_owner_is_the_nearest_one_named(
    tmp_path: Path, on_test: Document, on_model: Document, owner: str | None
) -> None:
    groups = {"group.shop.finance": {"name": "finance", "owner": {"name": "Finance team", "email": None}}}
    read = _one(tmp_path, model("orders", **on_model), _not_null(**on_test), manifest={"groups": groups})
    assert read.owner == owner


# --- what is known of a node that the manifest lacks ---


def test_a_result_of_an_unknown_node_is_reported_with_what_is_known(tmp_path: Path) -> None:
    gone = "test.shop.unique_orders_id.fed79b3a6e"
    results = [
        result(gone, "fail", failures=2, compiled_code="select 1"),
        result(ABOUT, "success"),
        result(ABOUT, "success"),
    ]
    read = next(item for item in _outcome(tmp_path, model("orders"), results=results).results if item.unique_id == gone)
    assert (read.rule_id, read.kind, read.status, read.rows_failed) == (
        "unique_orders_id",
        ResultKind.TEST,
        Status.FAIL,
        2,
    )
    assert (read.node, read.table, read.column) == (None, None, None)


def test_where_failing_rows_can_be_seen(tmp_path: Path) -> None:
    stored = _not_null(config={"store_failures": True}, relation_name='"db"."audit"."t"')
    assert _one(tmp_path, model("orders"), stored).failing_rows_sql == 'select * from "db"."audit"."t"'
    assert _one(tmp_path, model("orders"), _not_null(compiled_code="select 1\n")).failing_rows_sql == "select 1"
    assert _one(tmp_path, model("orders"), _not_null(compiled_code="select 1"), status="pass").failing_rows_sql is None


def test_the_same_results_in_another_order_are_the_same_outcome(tmp_path: Path) -> None:
    nodes = [model("orders"), model("b", ABOUT), _not_null(), node("test.shop.single", ABOUT)]
    results = [result(item["unique_id"], "pass") for item in nodes]
    assert (
        _outcome(tmp_path / "one", *nodes, results=results).results
        == _outcome(tmp_path / "two", *nodes, results=results[::-1]).results
    )


@pytest.mark.parametrize(("status", "shown"), [("success", 1), ("error", 2)])
def test_the_hook_of_the_package_is_no_result_unless_it_broke(tmp_path: Path, status: str, shown: int) -> None:
    hook = "operation.aegis.aegis-on-run-end-0"
    outcome = _outcome(tmp_path, model("orders"), results=[result(ABOUT, "success"), result(hook, status)])
    assert len(outcome.results) == shown


def test_a_result_without_an_id_is_still_named(tmp_path: Path) -> None:
    outcome = _outcome(tmp_path, model("orders"), results=[result(ABOUT, "success"), result("", "success")])
    assert all(item.rule_id for item in outcome.results)
